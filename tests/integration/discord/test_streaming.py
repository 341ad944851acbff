"""Answers that show while they are written, within what Discord allows, once."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from adapters import delivery
from adapters.discord import answers, channel
from bot.texts.sentences import say
from tests.discord_server.faults import DropAfter, DropBefore, Status, TooMany
from tests.discord_server.messages import REPLY
from tests.discord_server.people import ANN, BEN, BOT
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER, by_slash, told
from tests.integration.discord.running import warmline
from tests.integration.telegram.speaking import cut, speaking

pytestmark = pytest.mark.usefixtures("any_words")

WORDS = "That hurts. Keys go astray. It is late. I hear you, Ann."
PIECES = cut(WORDS, 8)
HELLO = f"{BOT.mention} hello"
NEW, CHANGED = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
LONG = "\n\n".join(f"{number}. " + "All will be well. " * 30 for number in range(1, 12)).strip()
CODE = (
    "Look:\n```python\n"
    + "\n".join(f"line_{n} = {n}  # of many" for n in range(150))
    + "\n```\nDone."
)


def shown_at(api):
    """When something was shown in the channel or changed, in order."""
    return sorted(
        call.time
        for call in [*api.calls_of("POST", NEW), *api.calls_of("PATCH", NEW)]
        if call.route in (NEW, CHANGED)
    )


def bodies(api):
    """What was asked to be shown, in order."""
    found = [*api.calls_of("POST", NEW), *api.calls_of("PATCH", NEW)]
    found = [call for call in found if call.route in (NEW, CHANGED)]
    return [call.body["content"] for call in sorted(found, key=lambda call: call.time)]


async def test_a_channel_is_asked_within_its_budget_whoever_speaks(api, tmp_path):
    api.limit("POST", NEW, 5, 5.0)
    api.limit("PATCH", CHANGED, 5, 5.0)
    async with warmline(api, tmp_path, speaking(cut(WORDS, 2), 0.12)):
        api.say(ANN, api.general, HELLO)
        api.say(BEN, api.general, HELLO)
        await api.until(lambda: api.texts(api.general) == [WORDS] * 2, 30)
    assert api.violations == []
    times = shown_at(api)
    assert len(times) >= 6
    assert min(b - a for a, b in itertools.pairwise(times)) > 1.0


async def test_other_channels_do_not_wait_for_a_busy_one(api, tmp_path):
    async with warmline(api, tmp_path, speaking(cut(WORDS, 2), 0.05)):
        for _ in range(3):
            api.say(ANN, api.general, HELLO)
        await api.until(lambda: bool(api.texts(api.general)))
        api.say(BEN, api.dm(BEN), "hello")
        await api.until(lambda: api.texts(api.dm(BEN)) == [WORDS])
        assert api.texts(api.general) != [WORDS] * 3


async def test_a_command_is_not_held_up_by_an_answer_in_its_channel(api, tmp_path, monkeypatch):
    monkeypatch.setattr(answers, "_CHANNEL_SECONDS", 2.0)
    async with warmline(api, tmp_path):
        api.say(ANN, api.general, HELLO)
        await api.until(lambda: api.texts(api.general) == ["…"])
        await by_slash(api, BEN, api.general, "help")
        assert api.texts(api.general) == ["…"]
        await api.until(lambda: api.texts(api.general) == [ANSWER])


@pytest.mark.usefixtures("quick")
async def test_an_answer_grows_in_one_message_from_a_placeholder_to_its_end(api, tmp_path):
    async with warmline(api, tmp_path, speaking(PIECES, 0.06)):
        api.say(ANN, api.dm(ANN), "hello")
        await api.until(lambda: api.texts(api.dm(ANN)) == [WORDS])
        (message,) = api.messages(api.dm(ANN))
    assert message.versions[0] == "…"
    assert message.versions[-1] == WORDS
    assert len(message.versions) > 3
    assert all(WORDS.startswith(shown) for shown in message.versions[1:])


@pytest.mark.usefixtures("quick")
async def test_without_streaming_an_answer_is_one_call(api, tmp_path):
    async with warmline(api, tmp_path, speaking(PIECES, 0.02), stream="off"):
        await told(api, ANN, api.general, HELLO)
        assert bodies(api) == [WORDS]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "fault", [TooMany(0.6), TooMany(0.6, is_global=True), DropAfter(), DropBefore()]
)
async def test_fault_5_the_last_edit_lands_once_whatever_happens_to_it(api, tmp_path, fault):
    api.fail("PATCH", CHANGED, fault, when=lambda call: call.body["content"] == WORDS)
    async with warmline(api, tmp_path, speaking(PIECES, 0.05)):
        api.say(ANN, api.general, HELLO)
        await api.until(lambda: api.texts(api.general) == [WORDS])
        await by_slash(api, ANN, api.general, "help")
    assert (api.texts(api.general), api.violations) == ([WORDS], [])


@pytest.mark.usefixtures("quick")
async def test_fault_5_trouble_in_the_middle_costs_no_word(api, tmp_path):
    api.fail("PATCH", CHANGED, TooMany(0.2), Status(503), TooMany(0.2), DropBefore())
    api.fail("POST", "/typing", Status(502), TooMany(3))
    async with warmline(api, tmp_path, speaking(PIECES, 0.2)):
        api.say(ANN, api.general, HELLO)
        await api.until(lambda: api.texts(api.general) == [WORDS])
    assert (api.count("POST", NEW), api.violations) == (1, [])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("text", [LONG, CODE])
async def test_fault_6_a_reply_longer_than_a_message_is_there_once_and_whole(api, tmp_path, text):
    async with warmline(api, tmp_path, speaking(cut(text, 400), 0.01)):
        api.say(ANN, api.general, HELLO)
        end = text[-30:].strip()
        await api.until(
            lambda: api.texts(api.general)[-1:] and api.texts(api.general)[-1].endswith(end)
        )
        await by_slash(api, ANN, api.general, "help")
    parts = api.texts(api.general)
    assert len(parts) > 1
    assert all(len(part) <= 2000 for part in parts)
    if text is CODE:
        assert all(part.count("```") % 2 == 0 for part in parts)
        assert all(part.startswith("```python\n") for part in parts[1:])
        parts = [part.removeprefix("```python\n").removesuffix("\n```") for part in parts]
    assert "".join("\n".join(parts).split()) == "".join(text.split())


@pytest.mark.usefixtures("quick")
async def test_fault_6_by_slash_the_rest_follows_the_first_answer(api, tmp_path):
    async with warmline(api, tmp_path, speaking(cut(LONG, 400), 0.01)):
        asked = api.slash(ANN, api.general, "chat", {"text": "hello"})
        await api.until(lambda: "".join("".join(asked.texts).split()) == "".join(LONG.split()))
        await by_slash(api, ANN, api.general, "help")
    assert asked.shown[0] is asked.original
    assert len(asked.shown) == len(api.messages(api.general)) == 4
    assert not any(one.is_ephemeral for one in asked.shown)


@pytest.mark.usefixtures("quick")
async def test_fault_6_a_part_that_was_perhaps_sent_is_not_said_again(api, tmp_path):
    """What follows the first answer to a command takes no nonce. (Streamed, it is the "…".)"""
    api.fail("POST", "/webhooks/", DropAfter())
    async with warmline(api, tmp_path, FakeEngine(LONG), stream="off"):
        asked = api.slash(ANN, api.general, "chat", {"text": "hello"})
        doubt = say("en", "turn.perhaps_sent")
        await api.until(lambda: asked.texts[-1:] == [doubt])
    first, second, _ = asked.texts
    assert LONG.startswith(first)
    assert second in LONG


@pytest.mark.usefixtures("quick")
async def test_typing_is_kept_up_while_the_model_works_and_not_shown_for_a_quick_command(
    api, tmp_path, monkeypatch
):
    usual = delivery.Rhythm
    monkeypatch.setattr(delivery, "Rhythm", lambda: usual(typing_after=0.2, typing_again=0.2))
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")):
        api.say(BEN, api.dm(BEN), "/help")
        await api.until(lambda: len(api.texts(api.dm(BEN))) == 1)
        api.say(ANN, api.dm(ANN), "hello")
        await api.until(lambda: len(api.typing(api.dm(ANN))) == 4)
        going.set()
        await api.until(lambda: api.texts(api.dm(ANN)) == [ANSWER])
        known = len(api.typing(api.dm(ANN)))
        await asyncio.sleep(0.5)
        assert len(api.typing(api.dm(ANN))) == known
    assert api.typing(api.dm(BEN)) == []


def test_typing_is_renewed_before_discord_lets_it_go():
    assert delivery.Rhythm().typing_again < 10 - 2


@pytest.mark.usefixtures("quick")
async def test_an_answer_replies_to_its_message_and_only_its_first_part_does(api, tmp_path):
    async with warmline(api, tmp_path, FakeEngine(LONG)):
        said = api.say(ANN, api.general, HELLO)
        await api.until(lambda: len(api.messages(api.general)) == 4)
        first, *others = api.messages(api.general)
    assert (first.kind, first.replied) == (REPLY, said)
    assert all(one.replied is None for one in others)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("stream", ["edit", "off"])
async def test_fault_8_an_answer_survives_that_its_message_is_deleted(api, tmp_path, stream):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you."), stream=stream) as bot:
        said = api.say(ANN, api.general, HELLO)
        await bot.engine.waiting.acquire()
        api.remove(said)
        going.set()
        await api.until(lambda: api.texts(api.general) == [ANSWER])
        assert [call.status for call in api.calls_of("POST", NEW)] == [200]


@pytest.mark.usefixtures("quick")
async def test_where_the_bot_may_not_read_back_it_answers_without_a_reference(api, tmp_path):
    api.deny(api.general, "read_message_history")
    async with warmline(api, tmp_path):
        assert (await told(api, ANN, api.general, HELLO)).replied is None
        assert [call.status for call in api.calls_of("POST", NEW)] == [400, 200]


@pytest.mark.usefixtures("quick")
async def test_an_answer_that_somebody_deletes_while_it_grows_is_written_anew(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on.")):
        api.say(ANN, api.general, HELLO)
        await api.until(lambda: api.texts(api.general) == ["I hear you."])
        api.remove(api.messages(api.general)[0])
        going.set()
        await api.until(lambda: api.texts(api.general) == ["I hear you. Go on."])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("stream", ["edit", "off"])
async def test_a_message_whose_confirmation_is_lost_is_sent_again_and_there_once(
    api, tmp_path, monkeypatch, stream
):
    monkeypatch.setattr(channel, "_PAUSE_SECONDS", 0.01)
    api.fail("POST", NEW, DropAfter())
    async with warmline(api, tmp_path, stream=stream):
        api.say(ANN, api.general, HELLO)
        await api.until(lambda: api.texts(api.general) == [ANSWER])
        await api.until(lambda: api.count("POST", NEW) == 2)
        first, second = api.calls_of("POST", NEW)
        assert first.body["nonce"] == second.body["nonce"]
        assert first.body["enforce_nonce"] is True
        await told(api, ANN, api.general, HELLO)
        assert len({call.body["nonce"] for call in api.calls_of("POST", NEW)}) == 2
    assert api.texts(api.general) == [ANSWER, ANSWER]


@pytest.mark.usefixtures("quick")
async def test_a_message_that_is_lost_twice_is_not_said_again_and_the_person_is_told(
    api, tmp_path, monkeypatch
):
    monkeypatch.setattr(channel, "_PAUSE_SECONDS", 0.01)
    api.fail("POST", NEW, DropAfter(), DropBefore())
    async with warmline(api, tmp_path, stream="off"):
        api.say(ANN, api.general, HELLO)
        doubt = say("en", "turn.perhaps_sent")
        await api.until(lambda: api.texts(api.general) == [ANSWER, doubt])


PINGING = f"@everyone @here {BEN.mention} and <@&{{role}}> come"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("stream", ["edit", "off"])
async def test_no_word_of_the_model_pings_anybody(api, tmp_path, stream):
    api.add_member(api.home, BEN)
    role = api.add_role(api.home, "Hosts", mentionable=True)
    words = PINGING.format(role=role.id)
    engine = speaking(cut(words, 20), 0.05)
    async with warmline(api, tmp_path, engine, stream=stream):
        await told(api, ANN, api.general, HELLO)
        await api.until(lambda: api.texts(api.general)[0].endswith("come"))
        asked = api.slash(ANN, api.general, "chat", {"text": "hello"})
        await api.until(lambda: asked.texts and asked.texts[0].endswith("come"))
        engine.reply = (LONG + words,)
        long = api.slash(ANN, api.general, "chat", {"text": "hello"})
        await api.until(lambda: len(long.texts) == 4 and long.texts[3].endswith("come"))
        messages = api.messages(api.general)
    assert len(messages) == 6
    assert [one.pings for one in messages] == [[]] * 6
    assert BEN.mention in messages[0].content


@pytest.mark.usefixtures("quick")
async def test_fault_15_lines_stay_and_nothing_empty_is_shown(api, tmp_path):
    async with warmline(api, tmp_path, FakeEngine(" One.\n\n- **two**\n- `three`\n\n\n", "   ")):
        answer = await told(api, ANN, api.general, HELLO)
        assert answer.content == "One.\n\n- **two**\n- `three`"
        assert len(api.messages(api.general)) == 1


@pytest.mark.usefixtures("quick")
async def test_a_place_in_the_queue_is_shown_and_then_replaced(api, tmp_path):
    engine, going = FakeEngine(), asyncio.Event()
    engine.reply = lambda prompt: (
        [going, "Late."] if "slow" in prompt.messages[-2].content else ["Quick."]
    )
    async with warmline(api, tmp_path, engine, chat={"places": 1}):
        api.say(ANN, api.dm(ANN), "a slow one")
        await engine.waiting.acquire()
        asked = api.slash(BEN, api.general, "chat", {"text": "hello"})
        await api.until(lambda: asked.texts and "number 1" in asked.texts[0])
        going.set()
        await api.until(lambda: asked.texts == ["Quick."])
