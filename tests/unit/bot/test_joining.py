"""Quick messages of one person belong together, and are answered once."""

from __future__ import annotations

import asyncio

import pytest

from adapters.messages import (
    Accepted,
    Finished,
    Labelled,
    Person,
    Scope,
    Text,
)
from engine.base import EngineFailed
from storage.errors import DatabaseBusy
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import REPLIES, FakeEngine, answer, begun, chat_on, heard, notice_of, text_of
from tests.unit.bot.talking import in_group, quick, read, reading


async def test_what_comes_before_the_first_words_is_answered_together():
    engine, go = reading()
    engine.reply = (" I hear you. Go", " on.")
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("I lost my keys", "m1"))
    for number, text in ((2, "and my bag"), (3, "today")):
        events = await heard(chat, quick(text, f"m{number}"))
        assert [type(event) for event in events] == [Accepted, Finished]
    go.set()
    assert text_of(await lead) == "I hear you. Go on."
    assert read(engine.streamed[-1]) == "I lost my keys\nand my bag\ntoday"
    assert store.turns[1]["text"] == "I lost my keys\nand my bag\ntoday"
    assert [store.state(number) for number in (1, 2, 3)] == [
        State.ANSWERED,
        State.JOINED,
        State.JOINED,
    ]
    assert len(engine.streamed) == 2  # the first was closed before its first words showed
    assert engine.stopped == 1


async def test_the_label_is_read_again_and_comes_again_and_only_one_is_kept():
    engine, go = reading()
    engine.leaning = lambda prompt: {"Negative": 5.0} if "died" in read(prompt) else {}
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("my dog"))
    await answer(chat, quick("died"))
    go.set()
    events = await lead
    assert [type(event) for event in events] == [Labelled, Labelled, Text, Finished]
    labels = [event.label for event in events if isinstance(event, Labelled)]
    assert labels == ["positive", "negative"]
    assert store.turns[1]["label"].label == "negative"


async def test_the_joined_words_stand_as_one_message_in_the_next_prompt():
    engine, go = reading()
    chat = chat_on(engine, MemoryStore())
    lead = await begun(engine, chat, quick("one"))
    await answer(chat, quick("two"))
    go.set()
    await lead
    await answer(chat, quick("three"))
    words = [m.content for m in engine.streamed[-1].messages if m.role == "user"]
    assert words[-2:] == ["one\ntwo", "three"]


async def test_what_is_joined_while_the_first_words_are_about_to_show_is_not_lost():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    store.slow["join"] = joined = asyncio.Event()
    lead = await begun(engine, chat, quick("one"))
    second = asyncio.create_task(answer(chat, quick("two")))
    await store.waiting.acquire()
    go.set()  # the model writes, and its first words wait for the memory
    await asyncio.sleep(0)
    assert not lead.done()
    joined.set()
    assert text_of(await lead) == "I hear you."
    assert text_of(await second) == ""
    assert read(engine.streamed[-1]) == "one\ntwo"


async def test_after_the_first_words_a_message_is_a_turn_of_its_own():
    more = asyncio.Event()
    engine = FakeEngine(" I hear you. Go", more, " on.")
    store = MemoryStore()
    chat = chat_on(engine, store)
    first = await begun(engine, chat, quick("one"))
    second = asyncio.create_task(answer(chat, quick("two")))
    for _ in range(2):
        await store.received.acquire()
    assert len(engine.streamed) == 1
    engine.reply = (" Whole.",)
    more.set()
    assert [text_of(await task) for task in (first, second)] == ["I hear you. Go on.", "Whole."]
    assert [read(prompt) for prompt in engine.streamed] == ["one", "two"]


@pytest.mark.parametrize(
    ("changes", "replies"),
    [
        ({"joins": False}, REPLIES["en"][:2]),
        ({"scope": Scope("telegram", "-9", "topic")}, REPLIES["en"][:1] * 2),
        ({"person": Person("telegram", "bo")}, REPLIES["en"][:2]),
    ],
)
async def test_what_does_not_belong_together_is_answered_apart(changes, replies):
    engine, go = reading()
    chat = chat_on(engine, MemoryStore())
    ann = in_group("ann")
    first = await begun(engine, chat, quick("one", **ann))
    second = asyncio.create_task(answer(chat, quick("two", **(ann | changes))))
    go.set()
    assert [text_of(await task) for task in (first, second)] == list(replies)
    assert sorted(read(prompt) for prompt in engine.streamed) == ["one", "two"]


@pytest.mark.parametrize("text", ["/help", "/mood", ""])
async def test_a_command_never_joins(text):
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("one"))
    assert notice_of(await answer(chat, quick(text))) in ("command", "empty")
    go.set()
    await lead
    assert read(engine.streamed[0]) == store.turns[1]["text"] == "one"


async def test_what_is_not_remembered_is_never_joined():
    engine, go = reading()
    chat = chat_on(engine, None)
    both = [await begun(engine, chat, quick("hello", remember=False)) for _ in range(2)]
    go.set()
    assert [text_of(await task) for task in both] == ["I hear you."] * 2


async def test_a_message_that_cannot_be_joined_is_answered_on_its_own():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("one"))
    store.broken["join"] = DatabaseBusy("Another program holds the file.")
    second = asyncio.create_task(answer(chat, quick("two")))
    go.set()
    assert [text_of(await task) for task in (lead, second)] == list(REPLIES["en"][:2])


async def test_a_joined_message_that_comes_again_is_still_spoken_for():
    engine, go = reading()
    chat = chat_on(engine, MemoryStore())
    lead = await begun(engine, chat, quick("one"))
    second = quick("two")
    await answer(chat, second)
    go.set()
    await lead
    events = await heard(chat, second)
    assert [type(event) for event in events] == [Accepted, Finished]
    assert events[0] == Accepted(new=False)


async def test_where_the_answer_fails_what_was_joined_is_not_forgotten():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    message = quick("one")
    lead = await begun(engine, chat, message)
    await answer(chat, quick("two"))
    engine.reply = (EngineFailed("boom"),)
    go.set()
    assert notice_of(await lead) == "failed"
    engine.reply = (" I hear you.",)
    assert text_of(await answer(chat, message)) == "I hear you."
    assert read(engine.streamed[-1]) == "one\ntwo"


async def test_a_second_message_is_waited_for():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    both = await asyncio.gather(*(answer(chat, quick(text)) for text in ("one", "two")))
    assert [text_of(events) for events in both] == ["I hear you.", ""]
    assert [read(prompt) for prompt in engine.scored] == ["one\ntwo"]  # read once, not twice
