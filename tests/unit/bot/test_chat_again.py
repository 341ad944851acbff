"""The same message twice, two at once, many side by side, and messages that waited."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from adapters.messages import Accepted, Finished, Notice, Scope, Text
from bot.answering import MOST_ATTEMPTS, STALE_AFTER
from bot.safety import crisis_answer
from bot.stored import inbound, outgoing
from bot.texts.sentences import say
from engine.base import EngineFailed
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, heard, notice_of, said, text_of


async def received(store: MemoryStore, text: str, *, ago: timedelta = timedelta(0)):
    """A message that an earlier run wrote down and did not answer, as it is handed in again."""
    then = datetime.now(UTC) - ago
    store.now = lambda: then
    message = said(text)
    await store.receive(inbound(message, "en"))
    store.now = lambda: datetime.now(UTC)
    return outgoing(inbound(message, "en"))


async def test_a_message_that_comes_again_gets_its_reply_again_and_the_model_is_not_asked():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    message = said("I lost my keys")
    first = await answer(chat, message)
    again = await answer(chat, message)
    assert [type(event) for event in again] == [Text, Finished]
    assert text_of(again) == text_of(first) == "I hear you."
    assert (len(engine.scored), len(engine.streamed)) == (1, 1)
    assert store.log.count("complete 1") == 1


async def test_a_fixed_answer_comes_again_too():
    chat = chat_on(FakeEngine(), MemoryStore())
    message = said("I want to die")
    await answer(chat, message)
    assert text_of(await answer(chat, message)) == crisis_answer("en", "")


async def test_a_message_that_comes_again_while_it_is_answered_is_called_a_duplicate():
    go = asyncio.Event()
    engine = FakeEngine(go, " I hear you.")
    chat = chat_on(engine, MemoryStore())
    message = said("I lost my keys")
    first = asyncio.create_task(answer(chat, message))
    await engine.waiting.acquire()
    second = await answer(chat, message)
    assert [type(event) for event in second] == [Notice, Finished]
    assert notice_of(second) == "duplicate"
    go.set()
    assert text_of(await first) == "I hear you."
    assert len(engine.scored) == 1
    assert text_of(await answer(chat, message)) == "I hear you."


async def test_an_id_is_only_the_same_in_the_same_scope():
    engine = FakeEngine()
    chat = chat_on(engine, MemoryStore())
    for scope in (Scope("console", "a"), Scope("console", "b"), Scope("console", "a", "thread")):
        assert text_of(await answer(chat, said("hello", "m1", scope=scope))) == "I hear you."
    assert len(engine.streamed) == 3


async def test_two_messages_of_one_conversation_are_answered_one_after_the_other():
    go = asyncio.Event()
    engine, store = FakeEngine(go, " I hear you."), MemoryStore()
    chat = chat_on(engine, store)
    first = asyncio.create_task(answer(chat, said("one two", "m1")))
    await engine.waiting.acquire()
    await store.received.acquire()
    second = asyncio.create_task(answer(chat, said("three four", "m2")))
    await store.received.acquire()
    go.set()
    await asyncio.gather(first, second)
    turns = [line for line in store.log if line.startswith(("receive", "begin", "complete"))]
    assert turns == ["receive m1", "begin 1", "receive m2", "complete 1", "begin 2", "complete 2"]
    assert "one two" in [message.content for message in engine.scored[1].messages]


async def test_two_conversations_are_answered_side_by_side():
    go = asyncio.Event()
    engine = FakeEngine(go, " I hear you.")
    chat = chat_on(engine, MemoryStore())
    both = [asyncio.create_task(answer(chat, said("hello", user=user))) for user in ("ann", "bo")]
    await engine.waiting.acquire()
    await engine.waiting.acquire()  # both wait for the model at the same time
    go.set()
    assert [text_of(await task) for task in both] == ["I hear you."] * 2


async def test_messages_that_are_not_remembered_run_side_by_side_and_are_never_duplicates():
    go = asyncio.Event()
    engine = FakeEngine(go, " I hear you.")
    chat = chat_on(engine, None)
    message = said("hello", "same", remember=False)
    both = [asyncio.create_task(answer(chat, message)) for _ in range(2)]
    await engine.waiting.acquire()
    await engine.waiting.acquire()
    go.set()
    assert [text_of(await task) for task in both] == ["I hear you."] * 2


async def test_what_a_run_left_unanswered_is_answered_when_it_is_handed_in_again():
    engine, store = FakeEngine(), MemoryStore()
    message = await received(store, "I lost my keys", ago=STALE_AFTER / 2)
    await store.begin(1)  # the process died in the middle
    assert text_of(await answer(chat_on(engine, store), message)) == "I hear you."
    assert store.state() is State.ANSWERED


async def test_a_message_that_came_before_is_called_so():
    chat = chat_on(FakeEngine(), MemoryStore())
    message = said("hello")
    events = [await heard(chat, message) for _ in range(2)]
    assert [first for first, *_ in events] == [Accepted(new=True), Accepted(new=False)]


async def test_a_copy_that_comes_before_the_first_word_of_us_is_a_duplicate():
    """Between "in safe hands" and the answer an adapter may do what takes a while."""
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    message = said("I lost my keys")
    async with aclosing(chat(message)) as events:
        assert await anext(events) == Accepted()
        assert notice_of(await answer(chat, message)) == "duplicate"
        assert text_of([event async for event in events]) == "I hear you."
    assert len(engine.streamed) == 1


async def test_a_copy_that_is_only_looked_at_leaves_the_message_to_be_answered():
    """Telegram's adapter drops what came before: what is left unanswered is handed in apart."""
    engine, store = FakeEngine(), MemoryStore()
    message = await received(store, "I lost my keys")
    chat = chat_on(engine, store)
    async with aclosing(chat(message)) as events:
        assert await anext(events) == Accepted(new=False)
    assert store.state() is State.RECEIVED
    assert text_of(await answer(chat, message)) == "I hear you."


async def test_whoever_was_in_danger_is_answered_however_long_ago_that_was():
    engine, store = FakeEngine(), MemoryStore()
    message = await received(store, "I want to die", ago=STALE_AFTER * 5)
    events = await answer(chat_on(engine, store), message)
    assert events[0] == Text(crisis_answer("en", ""), whole=True)
    assert notice_of(events) == ""
    assert (store.state(), store.turns[1]["reply"]) == (State.ANSWERED, crisis_answer("en", ""))
    assert engine.scored == []  # reading it may be what ended the process


async def test_what_waited_too_long_gets_one_honest_line():
    engine, store = FakeEngine(), MemoryStore()
    message = await received(store, "I lost my keys", ago=STALE_AFTER + timedelta(seconds=1))
    events = await answer(chat_on(engine, store), message)
    assert [type(event) for event in events] == [Notice, Finished]
    assert notice_of(events) == "stale"
    assert (store.state(), store.turns[1]["failure"]) == (State.DECLINED, "stale")
    assert (engine.scored, engine.streamed) == ([], [])


async def test_what_was_said_long_before_anybody_heard_it_gets_the_same_line():
    """Telegram keeps for a day what is said while the bot is away."""
    engine, store = FakeEngine(), MemoryStore()
    long_ago = datetime.now(UTC) - STALE_AFTER - timedelta(seconds=1)
    chat = chat_on(engine, store)
    assert notice_of(await answer(chat, said("hello", sent_at=long_ago))) == "stale"
    assert (store.turns[1]["failure"], engine.scored) == ("stale", [])
    lost = said("I want to die", sent_at=long_ago)
    assert text_of(await answer(chat, lost)) == crisis_answer("en", "")


async def test_a_failed_message_may_be_tried_again():
    engine, store = FakeEngine(EngineFailed("gone")), MemoryStore()
    chat = chat_on(engine, store)
    message = said("I lost my keys")
    assert notice_of(await answer(chat, message)) == "failed"
    assert store.state() is State.FAILED
    engine.reply = (" I hear you.",)
    assert text_of(await answer(chat, message)) == "I hear you."
    assert store.state() is State.ANSWERED


async def test_two_copies_of_an_unanswered_message_lead_to_one_answer():
    go = asyncio.Event()
    engine, store = FakeEngine(go, " I hear you."), MemoryStore()
    message = await received(store, "I lost my keys")
    chat = chat_on(engine, store)
    first = asyncio.create_task(answer(chat, message))
    await engine.waiting.acquire()
    assert notice_of(await answer(chat, message)) == "duplicate"
    go.set()
    await first
    assert len(engine.streamed) == 1


async def test_a_declined_message_that_comes_again_is_not_answered():
    engine, store = FakeEngine(), MemoryStore()
    message = await received(store, "I lost my keys")
    await store.decline(1, "stopped")
    events = await answer(chat_on(engine, store), message)
    assert events[:-1] == [Notice(say("en", "turn.declined"), "stale")]
    assert (engine.scored, engine.streamed) == ([], [])


async def test_a_message_whose_answer_ended_the_process_three_times_is_given_up():
    engine, store = FakeEngine(), MemoryStore()
    message = await received(store, "I lost my keys")
    for _ in range(MOST_ATTEMPTS):
        await store.begin(1)  # and the process died
    events = await answer(chat_on(engine, store), message)
    assert notice_of(events) == "gave_up"
    assert (store.state(), store.turns[1]["failure"]) == (State.DECLINED, "gave_up")
    assert (engine.scored, engine.streamed) == ([], [])


async def test_a_copy_that_was_received_just_before_the_answer_ended_gets_that_answer(monkeypatch):
    engine, store = FakeEngine(), MemoryStore()
    message = await received(store, "I lost my keys")
    receive = store.receive

    async def received_late(inbound):
        found = await receive(inbound)
        await store.complete(1, "The first answer.", None)
        return found

    monkeypatch.setattr(store, "receive", received_late)
    assert text_of(await answer(chat_on(engine, store), message)) == "The first answer."
    assert engine.streamed == []
