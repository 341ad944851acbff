"""Many chats at once, and what belongs together in one."""

from __future__ import annotations

import asyncio

import pytest

from bot.texts.sentences import say
from storage.records import State
from tests.fakes import FakeEngine
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import warmline
from tests.telegram_server import messages
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN, BEN, GROUP, LI

pytestmark = pytest.mark.usefixtures("quick")


def asked(prompt):
    return prompt.messages[-2].content


def words(prompt):
    return "\n".join(message.content for message in prompt.messages)


async def test_a_slow_answer_delays_no_other_chat(api, tmp_path):
    never = asyncio.Event()
    engine = FakeEngine()
    engine.reply = lambda prompt: [never, "Late."] if "slow" in asked(prompt) else ["Quick."]
    async with warmline(api, tmp_path, engine):
        api.feed(text("a slow one", ANN))
        await engine.waiting.acquire()
        api.feed(text("hello", BEN))
        api.feed(text("@warmline_bot hello", LI, GROUP))
        await api.until(lambda: api.texts(BEN.id) == ["Quick."] == api.texts(GROUP.id))
        assert api.texts(ANN.id) == []
        never.set()
        await api.until(lambda: api.texts(ANN.id) == ["Late."])


async def test_one_chat_is_answered_in_order(api, tmp_path):
    engine = FakeEngine()
    first = asyncio.Event()
    engine.reply = lambda prompt: [first, "One."] if "one" in asked(prompt) else ["Two."]
    async with warmline(api, tmp_path, engine):
        api.feed(text("@warmline_bot one", ANN, GROUP))
        await engine.waiting.acquire()
        api.feed(text("@warmline_bot two", BEN, GROUP))
        await api.until(lambda: not api.pending())
        await asyncio.sleep(0.2)
        assert len(engine.streamed) == 1
        first.set()
        await api.until(lambda: api.texts(GROUP.id) == ["One.", "Two."])
        assert "One." in words(engine.streamed[1])


async def test_quick_messages_of_one_person_are_answered_as_one(api, tmp_path):
    async with warmline(api, tmp_path, chat={"patience": 0.3}) as bot:
        for part in ("I lost my keys", "on the bus", "yesterday"):
            api.feed(text(part))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        (prompt,) = bot.engine.streamed
        assert asked(prompt).splitlines()[-3:] == ["I lost my keys", "on the bus", "yesterday"]
        await api.until(lambda: not api.pending())
        await asyncio.sleep(0.3)
        assert api.texts(ANN.id) == ["I hear you."]


async def test_fault_3_an_edit_before_the_answer_shows_is_what_is_answered(api, tmp_path):
    async with warmline(api, tmp_path, chat={"patience": 0.3}) as bot:
        first = text("I lost my kees")
        api.feed(first)
        api.feed(messages.edited(first, "I lost my keys"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        assert "kees" not in words(bot.engine.streamed[-1])
        assert "I lost my keys" in asked(bot.engine.streamed[-1])


async def test_fault_12_two_private_chats_never_mix(api, tmp_path):
    engine = FakeEngine()
    engine.reply = lambda prompt: ["Keys." if "keys" in asked(prompt) else "Rome."]
    async with warmline(api, tmp_path, engine):
        for _ in range(2):
            api.feed(text("I lost my keys", ANN))
            api.feed(text("I moved to Rome", BEN))
            await api.until(lambda: not api.pending())
        api.feed(text("@warmline_bot hello", ANN, GROUP))
        await api.until(lambda: len(api.texts(GROUP.id)) == 1 and len(api.texts(ANN.id)) == 2)
        await api.until(lambda: len(api.texts(BEN.id)) == 2)
    assert api.texts(ANN.id) == ["Keys."] * 2
    assert api.texts(BEN.id) == ["Rome."] * 2
    for prompt in [*engine.scored, *engine.streamed]:
        both = words(prompt)
        assert not ("keys" in both and "Rome" in both)
    (group,) = [prompt for prompt in engine.streamed if "hello" in asked(prompt)]
    assert "keys" not in words(group)


@pytest.mark.parametrize("stop", ["/stop", "stop", "Stop!", "停"])
async def test_fault_10_a_stop_in_the_middle_stops_at_once(api, tmp_path, stop):
    engine = FakeEngine(" I hear you. Go", asyncio.Event(), " on.")
    async with warmline(api, tmp_path, engine):
        api.feed(text("I lost my keys"))
        await engine.waiting.acquire()
        api.feed(text(stop))
        await api.until(
            lambda: sorted(api.texts(ANN.id)) == sorted([_stopped(stop), "I hear you."])
        )
        assert engine.stopped == 1
        engine.reply = (" A whole answer.",)
        api.feed(text("hello"))
        await api.until(lambda: "A whole answer." in api.texts(ANN.id))
        assert "I hear you." in words(engine.streamed[-1])  # what was shown is kept
        assert rows(tmp_path, "SELECT reply FROM turns ORDER BY id")[0] == ("I hear you.",)


def _stopped(stop):
    return say("zh" if stop == "停" else "en", "commands.stopped")


async def test_fault_10_a_stop_before_the_first_word_and_then_a_whole_answer(api, tmp_path):
    engine = FakeEngine(asyncio.Event(), "Never.")
    async with warmline(api, tmp_path, engine):
        api.feed(text("I lost my keys"))
        await engine.waiting.acquire()
        api.feed(text("/stop"))
        await api.until(lambda: api.texts(ANN.id) == [say("en", "commands.stopped")])
        engine.reply = (" A whole answer.",)
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id)[1:] == ["A whole answer."])


async def test_fault_10_a_stop_with_nothing_to_stop_and_then_a_whole_answer(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(text("/stop"))
        await api.until(lambda: api.texts(ANN.id) == [say("en", "commands.nothing_to_stop")])
        api.feed(text("stop"))  # to nobody: words like any others
        await api.until(lambda: api.texts(ANN.id)[1:] == ["I hear you."])
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id)[2:] == ["I hear you."])


async def test_a_place_in_the_queue_is_shown_and_then_replaced(api, tmp_path):
    engine, going = FakeEngine(), asyncio.Event()
    engine.reply = lambda prompt: [going, "Late."] if "slow" in asked(prompt) else ["Quick."]
    async with warmline(api, tmp_path, engine, chat={"places": 1}):
        api.feed(text("a slow one", ANN))
        await engine.waiting.acquire()
        api.feed(text("@warmline_bot hello", BEN, GROUP))
        (line,) = await api.until(lambda: api.texts(GROUP.id))
        assert line == say("en", "turn.waiting_unknown", n=1)
        (shown,) = api.messages(GROUP.id)
        going.set()
        await api.until(lambda: api.texts(GROUP.id) == ["Quick."])
        assert [one.message_id for one in api.messages(GROUP.id)] == [shown.message_id]


async def test_a_full_queue_is_told(api, tmp_path):
    engine, going = FakeEngine(), asyncio.Event()
    engine.reply = [going, "Late."]
    async with warmline(api, tmp_path, engine, chat={"places": 1, "queue": 1}):
        api.feed(text("hello", ANN))
        await engine.waiting.acquire()
        api.feed(text("hello", BEN))
        await api.until(lambda: bool(api.drafts))
        api.feed(text("hello", LI))
        await api.until(lambda: api.texts(LI.id) == [say("en", "turn.busy")])
        going.set()
        await api.until(lambda: api.texts(ANN.id) == ["Late."] == api.texts(BEN.id))


async def test_what_was_answered_is_answered_in_the_memory(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        turn = await bot.store.last_answered("telegram", str(ANN.id), "", str(ANN.id))
        assert turn
        assert (turn.state, turn.text, turn.reply) == (State.ANSWERED, "hello", "I hear you.")
