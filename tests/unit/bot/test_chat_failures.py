"""What a person and the turn are told when a stop fails, when it is cut off, and what is logged."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.messages import Finished, Labelled, Notice, Text
from bot.chat import BROKEN_AFTER_FAILURES
from bot.texts.sentences import say
from engine.base import EngineFailed, EngineNotReady, PromptTooLong
from storage.errors import DatabaseBusy
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, notice_of, said, text_of


async def run_until_waiting(engine: FakeEngine, chat, message):
    """The answer as a task, once the engine waits in the middle of it."""
    task = asyncio.create_task(answer(chat, message))
    await engine.waiting.acquire()
    return task


async def cancel(task: asyncio.Task[object]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("text", ["word " * 40, "x" * 200_000])
async def test_a_message_that_is_too_long_is_declined(text):
    engine, store = FakeEngine(context_length=100), MemoryStore()
    events = await answer(chat_on(engine, store), said(text))
    assert [type(event) for event in events] == [Notice, Finished]
    assert notice_of(events) == "too_long"
    assert (store.state(), store.turns[1]["failure"]) == (State.DECLINED, "too_long")
    assert (engine.scored, engine.streamed) == ([], [])
    assert "x" * 200_000 not in engine.counted


async def test_a_crisis_in_a_message_that_is_too_long_is_answered():
    engine, store = FakeEngine(context_length=100), MemoryStore()
    events = await answer(chat_on(engine, store), said("I want to die. " + "word " * 40))
    assert [type(event) for event in events] == [Text, Finished]
    assert "helpline" in text_of(events)
    assert store.state() is State.ANSWERED
    assert store.turns[1]["reply"] == text_of(events)


FAILURES = [EngineFailed("boom"), PromptTooLong(9, 8)]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("where", ["score", "first word", "later word"])
async def test_when_the_engine_fails_both_are_told_and_the_next_message_works(where, error):
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    if where == "score":
        engine.before_score = [error]
    else:
        engine.reply = (error,) if where == "first word" else (" I hear", error)
    events = await answer(chat, said("I lost my keys"))
    assert isinstance(events[-1], Finished)
    assert events[-2] == Notice(say("en", "turn.failed"), "failed")
    assert any(isinstance(event, Labelled) for event in events) == (where != "score")
    turn = store.turns[1]
    if where == "later word":  # what was shown is kept
        assert (turn["state"], turn["reply"]) == (State.ANSWERED, "I hear")
    else:
        assert (turn["state"], turn["failure"]) == (State.FAILED, type(error).__name__)
    engine.before_score, engine.reply = [], (" I hear you.",)
    assert text_of(await answer(chat, said("and my bag"))) == "I hear you."


@pytest.mark.parametrize("where", ["score", "stream"])
async def test_an_engine_that_is_not_ready_leaves_the_turn_for_later(where):
    engine, store = FakeEngine(), MemoryStore()
    error = EngineNotReady("closed")
    if where == "score":
        engine.before_score = [error]
    else:
        engine.reply = (error,)
    events = await answer(chat_on(engine, store), said("I lost my keys"))
    assert events[-2] == Notice(say("en", "turn.closed"), "loading")
    assert store.state() is State.ANSWERING


@pytest.mark.parametrize("question", ["begin", "history", "moods", "complete"])
async def test_a_broken_memory_is_told_and_the_next_message_works(question):
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    store.broken[question] = DatabaseBusy("Another program holds the file: close it.")
    events = await answer(chat, said("I lost my keys"))
    told = "turn.failed_unkept" if question == "complete" else "turn.failed"
    assert events[-2] == Notice(say("en", told), "failed")
    assert isinstance(events[-1], Finished)
    store.broken.clear()
    assert text_of(await answer(chat, said("and my bag"))) == "I hear you."


async def test_a_person_who_was_forgotten_meanwhile_is_not_written_down_again():
    go = asyncio.Event()
    engine, store = FakeEngine(go, " I hear you."), MemoryStore()
    task = await run_until_waiting(engine, chat_on(engine, store), said("I lost my keys"))
    await store.forget("console", "ann")
    go.set()
    await task
    assert store.turns == {}
    assert engine.forgotten == ["100:en"]  # what the model read meanwhile


async def test_three_failures_in_a_row_are_said_of_its_health_until_an_answer_succeeds():
    engine, store = FakeEngine(EngineFailed("boom")), MemoryStore()
    chat = chat_on(engine, store)
    for number in range(BROKEN_AFTER_FAILURES):
        assert not chat.failing
        if number == 1:
            store.broken["complete"] = DatabaseBusy("Another program holds the file.")
        await answer(chat, said("I lost my keys"))
    assert chat.failing
    engine.reply = (" I hear you.",)
    store.broken.clear()
    await answer(chat, said("I lost my keys"))
    assert not chat.failing


# --- cut off


@pytest.mark.parametrize("closing", [False, True])
async def test_a_reply_that_is_cut_off_is_kept_as_far_as_it_was_shown(closing):
    engine, store = FakeEngine(" I hear", asyncio.Event(), " you."), MemoryStore()
    chat = chat_on(engine, store)
    task = await run_until_waiting(engine, chat, said("I lost my keys"))
    if closing:
        chat.close()
    await cancel(task)
    assert (store.state(), store.turns[1]["reply"]) == (State.ANSWERED, "I hear")
    assert store.turns[1]["label"] is not None
    assert engine.stopped == 1


async def test_closing_the_events_stops_the_model_and_keeps_what_was_shown():
    engine, store = FakeEngine(" I hear", " you."), MemoryStore()
    async with aclosing(chat_on(engine, store)(said("I lost my keys"))) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    assert (store.state(), store.turns[1]["reply"]) == (State.ANSWERED, "I hear")
    assert engine.stopped == 1


@pytest.mark.parametrize("where", ["score", "stream"])
async def test_an_answer_stopped_before_its_first_word_is_declined(where):
    engine, store = FakeEngine(asyncio.Event(), " I hear you."), MemoryStore()
    engine.before_score = [asyncio.Event()] if where == "score" else []
    chat = chat_on(engine, store)
    await cancel(await run_until_waiting(engine, chat, said("I lost my keys")))
    assert (store.state(), store.turns[1]["failure"]) == (State.DECLINED, "stopped")
    engine.before_score, engine.reply = [], (" I hear you.",)
    assert text_of(await answer(chat, said("and my bag"))) == "I hear you."


async def test_an_answer_cut_off_by_the_end_of_the_process_goes_on_at_the_next_start():
    engine, store = FakeEngine(asyncio.Event(), " I hear you."), MemoryStore()
    chat = chat_on(engine, store)
    task = await run_until_waiting(engine, chat, said("I lost my keys"))
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


async def test_a_message_stopped_while_it_waits_for_its_turn_is_declined():
    go = asyncio.Event()
    engine, store = FakeEngine(go, " I hear you."), MemoryStore()
    chat = chat_on(engine, store)
    first = await run_until_waiting(engine, chat, said("one two"))
    await store.received.acquire()
    second = asyncio.create_task(answer(chat, said("three four")))
    await store.received.acquire()
    await cancel(second)
    go.set()
    await first
    assert (store.state(1), store.state(2)) == (State.ANSWERED, State.DECLINED)


async def test_a_crisis_answer_stands_when_scoring_fails():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [EngineFailed("boom")]
    events = await answer(chat_on(engine, store), said("I want to die"))
    assert [type(event) for event in events] == [Text, Finished]
    assert store.state() is State.ANSWERED


# --- the log


async def test_one_line_a_turn_tells_the_facts(caplog):
    caplog.set_level(logging.INFO)
    await answer(chat_on(FakeEngine(), MemoryStore()), said("I lost my keys"))
    (record,) = caplog.records
    assert record.name == "warmline.turn"
    assert "turn=1 platform=console language=en outcome=answered" in record.getMessage()
    assert "characters=14" in record.getMessage()


words = st.text("abcxyz梦山", min_size=2, max_size=9).map("zq{}qz".format)
OUTCOMES = ["answered", "failed", "too long", "stopped", "crisis", "broken memory"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(words, min_size=1, max_size=5), words, st.sampled_from(OUTCOMES))
def test_the_log_holds_no_word_of_the_person_or_the_model(caplog, said_words, reply, outcome):
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    asyncio.run(_one_turn(" ".join(said_words), reply, outcome))
    assert caplog.records
    for word in {*said_words, reply}:
        assert word not in caplog.text


async def _one_turn(text: str, reply: str, outcome: str) -> None:
    engine, store = FakeEngine(f" {reply}", context_length=100), MemoryStore()
    chat = chat_on(engine, store)
    if outcome == "failed":
        engine.reply = (f" {reply}", EngineFailed("the library failed"))
    if outcome == "broken memory":
        store.broken["complete"] = DatabaseBusy("Another program holds the file.")
    if outcome == "stopped":
        engine.reply = (f" {reply}", asyncio.Event())
        await cancel(await run_until_waiting(engine, chat, said(text)))
        return
    extra = {"too long": " word" * 90, "crisis": " I want to die"}.get(outcome, "")
    await answer(chat, said(text + extra))
