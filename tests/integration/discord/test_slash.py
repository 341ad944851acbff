"""Slash commands over Discord: acknowledged at once, answered for whoever may see the answer."""

from __future__ import annotations

import asyncio

import pytest

from adapters.messages import Person, Scope
from bot.texts.sentences import say
from tests.discord_server.faults import DropAfter, DropBefore, Status, TooMany
from tests.discord_server.people import ANN, BEN, BOT, LI
from tests.fakes import FakeEngine, felt
from tests.integration.discord.asking import (
    ANSWER,
    OPTIONS,
    all_words,
    by_slash,
    is_whole,
    last_words,
    told,
)
from tests.integration.discord.running import warmline

pytestmark = pytest.mark.usefixtures("quick")

PUBLIC = {"chat", "stop", "retry"}
MANAGERS = {"trend", "settings"}
FEW = 5
LATE = 15 * 60.0 + 1


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path) as running:
        yield running


class Held:
    """A question to the memory that is not answered before `go`."""

    def __init__(self, question):
        self._question = question
        self.go = asyncio.Event()

    async def __call__(self, *what):
        await self.go.wait()
        return await self._question(*what)


@pytest.fixture
def slow(bot, monkeypatch):
    held = Held(bot.store.preferences)
    monkeypatch.setattr(bot.store, "preferences", held)
    return held


async def test_commands_say_in_each_language_what_they_do_and_where_they_can_be_used(api, bot):
    told_ = api.commands[0]
    assert told_.keys() == OPTIONS.keys()
    for name, command in told_.items():
        assert command["name_localizations"].keys() == {"zh-CN", "zh-TW"}
        words = command["description_localizations"]
        assert words.keys() == {"en-GB", "en-US", "zh-CN", "zh-TW"}
        assert words["zh-CN"] != words["en-US"] == command["description"]
        for option in command["options"]:
            assert option["name_localizations"].keys() == {"zh-CN", "zh-TW"}
        managers = name in MANAGERS
        assert command["contexts"] == ([0] if managers else [0, 1, 2])
        assert command["integration_types"] == ([0] if managers else [0, 1])
        assert command["default_member_permissions"] == ("32" if managers else None)


async def test_fault_11_every_command_is_acknowledged_at_once_though_the_memory_is_slow(
    api, bot, slow
):
    for name, options in OPTIONS.items():
        slow.go.clear()
        asked = api.slash(ANN, api.general, name, options)
        await api.until(lambda asked=asked: asked.deferred)
        assert (asked.original.is_loading, asked.is_ephemeral) == (True, name not in PUBLIC)
        api.advance(5)
        slow.go.set()
        await api.until(lambda asked=asked: is_whole(asked.texts))
        assert asked.shown[0] is asked.original
        assert all(one.is_ephemeral == (name not in PUBLIC) for one in asked.shown)


async def test_fault_11_a_model_that_takes_minutes_loses_no_answer(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        asked = api.slash(ANN, api.general, "chat", OPTIONS["chat"])
        await bot.engine.waiting.acquire()
        api.advance(14 * 60)
        going.set()
        await api.until(lambda: asked.texts == [ANSWER])


async def test_chat_is_answered_for_all_and_takes_the_persons_words_alone(api, bot):
    asked = await by_slash(api, ANN, api.general, "chat", text="I lost\nmy keys")
    assert (asked.texts, api.texts(api.general)) == ([ANSWER], [ANSWER])
    assert last_words(bot.engine.streamed[-1]) == "Ann: I lost\n  my keys"
    await by_slash(api, BEN, api.general, "chat", text="poor Ann")
    assert "Ann: I lost\n  my keys" in all_words(bot.engine.streamed[-1])
    await told(api, ANN, api.general, f"{BOT.mention} and now?")
    assert "ben: poor Ann" in all_words(bot.engine.streamed[-1])


@pytest.mark.parametrize("name", ["privacy", "export"])
async def test_fault_11_an_expired_token_leads_a_personal_answer_to_the_private_chat(
    api, bot, slow, name
):
    asked = api.slash(ANN, api.general, name)
    await api.until(lambda: asked.deferred)
    api.advance(LATE)
    slow.go.set()
    private = api.dm(ANN)
    await api.until(lambda: len(api.texts(private)) == (2 if name == "export" else 1))
    assert api.texts(api.general) == asked.texts == []
    assert api.count("POST", f"/channels/{private.id}/messages") == len(api.texts(private))
    assert api.count("PATCH", "/messages/@original") == 1


async def test_fault_11_an_expired_token_leads_a_public_answer_to_the_channel(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        api.slash(ANN, api.general, "chat", OPTIONS["chat"])
        await bot.engine.waiting.acquire()
        api.advance(LATE)
        going.set()
        await api.until(lambda: api.texts(api.general) == [ANSWER])
        assert api.count("POST", f"/channels/{api.general.id}/messages") == 1
    assert api.texts(api.general) == [ANSWER]


async def test_fault_11_a_token_that_expires_in_the_middle_of_an_answer_ends_it_all_the_same(
    api, tmp_path
):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on.")):
        asked = api.slash(ANN, api.general, "chat", OPTIONS["chat"])
        await api.until(lambda: asked.texts == ["I hear you."])
        api.advance(LATE)
        going.set()
        await api.until(lambda: api.texts(api.general) == ["I hear you. Go on."])
    assert asked.texts == ["I hear you. Go on."]  # the bot may change what it has said there


async def test_fault_11_where_the_private_chat_is_shut_it_is_tried_once(api, bot, slow):
    api.shut_dm(ANN)
    asked = api.slash(ANN, api.general, "privacy")
    await api.until(lambda: asked.deferred)
    api.advance(LATE)
    slow.go.set()
    there = f"/channels/{api.dm(ANN).id}/messages"
    await api.until(lambda: [call.status for call in api.calls_of("POST", there)] == [403])
    await by_slash(api, ANN, api.general, "help")
    assert api.count("POST", there) == 1


async def test_fault_11_a_command_that_reaches_the_bot_too_late_is_answered_elsewhere(api, bot):
    """10062 on the first answer."""
    api.slash(ANN, api.general, "chat", OPTIONS["chat"], ago=4)
    await api.until(lambda: api.texts(api.general) == [ANSWER])
    api.slash(ANN, api.general, "privacy", ago=4)
    await api.until(lambda: is_whole(api.texts(api.dm(ANN))))
    assert [call.status for call in api.calls_of("POST", "/callback")] == [404, 404]
    assert api.count("PATCH", "/messages/@original") == 0
    assert api.texts(api.general) == [ANSWER]


@pytest.mark.parametrize("fault", [DropBefore(), DropAfter(), Status(502), TooMany(0.1)])
async def test_an_acknowledgement_that_goes_wrong_loses_no_answer_and_doubles_none(api, bot, fault):
    api.fail("POST", "/callback", fault)
    asked = await by_slash(api, ANN, api.general, "chat")
    assert (asked.texts, api.texts(api.general)) == ([ANSWER], [ANSWER])
    assert asked.shown == [asked.original]


async def test_a_command_that_the_gateway_brings_twice_is_answered_once(api, bot):
    asked = await by_slash(api, ANN, api.general, "chat")
    api.repeat("INTERACTION_CREATE")
    await api.until(lambda: api.count("POST", "/callback") == 2)
    await by_slash(api, ANN, api.general, "help")
    assert (asked.texts, api.texts(api.general)) == ([ANSWER], [ANSWER])
    assert len(bot.engine.streamed) == 1


async def test_a_command_that_is_stopped_before_its_first_word_leaves_nobody_waiting(api, tmp_path):
    """Or Discord would say after a while that the application did not respond."""
    async with warmline(api, tmp_path, FakeEngine(asyncio.Event(), "Never.")) as bot:
        asked = api.slash(ANN, api.general, "chat", OPTIONS["chat"])
        await bot.engine.waiting.acquire()
        stop = await by_slash(api, ANN, api.general, "stop")
        assert stop.texts == [say("en", "commands.stopped")]
        await api.until(lambda: asked.original.deleted)


async def test_a_command_where_nobody_is_let_in_leaves_nobody_waiting(api, tmp_path):
    async with warmline(api, tmp_path, access={"mode": "list"}):
        asked = api.slash(ANN, api.general, "chat", OPTIONS["chat"])
        await api.until(lambda: asked.deferred and asked.original.deleted)


async def test_stop_ends_the_answer_that_is_shown(api, tmp_path):
    async with warmline(
        api, tmp_path, FakeEngine(" I hear you. Go", asyncio.Event(), " on.")
    ) as bot:
        asked = api.slash(ANN, api.general, "chat", OPTIONS["chat"])
        await api.until(lambda: asked.texts == ["I hear you."])
        await by_slash(api, ANN, api.general, "stop")
        await api.until(lambda: bot.engine.stopped == 1)
        assert asked.texts == ["I hear you."]


async def test_retry_answers_the_last_message_of_the_person_alone(api, bot):
    await by_slash(api, ANN, api.general, "chat")
    other = await by_slash(api, BEN, api.general, "retry")
    assert other.texts == [say("en", "commands.nothing_to_retry")]
    bot.engine.reply = (" Another answer.",)
    own = await by_slash(api, ANN, api.general, "retry")
    assert own.texts == ["Another answer."]
    assert last_words(bot.engine.streamed[-1]) == "Ann: I lost my keys"


async def test_memory_and_language_are_chosen_for_the_person_alone(api, bot):
    off = await by_slash(api, ANN, api.general, "memory", choice="off")
    assert off.texts == [say("en", "memory.turned_off")]
    zh = await by_slash(api, ANN, api.general, "language", language="zh")
    assert zh.texts == [say("zh", "commands.language_set")]
    ann = await bot.store.preferences("discord", str(ANN.id))
    assert (ann.mood_memory, ann.language) == ("off", "zh")
    ben = await bot.store.preferences("discord", str(BEN.id))
    assert (ben.mood_memory, ben.language) == ("", "")
    assert (
        (await by_slash(api, ANN, api.general, "help"))
        .texts[0]
        .startswith(say("zh", "commands.help"))
    )


async def test_a_client_in_chinese_is_answered_in_chinese(api, bot):
    asked = await by_slash(api, LI, api.general, "mood")
    assert asked.texts[0] == say("zh", "commands.mood_few", n=0, days=7, needed=5)


async def test_mood_counts_what_the_person_said_everywhere_and_nobody_elses(api, bot):
    await told(api, ANN, api.dm(ANN), "I lost my keys")
    await by_slash(api, ANN, api.general, "chat")
    await by_slash(api, BEN, api.general, "chat")
    asked = await by_slash(api, ANN, api.general, "mood")
    assert asked.texts == [say("en", "commands.mood_few", n=2, days=7, needed=5)]
    assert asked.is_ephemeral


async def test_export_hands_over_the_persons_own_words_to_her_alone(api, bot):
    await by_slash(api, ANN, api.general, "chat")
    await by_slash(api, BEN, api.general, "chat", text="my secret")
    asked = api.slash(ANN, api.general, "export")
    await api.until(lambda: len(asked.shown) == 2)
    files = [file for one in asked.shown for file in one.attachments]
    assert [file.name.rpartition(".")[2] for file in files] == ["json", "md"]
    assert all(b"I lost my keys" in f.content and b"my secret" not in f.content for f in files)
    assert all(one.is_ephemeral and one.seen_by == ANN for one in asked.shown)


async def test_only_those_who_manage_the_server_are_shown_trend_and_settings(api, bot):
    api.add_member(api.home, BEN)
    for name in MANAGERS:
        with pytest.raises(AssertionError, match="isn't shown"):
            api.slash(BEN, api.general, name)
        api.commands[0][name]["default_member_permissions"] = None  # a server may show them
        refused = await by_slash(api, BEN, api.general, name)
        assert refused.texts == [say("en", "commands.managers_only")]
    api.add_member(api.home, BEN, roles=[api.add_role(api.home, "Hosts", ["manage_guild"])])
    allowed = await by_slash(api, BEN, api.general, "settings")
    assert allowed.texts[0].startswith(say("en", "commands.settings"))
    assert allowed.is_ephemeral


async def test_what_is_for_one_person_is_not_told_to_all_by_way_of_chat(api, bot):
    for name in ("export", "mood", "forget"):
        asked = await by_slash(api, ANN, api.general, "chat", text=f"/{name}")
        assert asked.texts == [say("en", "commands.private_only", command=name)]


async def test_where_the_bot_may_not_write_a_command_is_answered_all_the_same(api, bot):
    api.deny(api.general, "send_messages", "attach_files")
    asked = await by_slash(api, ANN, api.general, "chat", text="hello")
    assert asked.texts == [ANSWER]
    assert (await by_slash(api, ANN, api.general, "export")).shown[0].attachments


async def test_trend_shows_a_picture_and_numbers_to_who_asked_alone(api, bot):
    for number in range(FEW):
        for days_ago in (2, 3, 4):
            await felt(
                bot.store,
                0.5,
                days_ago=days_ago,
                user=f"{number}",
                scope=Scope("discord", str(api.general.id)),
                person=Person("discord", f"{number}"),
                private=False,
                server=str(api.home.id),
            )
    asked = api.slash(ANN, api.general, "trend", {"where": "channel", "days": "7"})
    await api.until(lambda: is_whole(asked.texts) and len(asked.shown) == 2)
    told_, picture = asked.shown
    assert told_.content.startswith(say("en", "commands.trend_channel"))
    assert picture.attachments[0].content.startswith(b"\x89PNG")
    assert told_.is_ephemeral
    assert picture.is_ephemeral
    assert api.texts(api.general) == []


async def test_in_private_no_answer_is_hidden(api, bot):
    """An ephemeral message would be gone when the person comes back."""
    for name in ("chat", "mood", "privacy", "forget"):
        assert not (await by_slash(api, ANN, api.dm(ANN), name)).is_ephemeral


async def test_a_person_may_bring_the_bot_where_it_is_no_member(api, bot):
    away = api.add_guild("Away", has_bot=False)
    channel = next(iter(away.channels.values()))
    for place in (channel, api.add_thread(channel, "a thread"), api.private_chat(ANN, BEN)):
        asked = api.slash(ANN, place, "chat", OPTIONS["chat"], user_install=True)
        await api.until(lambda asked=asked: asked.texts == [ANSWER])
        assert not asked.is_ephemeral
        mine = api.slash(ANN, place, "privacy", user_install=True)
        await api.until(lambda mine=mine: is_whole(mine.texts))
        assert mine.is_ephemeral
    assert all("keys" not in all_words(p).replace(last_words(p), "") for p in bot.engine.streamed)


async def test_fault_11_where_the_bot_is_no_member_a_late_answer_comes_in_private(api, bot):
    away = api.add_guild("Away", has_bot=False)
    channel = next(iter(away.channels.values()))
    api.slash(ANN, channel, "chat", OPTIONS["chat"], user_install=True, ago=4)
    await api.until(lambda: api.texts(api.dm(ANN)) == [ANSWER])
