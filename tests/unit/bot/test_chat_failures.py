"""What a person and the turn are told when a stop fails, and what is logged."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.messages import Accepted, Finished, Labelled, Notice, Text
from bot.net import BROKEN_AFTER_FAILURES
from bot.safety import crisis_answer
from bot.texts.sentences import say
from engine.base import EngineFailed, EngineNotReady, PromptTooLong
from storage.errors import DatabaseBusy
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, cancel, chat_on, heard, notice_of, said, text_of


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
        engine.reply = (error,) if where == "first word" else (" I hear you. Go", error)
    events = await answer(chat, said("I lost my keys"))
    assert isinstance(events[-1], Finished)
    assert events[-2] == Notice(say("en", "turn.failed"), "failed")
    assert any(isinstance(event, Labelled) for event in events) == (where != "score")
    turn = store.turns[1]
    if where == "later word":  # what was shown is kept
        assert (turn["state"], turn["reply"]) == (State.ANSWERED, "I hear you.")
    else:
        assert (turn["state"], turn["failure"]) == (State.FAILED, type(error).__name__)
    engine.before_score, engine.reply = [], (" Whole.",)
    assert text_of(await answer(chat, said("and my bag"))) == "Whole."


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


async def test_what_cannot_be_written_down_is_told_and_the_first_event_is_as_always():
    store = MemoryStore()
    store.broken["receive"] = DatabaseBusy("Another program holds the file: close it.")
    events = await heard(chat_on(FakeEngine(), store), said("I lost my keys"))
    assert events[:-1] == [Accepted(), Notice(say("en", "turn.failed_unkept"), "failed")]


async def test_where_not_even_the_persons_choices_can_be_read_they_are_told():
    store = MemoryStore()
    store.broken["preferences"] = DatabaseBusy("Another program holds the file: close it.")
    events = await heard(chat_on(FakeEngine(), store), said("我丢了钥匙"))
    assert events[:-1] == [Accepted(), Notice(say("zh", "turn.failed_unkept"), "failed")]


@pytest.mark.parametrize("question", ["preferences", "receive", "begin", "history", "complete"])
async def test_nobody_in_danger_is_left_with_an_apology(question):
    store = MemoryStore()
    store.broken[question] = DatabaseBusy("Another program holds the file: close it.")
    events = await answer(chat_on(FakeEngine(), store, region="CN"), said("I want to die"))
    assert events[0] == Text(crisis_answer("en", "CN"), whole=True)
    assert notice_of(events) == ""


@pytest.mark.parametrize("text", ["", "/help", "/stop", "/retry", "/memory on"])
async def test_a_broken_memory_breaks_no_answer_that_is_not_a_turn(text):
    store = MemoryStore()
    chat = chat_on(FakeEngine(), store)
    store.broken |= dict.fromkeys(
        ("decline", "last_answered", "set_mood_memory"), DatabaseBusy("Another program holds it.")
    )
    events = await answer(chat, said(text))
    assert notice_of(events) in ("command", "failed")
    store.broken.clear()
    assert text_of(await answer(chat, said("hello"))) == "I hear you."


async def test_a_person_who_was_forgotten_meanwhile_is_not_written_down_again():
    go = asyncio.Event()
    engine, store = FakeEngine(go, " I hear you."), MemoryStore()
    task = await begun(engine, chat_on(engine, store), said("I lost my keys"))
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
    await answer(chat, said("/help"))  # says nothing of the model
    assert chat.failing
    engine.reply = (" I hear you.",)
    store.broken.clear()
    await answer(chat, said("I lost my keys"))
    assert not chat.failing


# --- the log


async def test_one_line_a_turn_tells_the_facts(caplog):
    caplog.set_level(logging.INFO)
    await answer(chat_on(FakeEngine(), MemoryStore()), said("I lost my keys"))
    (record,) = caplog.records
    assert record.name == "warmline.turn"
    assert "turn=1 platform=console language=en outcome=answered" in record.getMessage()
    assert "characters=14" in record.getMessage()


words = st.text("abcxyz梦山", min_size=2, max_size=9).map("zq{}qz".format)
replies = st.text("abcxyz", min_size=2, max_size=9).map("zq{}qz".format)
OUTCOMES = ["answered", "refused", "failed", "too long", "stopped", "crisis", "broken memory"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(words, min_size=1, max_size=5), replies, st.sampled_from(OUTCOMES))
def test_the_log_holds_no_word_of_the_person_or_the_model(caplog, said_words, reply, outcome):
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    asyncio.run(_one_turn(" ".join(said_words), reply, outcome))
    assert caplog.records
    for word in {*said_words, reply}:
        assert word not in caplog.text


async def _one_turn(text: str, reply: str, outcome: str) -> None:
    engine, store = FakeEngine(f" {reply}.", context_length=100), MemoryStore()
    chat = chat_on(engine, store, language="en")
    if outcome == "refused":
        engine.reply = (f" I am a human, {reply}.",)
    if outcome == "failed":
        engine.reply = (f" {reply}. Go", EngineFailed("the library failed"))
    if outcome == "broken memory":
        store.broken["complete"] = DatabaseBusy("Another program holds the file.")
    if outcome == "stopped":
        engine.reply = (f" {reply}. Go", asyncio.Event())
        await cancel(await begun(engine, chat, said(text)))
        return
    extra = {"too long": " word" * 90, "crisis": " I want to die"}.get(outcome, "")
    await answer(chat, said(text + extra))
