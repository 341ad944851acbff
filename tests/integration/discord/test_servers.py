"""Servers: every kind of channel has its own conversation, and its managers have their say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.texts.sentences import say
from tests.discord_server.people import ANN, BEN, BOT, HOOK, OTHER_BOT
from tests.discord_server.places import Kind
from tests.fakes import FakeEngine
from tests.integration.discord.asking import (
    ANSWER,
    all_words,
    by_slash,
    is_whole,
    last_words,
    told,
)
from tests.integration.discord.running import warmline
from tests.integration.telegram.processes import rows

pytestmark = pytest.mark.usefixtures("quick", "any_words")

HELLO = f"{BOT.mention} hello"
LABELS = "SELECT count(*) FROM labels"


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path) as running:
        yield running


def places(api):
    """One of every kind of place where people write, with the bot in it."""
    voice = api.add_channel(api.home, "Talk", Kind.VOICE)
    forum = api.add_channel(api.home, "questions", Kind.FORUM)
    return {
        "channel": api.general,
        "thread": api.add_thread(api.general, "a thread"),
        "private thread": api.add_thread(api.general, "a quiet thread", private=True),
        "voice": voice,
        "post": api.add_post(forum, BEN, "Keys", "who found keys?").channel,
        "private": api.dm(ANN),
    }


async def test_fault_1_every_place_is_answered_there_and_has_its_own_history(api, bot):
    found = places(api)
    for name, place in found.items():
        assert (await told(api, ANN, place, f"{BOT.mention} I am in the {name}")).channel is place
    for name, place in found.items():
        await told(api, ANN, place, f"{BOT.mention} again")
        words = all_words(bot.engine.streamed[-1])
        assert [other for other in found if f"I am in the {other}\n" in words] == [name]
        assert api.texts(place) == [ANSWER, ANSWER]


async def test_fault_1_a_command_in_a_thread_is_confirmed_in_the_thread(api, bot):
    thread = api.add_thread(api.general, "a thread")
    asked = await by_slash(api, ANN, thread, "chat")
    assert (asked.texts, api.texts(thread), api.texts(api.general)) == ([ANSWER], [ANSWER], [])
    stop = await by_slash(api, ANN, thread, "stop")
    assert stop.shown[0].channel is thread
    await told(api, ANN, thread, f"{BOT.mention} and now?")
    assert "I lost my keys" in all_words(bot.engine.streamed[-1])


async def test_a_forum_post_that_mentions_the_bot_is_answered_in_the_post(api, bot):
    forum = api.add_channel(api.home, "questions", Kind.FORUM)
    post = api.add_post(forum, ANN, "Keys", f"{BOT.mention} I lost my keys")
    await api.until(lambda: api.texts(post.channel) == [ANSWER])
    assert api.messages(post.channel)[0].replied is post


async def test_a_thread_that_began_before_the_bot_came_is_answered_too(api, tmp_path):
    thread = api.add_thread(api.general, "older")
    async with warmline(api, tmp_path):
        assert (await told(api, ANN, thread, HELLO)).content == ANSWER


async def test_fault_12_private_and_server_histories_never_meet(api, bot):
    away = api.add_guild("Away")
    there = next(iter(away.channels.values()))
    said = {
        "a private secret": (ANN, api.dm(ANN)),
        "another private secret": (BEN, api.dm(BEN)),
        "words at home": (ANN, api.general),
        "words elsewhere": (ANN, there),
    }
    for words, (who, place) in said.items():
        await told(api, who, place, f"{BOT.mention} {words}")
        await by_slash(api, who, place, "chat", text=f"{words} by slash")
    for words, (who, place) in said.items():
        await told(api, who, place, f"{BOT.mention} again")
        prompt = all_words(bot.engine.streamed[-1])
        assert [other for other in said if f"{other} by slash" in prompt] == [words]
    for prompt in bot.engine.scored + bot.engine.streamed:
        assert (
            sum(f" {words}" in f" {all_words(prompt)}" for words in said if "another" not in words)
            <= 2
        )
    keys = {prompt.conversation for prompt in bot.engine.streamed}
    assert len(keys) == len(said)


async def test_fault_2_the_words_that_are_replied_to_are_seen(api, bot):
    private = api.dm(ANN)
    first = await told(api, ANN, private, "I lost my keys")
    other = api.say(ANN, private, "the blue ones")
    await api.until(lambda: len(api.texts(private)) == 2)
    await told(api, ANN, private, "these", reply_to=other)
    assert last_words(bot.engine.streamed[-1]) == "> the blue ones\nthese"
    await told(api, ANN, private, "thank you", reply_to=first)
    assert last_words(bot.engine.streamed[-1]) == "thank you"  # its own words are in the history


async def test_fault_2_in_a_server_they_are_seen_with_message_content(api, tmp_path):
    api.privileged.add("message_content")
    async with warmline(api, tmp_path, message_content=True) as bot:
        said = api.say(BEN, api.general, f"I found keys, says {ANN.mention}\nin the bus")
        await told(api, ANN, api.general, f"{BOT.mention} are they mine?", reply_to=said)
        assert last_words(bot.engine.streamed[-1]) == (
            "> I found keys, says @Ann\n> in the bus\nAnn: are they mine?"
        )


async def test_fault_3_an_edit_before_words_show_is_what_is_answered(api, tmp_path):
    async with warmline(api, tmp_path, chat={"patience": 0.3}) as bot:
        for place in (api.dm(ANN), api.general):
            said = api.say(ANN, place, f"{BOT.mention} I lost my kees")
            api.edit(said, f"{BOT.mention} I lost my keys")
            await api.until(lambda place=place: api.texts(place) == [ANSWER])
            assert "kees" not in all_words(bot.engine.streamed[-1])
            assert "I lost my keys" in last_words(bot.engine.streamed[-1])


async def test_an_edit_of_what_is_answered_and_a_links_preview_are_met_with_silence(api, bot):
    said = api.say(ANN, api.general, HELLO)
    await api.until(lambda: api.texts(api.general) == [ANSWER])
    api.edit(said, f"{BOT.mention} goodbye")
    api.unfurl(said, {"type": "link", "url": "https://a.example"})
    await by_slash(api, ANN, api.general, "help")
    assert (api.texts(api.general), len(bot.engine.streamed)) == ([ANSWER], 1)


async def test_fault_14_bots_and_webhooks_wake_nobody(api, bot):
    answer = await told(api, ANN, api.general, HELLO)
    for other in (OTHER_BOT, HOOK):
        api.say(other, api.general, HELLO)
        api.say(other, api.general, "and you?", reply_to=answer)
    await told(api, ANN, api.general, HELLO)
    assert len(bot.engine.streamed) == 2


@pytest.mark.parametrize("content", [True, False])
async def test_the_bots_own_role_calls_it_and_another_role_does_not(api, tmp_path, content):
    """Discord shows the words of such a message only to who may read all."""
    api.privileged.add("message_content")
    hosts = api.add_role(api.home, "Hosts", mentionable=True)
    api.add_member(api.home, BOT, roles=[api.home.bot_role, hosts])
    async with warmline(api, tmp_path, message_content=content):
        api.say(ANN, api.general, f"{hosts.mention} hello")
        answer = await told(api, ANN, api.general, f"{api.home.bot_role.mention} hello")
        assert answer.content == (ANSWER if content else say("en", "turn.hidden"))
        assert len(api.texts(api.general)) == 1


async def test_a_channel_that_is_listened_to_is_answered_without_a_mention(api, tmp_path):
    api.privileged.add("message_content")
    heard, other = api.general, api.add_channel(api.home, "other")
    thread = api.add_thread(heard, "a thread")
    api.add_member(api.home, BEN)
    channels = frozenset({str(heard.id)})
    async with warmline(api, tmp_path, message_content=True, channels=channels) as bot:
        api.say(ANN, other, "not for you")
        api.say(ANN, heard, f"{BEN.mention} nor this")
        assert (await told(api, ANN, heard, "I lost my keys")).content == ANSWER
        assert (await told(api, BEN, thread, "me too")).content == ANSWER
        assert [last_words(p) for p in bot.engine.streamed] == [
            "Ann: I lost my keys",
            "ben: me too",
        ]


async def test_quick_messages_of_one_person_are_answered_as_one(api, tmp_path):
    async with warmline(api, tmp_path, chat={"patience": 0.3}) as bot:
        parts = [api.say(ANN, api.dm(ANN), part) for part in ("I lost", "my keys", "today")]
        await api.until(lambda: api.texts(api.dm(ANN)) == [ANSWER])
        assert last_words(bot.engine.streamed[-1]) == "I lost\nmy keys\ntoday"
        await by_slash(api, ANN, api.dm(ANN), "help")
        assert len(bot.engine.streamed) == 1
        assert api.messages(api.dm(ANN))[0].replied in parts


async def test_settings_say_in_which_channels_is_answered(api, bot):
    other = api.add_channel(api.home, "other")
    thread = api.add_thread(other, "a thread")
    done = await by_slash(api, ANN, api.general, "settings", channels=other.mention)
    assert done.texts == [
        f"{say('en', 'commands.settings_done')}\n"
        + say("en", "commands.settings_channels", channels=other.mention)
    ]
    api.say(ANN, api.general, HELLO)
    vanished = api.slash(ANN, api.general, "chat", {"text": "hello"})
    assert (await told(api, ANN, other, HELLO)).content == ANSWER
    assert (await told(api, ANN, thread, HELLO)).content == ANSWER
    await api.until(lambda: vanished.deferred and vanished.original.deleted)
    assert (await by_slash(api, ANN, api.general, "help")).is_ephemeral
    assert api.texts(api.general) == []
    await by_slash(api, ANN, api.general, "settings", channels="all")
    assert (await told(api, ANN, api.general, HELLO)).content == ANSWER


async def test_settings_can_be_typed_as_well(api, bot):
    """Where Discord turns "#other" into a mark."""
    other = api.add_channel(api.home, "other")
    done = await told(api, ANN, api.general, f"{BOT.mention} /settings channels {other.mention}")
    assert say("en", "commands.settings_channels", channels=other.mention) in done.content
    refused = await told(api, BEN, other, f"{BOT.mention} /settings channels all")
    assert refused.content == say("en", "commands.managers_only")


async def test_settings_end_the_memory_of_moods_in_a_server_and_there_alone(api, bot, tmp_path):
    await by_slash(api, ANN, api.general, "settings", moods="off")
    await told(api, ANN, api.general, HELLO)
    await told(api, ANN, api.dm(ANN), "hello")
    await api.until(lambda: rows(tmp_path, LABELS) == [(1,)])
    await by_slash(api, ANN, api.general, "settings", moods="on")
    await told(api, ANN, api.general, HELLO)
    await api.until(lambda: rows(tmp_path, LABELS) == [(2,)])


async def test_in_quiet_hours_only_commands_and_people_in_danger_are_answered(api, bot):
    now = datetime.now(UTC)
    hours = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M} UTC"
    done = await by_slash(api, ANN, api.general, "settings", quiet=hours)
    assert done.texts[0].startswith(say("en", "commands.settings_done"))
    api.say(ANN, api.general, HELLO)
    assert (await by_slash(api, BEN, api.general, "privacy")).texts
    danger = await told(api, BEN, api.general, f"{BOT.mention} I want to kill myself")
    assert "findahelpline.com" in danger.content
    assert (await told(api, ANN, api.dm(ANN), "hello")).content == ANSWER
    await by_slash(api, ANN, api.general, "settings", quiet="off")
    assert (await told(api, ANN, api.general, HELLO)).content == ANSWER
    assert len(api.texts(api.general)) == 2


async def test_trend_and_settings_are_nothing_for_private_chats(api, bot):
    with pytest.raises(AssertionError, match="isn't for here"):
        api.slash(ANN, api.dm(ANN), "trend")
    typed = await told(api, ANN, api.dm(ANN), "/settings")
    assert typed.content == say("en", "commands.server_only")


async def test_one_slow_answer_delays_no_other_channel(api, tmp_path):
    never, engine = asyncio.Event(), FakeEngine()
    engine.reply = lambda prompt: [never, "Late."] if "slow" in last_words(prompt) else ["Quick."]
    async with warmline(api, tmp_path, engine):
        api.say(ANN, api.general, f"{BOT.mention} a slow one")
        await engine.waiting.acquire()
        thread = api.add_thread(api.general, "a thread")
        assert (await told(api, BEN, thread, HELLO)).content == "Quick."
        assert (await by_slash(api, BEN, api.dm(BEN), "chat")).texts == ["Quick."]
        assert not is_whole(api.texts(api.general))
        never.set()
        await api.until(lambda: api.texts(api.general) == ["Late."])
