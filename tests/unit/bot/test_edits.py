"""An edit in time is the message; a later one is left alone (fault 3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.messages import Accepted, Finished, Labelled, Notice, Reply, Text
from bot.safety import crisis_answer
from storage.errors import DatabaseBusy
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, chat_on, heard, notice_of, text_of
from tests.unit.bot.talking import quick, read, reading


async def edit(chat: Any, text: str, message_id: str, **changes: Any) -> list[Reply]:
    return await heard(chat, quick(text, message_id, edited=True, **changes))


async def test_an_edit_before_the_first_words_is_what_is_answered():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    message = await begun(engine, chat, quick("I lost my keys", "m1"))
    events = await edit(chat, "I found my keys", "m1")
    assert [type(event) for event in events] == [Accepted, Finished]
    go.set()
    events = await message
    assert [type(event) for event in events] == [Labelled, Labelled, Text, Finished]
    assert read(engine.streamed[-1]) == store.turns[1]["text"] == "I found my keys"


async def test_an_edit_of_a_part_changes_that_part_alone():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("one", "m1"))
    await answer(chat, quick("two", "m2"))
    await answer(chat, quick("three", "m3"))
    await edit(chat, "zwei", "m2")
    go.set()
    await lead
    assert read(engine.streamed[-1]) == store.turns[1]["text"] == "one\nzwei\nthree"


async def test_an_edit_after_the_first_words_is_left_alone():
    more = asyncio.Event()
    engine, store = FakeEngine(" I hear you. Go", more, " on."), MemoryStore()
    chat = chat_on(engine, store)
    message = await begun(engine, chat, quick("one", "m1"))
    await edit(chat, "two", "m1")
    more.set()
    assert text_of(await message) == "I hear you. Go on."
    await edit(chat, "three", "m1")
    assert store.turns[1]["text"] == "one"
    assert len(engine.streamed) == 1


async def test_an_edit_of_what_a_run_left_unanswered_is_what_is_answered():
    engine, go = reading()
    store = MemoryStore()
    first = chat_on(engine, store)
    message = quick("one", "m1")
    task = await begun(engine, first, message)
    first.close()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    chat = chat_on(engine, store)
    await edit(chat, "two", "m1")
    assert text_of(await answer(chat, message)) == "I hear you."
    assert read(engine.streamed[-1]) == "two"


@pytest.mark.parametrize("text", ["", "  "])
async def test_an_edit_that_leaves_no_words_changes_nothing(text):
    engine, go = reading()
    chat = chat_on(engine, MemoryStore())
    message = await begun(engine, chat, quick("one", "m1"))
    await edit(chat, text, "m1", kind="picture")
    go.set()
    await message
    assert read(engine.streamed[-1]) == "one"


async def test_an_edit_of_something_unknown_is_no_message():
    engine, store = FakeEngine(), MemoryStore()
    events = await edit(chat_on(engine, store), "hello", "m1")
    assert [type(event) for event in events] == [Accepted, Finished]
    assert (store.turns, engine.scored) == ({}, [])


async def test_an_edit_that_cannot_be_written_down_is_told():
    store = MemoryStore()
    store.broken["edit"] = DatabaseBusy("Another program holds the file.")
    events = await edit(chat_on(FakeEngine(), store), "hello", "m1")
    assert [type(event) for event in events] == [Accepted, Notice, Finished]
    assert notice_of(events) == "failed"


async def test_danger_in_an_edit_is_answered():
    engine, go = reading()
    chat = chat_on(engine, MemoryStore())
    message = await begun(engine, chat, quick("I want to dye", "m1"))
    await edit(chat, "I want to die", "m1")
    go.set()
    assert text_of(await message) == crisis_answer("en", "")
