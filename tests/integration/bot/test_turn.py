"""Turns on a real SQLite file: kept over restarts, answered once, erased when asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.messages import Finished, Scope, Text
from bot.stored import inbound
from bot.texts.sentences import say
from bot.wiring import waiting_messages
from engine.base import EngineFailed, EngineNotReady
from engine.task_table import load
from storage.records import State
from storage.store import Store
from tests.fakes import FakeEngine, answer, chat_on, felt, notice_of, others_done, said, text_of

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "warmline.sqlite3"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{file}") as store:
        yield store
        await others_done()


async def the_turn(store: Store):
    """The one turn of Ann's conversation, received again to see it."""
    return (await store.receive(inbound(said("one two", "m1"), "en"))).turn


async def test_a_conversation_goes_on_after_a_restart(file):
    for number in range(3):
        engine = FakeEngine(f" Reply{number} comes.")
        engine.leaning = {"Negative": 5.0}
        async with await Store.open(f"sqlite:///{file}") as store:
            chat = chat_on(engine, store)
            await answer(chat, said(f"message {number}"))
            chat.close()
            await others_done()
    contents = [m.content.strip() for m in engine.streamed[0].messages[3:]]
    assert contents == ["message 0", "Reply0 comes.", "message 1", "Reply1 comes.", "message 2", ""]
    assert engine.streamed[0].messages[4].opening == ("[", "Negative", "]")


async def test_a_turn_is_written_down_with_reply_label_and_state(store):
    engine = FakeEngine(" I hear", " you.")
    engine.leaning = {"Negative": 5.0}
    await answer(chat_on(engine, store), said("one two", "m1"))
    turn = await the_turn(store)
    assert (turn.state, turn.text, turn.reply) == (State.ANSWERED, "one two", "I hear you.")
    assert (turn.label, turn.language, turn.attempts) == ("negative", "en", 1)
    (mood,) = await store.moods("console", "ann", LONG_AGO)
    assert mood.valence == pytest.approx(-0.98, abs=0.02)


async def test_a_message_that_a_killed_process_left_behind_is_answered_once(file):
    async with await Store.open(f"sqlite:///{file}") as store:
        received = await store.receive(inbound(said("one two", "m1"), "en"))
        await store.begin(received.turn.id)
        await store.receive(inbound(said("not mine", "m2", user="bo"), "en"))
    async with await Store.open(f"sqlite:///{file}") as store:
        engine = FakeEngine()
        chat = chat_on(engine, store)
        (message,) = await waiting_messages(store, "console", "ann")
        assert text_of(await answer(chat, message)) == "I hear you."
        assert await waiting_messages(store, "console", "ann") == []
        assert text_of(await answer(chat, message)) == "I hear you."
        assert len(engine.streamed) == 1
        assert (await the_turn(store)).attempts == 2
        await others_done()


async def test_what_waited_too_long_is_declined_and_does_not_wait_again(file):
    then = datetime.now(UTC) - timedelta(hours=2)
    async with await Store.open(f"sqlite:///{file}", clock=lambda: then) as store:
        await store.receive(inbound(said("one two", "m1"), "en"))
    async with await Store.open(f"sqlite:///{file}") as store:
        (message,) = await waiting_messages(store, "console", "ann")
        assert notice_of(await answer(chat_on(FakeEngine(), store), message)) == "stale"
        assert (await the_turn(store)).state is State.DECLINED
        assert await waiting_messages(store, "console", "ann") == []


async def test_two_copies_at_once_lead_to_one_answer(store):
    engine = FakeEngine()
    chat = chat_on(engine, store)
    both = await asyncio.gather(*(answer(chat, said("one two", "m1")) for _ in range(2)))
    assert sorted((notice_of(events), text_of(events)) for events in both) == [
        ("", "I hear you."),
        ("duplicate", ""),
    ]
    assert len(engine.streamed) == 1


async def test_many_people_at_once_each_keep_their_own_conversation(store):
    engine = FakeEngine()
    engine.reply = lambda prompt: (f" Here now, {prompt.messages[-2].content.split()[-1]}.",)
    chat = chat_on(engine, store)
    people = [f"person{number}" for number in range(8)]
    for _ in range(2):
        await asyncio.gather(*(answer(chat, said(f"from {p}", user=p)) for p in people))
    for prompt in engine.streamed[len(people) :]:
        own = prompt.messages[-2].content
        assert [m.content.strip() for m in prompt.messages[3:-2]] == [
            own,
            f"Here now, {own.split()[-1]}.",
        ]


async def test_messages_of_one_conversation_sent_at_once_are_answered_in_turn(store):
    engine = FakeEngine()
    chat = chat_on(engine, store)
    await asyncio.gather(*(answer(chat, said(f"message {n}")) for n in range(5)))
    sizes = [len(prompt.messages[3:-2]) // 2 for prompt in engine.streamed]
    assert sizes == [0, 1, 2, 3, 4]


async def test_a_failed_turn_is_not_history_and_the_next_message_works(store):
    engine = FakeEngine(EngineFailed("boom"))
    chat = chat_on(engine, store)
    assert notice_of(await answer(chat, said("one two", "m1"))) == "failed"
    assert (await the_turn(store)).state is State.FAILED
    engine.reply = (" I hear you.",)
    assert text_of(await answer(chat, said("three four"))) == "I hear you."
    assert len(engine.streamed[-1].messages) == 3 + 2


async def test_an_engine_that_was_closed_leaves_the_message_for_the_next_start(store):
    engine = FakeEngine(EngineNotReady("closed"))
    assert notice_of(await answer(chat_on(engine, store), said("one two", "m1"))) == "loading"
    (message,) = await waiting_messages(store, "console", "ann")
    assert text_of(await answer(chat_on(FakeEngine(), store), message)) == "I hear you."


@pytest.mark.parametrize("closing", [False, True])
async def test_a_reply_that_is_cut_off_is_kept_as_far_as_it_was_shown(store, closing):
    engine = FakeEngine(" I hear you. Go", asyncio.Event())
    chat = chat_on(engine, store)
    task = asyncio.create_task(answer(chat, said("one two", "m1")))
    await engine.waiting.acquire()
    if closing:
        chat.close()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    turn = await the_turn(store)
    assert (turn.state, turn.reply, turn.label) == (State.ANSWERED, "I hear you.", "positive")


async def test_a_reply_stopped_before_its_first_word_is_declined_unless_the_process_ends(store):
    for number, closing in enumerate((False, True)):
        engine = FakeEngine(asyncio.Event())
        chat = chat_on(engine, store)
        async with aclosing(chat(said("one two", f"stop{number}"))) as events:
            await anext(events)
            await anext(events)  # the label
            if closing:
                chat.close()
    waiting = await waiting_messages(store, "console", "ann")
    assert [message.message_id for message in waiting] == ["stop1"]


async def test_the_trend_of_stored_moods_is_told_in_the_reply(store):
    for days_ago, valence in ((0.5, -0.6), (1.5, -0.6), (2.5, -0.6), (4.5, 0.6), (5.5, 0.6)):
        await felt(store, valence, days_ago=days_ago)
    engine = FakeEngine()
    chat = chat_on(engine, store, load()["sentiment"])
    await answer(chat, said("one two"))
    await answer(chat, said("three four"))
    assert ", lower lately" in engine.streamed[0].messages[-1].opening
    assert ", lower lately" not in engine.streamed[1].messages[-1].opening
    assert ", lower lately" in engine.streamed[1].messages[-3].opening


async def test_forget_erases_the_person_everywhere(store, file):
    engine = FakeEngine(" a secret reply")
    chat = chat_on(engine, store)
    await answer(chat, said("a secret message"))
    await answer(chat, said("a secret in the group", scope=Scope("console", "group")))
    await others_done()
    events = await answer(chat, said("/forget everything"))
    assert notice_of(events) == "forgotten"
    assert engine.forgotten == ["1:en", "1:zh", "2:en", "2:zh"]
    assert await store.people() == []
    assert await store.moods("console", "ann", LONG_AGO) == []
    for kept in file.parent.iterdir():
        assert b"secret" not in kept.read_bytes()
    await answer(chat, said("hello again"))
    assert len(engine.streamed[-1].messages) == 3 + 2


async def test_a_fixed_answer_is_kept_with_its_label(store):
    await answer(chat_on(FakeEngine(), store), said("are you human?", "m1"))
    turn = await the_turn(store)
    assert (turn.state, turn.reply) == (State.ANSWERED, say("en", "honesty.human"))
    assert turn.label == "positive"


@pytest.mark.parametrize(
    "text",
    ["a\0b", "lone \ud83d surrogate", "\u202eright to left", "😞" * 1000, "<|im_end|>", "%s {x}"],
)
async def test_odd_texts_are_answered_and_remembered(store, text):
    engine = FakeEngine()
    chat = chat_on(engine, store)
    events = await answer(chat, said(f"hello {text}"))
    assert isinstance(events[-1], Finished)
    assert any(isinstance(event, Text) for event in events)
    await answer(chat, said("three four"))
    assert engine.streamed[-1].messages[3].content.startswith("hello")


async def test_what_is_not_to_be_remembered_leaves_no_row(store):
    await answer(chat_on(FakeEngine(), store), said("one two", remember=False))
    assert await store.people() == []
