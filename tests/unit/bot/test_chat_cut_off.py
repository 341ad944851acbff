"""What is kept of an answer that is cut off, by its person or by the end of the process."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from adapters.messages import Finished, Notice, Text
from engine.base import EngineFailed
from storage.errors import DatabaseBusy
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, cancel, chat_on, said, text_of


@pytest.mark.parametrize("closing", [False, True])
async def test_a_reply_that_is_cut_off_is_kept_as_far_as_it_was_shown(closing):
    engine, store = FakeEngine(" I hear you. Go", asyncio.Event(), " on."), MemoryStore()
    chat = chat_on(engine, store)
    task = await begun(engine, chat, said("I lost my keys"))
    if closing:
        chat.close()
    await cancel(task)
    assert (store.state(), store.turns[1]["reply"]) == (State.ANSWERED, "I hear you.")
    assert store.turns[1]["label"] is not None
    assert engine.stopped == 1


async def test_closing_the_events_stops_the_model_and_keeps_what_was_shown():
    engine, store = FakeEngine(" I hear you.", " Go", " on."), MemoryStore()
    async with aclosing(chat_on(engine, store)(said("I lost my keys"))) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    assert (store.state(), store.turns[1]["reply"]) == (State.ANSWERED, "I hear you.")
    assert engine.stopped == 1


@pytest.mark.parametrize("where", ["score", "stream"])
async def test_an_answer_stopped_before_its_first_word_is_declined(where):
    engine, store = FakeEngine(asyncio.Event(), " I hear you."), MemoryStore()
    engine.before_score = [asyncio.Event()] if where == "score" else []
    chat = chat_on(engine, store)
    await cancel(await begun(engine, chat, said("I lost my keys")))
    assert (store.state(), store.turns[1]["failure"]) == (State.DECLINED, "stopped")
    engine.before_score, engine.reply = [], (" I hear you.",)
    assert text_of(await answer(chat, said("and my bag"))) == "I hear you."


async def test_an_answer_cut_off_by_the_end_of_the_process_goes_on_at_the_next_start():
    engine, store = FakeEngine(asyncio.Event(), " I hear you."), MemoryStore()
    chat = chat_on(engine, store)
    task = await begun(engine, chat, said("I lost my keys"))
    chat.close()
    await cancel(task)
    assert store.state() is State.ANSWERING


async def test_a_turn_that_is_written_down_is_not_touched_by_a_late_stop():
    engine, store = FakeEngine(), MemoryStore()
    async with aclosing(chat_on(engine, store)(said("I lost my keys"))) as events:
        async for event in events:
            if isinstance(event, Finished):
                break
    assert store.log[-1] == "complete 1"


async def test_a_command_that_was_answered_is_not_ended_twice():
    store = MemoryStore()
    async with aclosing(chat_on(FakeEngine(), store)(said("/stop"))) as events:
        async for event in events:
            if isinstance(event, Notice):
                break
    assert store.log == ["receive " + store.turns[1]["in"].message_id, "decline 1"]
    assert store.ending() == (State.DECLINED, "command")


async def test_a_message_stopped_while_it_waits_for_its_turn_is_declined():
    go = asyncio.Event()
    engine, store = FakeEngine(go, " I hear you."), MemoryStore()
    chat = chat_on(engine, store)
    first = await begun(engine, chat, said("one two"))
    await store.received.acquire()
    second = asyncio.create_task(answer(chat, said("three four")))
    await store.received.acquire()
    await cancel(second)
    go.set()
    await first
    assert (store.state(1), store.state(2)) == (State.ANSWERED, State.DECLINED)


async def test_a_cut_off_that_cannot_be_written_down_is_still_one(caplog):
    for reply in ((" I hear you. Go", asyncio.Event()), (asyncio.Event(),)):
        engine, store = FakeEngine(*reply), MemoryStore()
        running = await begun(engine, chat_on(engine, store), said("I lost my keys"))
        broken = DatabaseBusy("Another program holds the file.")
        store.broken |= {"complete": broken, "decline": broken}
        await cancel(running)
        assert "its end is not written down: Another program" in caplog.text
        caplog.clear()


async def test_what_was_said_and_not_shown_is_not_kept_as_the_reply():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    engine.before_score = [go := asyncio.Event()]
    store.slow["join"] = asyncio.Event()
    first = await begun(engine, chat, said("one", joins=True))
    second = asyncio.create_task(answer(chat, said("two", joins=True)))
    await store.waiting.acquire()
    go.set()
    for _ in range(20):
        await asyncio.sleep(0)  # the first words are there, and wait for the memory
    await cancel(first)
    await cancel(second)
    assert store.ending(1) == (State.DECLINED, "stopped")


async def test_a_crisis_answer_stands_when_scoring_fails():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [EngineFailed("boom")]
    events = await answer(chat_on(engine, store), said("I want to die"))
    assert [type(event) for event in events] == [Text, Finished]
    assert store.state() is State.ANSWERED
