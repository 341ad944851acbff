"""Joining, edits, stops and retries on a real SQLite file, and what a start finds undelivered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.messages import IncomingMessage, Scope
from bot.chat import Chat
from bot.stored import inbound, outgoing, place
from storage.records import State, Turn
from storage.store import Store
from tests.fakes import (
    REPLIES,
    FakeEngine,
    answer,
    begun,
    cancel,
    chat_on,
    notice_of,
    others_done,
    said,
    text_of,
)
from tests.unit.bot.talking import quick, read, reading

YESTERDAY = timedelta(days=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "warmline.sqlite3"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{file}") as store:
        yield store
        await others_done()


async def turn_of(store: Store, message: IncomingMessage) -> Turn:
    """The turn of a message, received once more to see it."""
    return (await store.receive(inbound(message, "en"))).turn


async def undelivered(store: Store) -> Sequence[IncomingMessage]:
    """What the next start hands in again."""
    left = await store.undelivered("console", datetime.now(UTC) - YESTERDAY)
    return [outgoing(found.inbound) for found in left]


async def edit(chat: Chat, message_id: str, text: str) -> None:
    await answer(chat, quick(text, message_id, edited=True))


async def test_joined_messages_are_one_turn_and_one_message_of_the_history(store):
    engine, go = reading()
    chat = chat_on(engine, store)
    messages = [quick(text) for text in ("one", "two", "three")]
    lead = await begun(engine, chat, messages[0])
    for message in messages[1:]:
        assert text_of(await answer(chat, message)) == ""
    go.set()
    assert text_of(await lead) == "I hear you."
    turns = [await turn_of(store, message) for message in messages]
    assert [turn.state for turn in turns] == [State.ANSWERED, State.JOINED, State.JOINED]
    assert (turns[0].text, turns[0].attempts) == ("one\ntwo\nthree", 1)
    (mood,) = await store.moods("console", "ann", datetime.now(UTC) - YESTERDAY)
    assert mood.label == "positive"
    await answer(chat, said("four"))
    assert [m.content for m in engine.streamed[-1].messages[3:-1]] == [
        "one\ntwo\nthree",
        " I hear you.",
        "four",
    ]


@pytest.mark.parametrize("edited", ["lead", "part"])
async def test_an_edit_in_time_is_answered_and_a_later_one_is_not(store, edited):
    engine, go = reading()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("one", "m1"))
    await answer(chat, quick("two", "m2"))
    await edit(chat, "m1" if edited == "lead" else "m2", "changed")
    go.set()
    await lead
    expected = "changed\ntwo" if edited == "lead" else "one\nchanged"
    assert read(engine.streamed[-1]) == expected
    await edit(chat, "m1", "too late")
    assert (await turn_of(store, said("", "m1"))).text == expected


async def test_many_at_once_are_all_answered_and_none_twice(store):
    engine = FakeEngine()
    chat = chat_on(engine, store)
    messages = [quick(f"{user}-{n}", user=user) for n in range(6) for user in ("ann", "bo")]
    await asyncio.gather(*(answer(chat, message) for message in messages))
    turns = [await turn_of(store, message) for message in messages]
    assert {turn.state for turn in turns} <= {State.ANSWERED, State.JOINED}
    words = "\n".join(turn.text for turn in turns if turn.state is State.ANSWERED).split("\n")
    assert sorted(words) == sorted(message.text for message in messages)


async def test_a_stop_keeps_what_was_shown_and_another_answer_takes_its_place(store):
    engine = FakeEngine(" I hear you. Go", asyncio.Event())
    chat = chat_on(engine, store)
    message = quick("one two")
    running = await begun(engine, chat, message)
    assert notice_of(await answer(chat, quick("stop"))) == "stopped"
    assert text_of(await running) == (await turn_of(store, message)).reply == "I hear you."
    engine.reply = (" All of it.",)
    assert text_of(await answer(chat, said("/retry"))) == "All of it."
    turn = await turn_of(store, message)
    assert (turn.reply, turn.label, turn.text) == ("All of it.", "positive", "one two")
    moods = await store.moods("console", "ann", datetime.now(UTC) - YESTERDAY)
    assert len(moods) == 1


async def test_a_stop_while_the_memory_writes_tears_nothing(store):
    """The wait for the database is called off, and its transaction is whole all the same."""
    for number in range(8):
        engine = FakeEngine()
        chat = chat_on(engine, store)
        message = said(f"message {number}")
        running = asyncio.create_task(answer(chat, message))
        for _ in range(10 * number):
            await asyncio.sleep(0)
        await answer(chat, said("/stop"))
        await running
        assert (await turn_of(store, message)).state in (State.ANSWERED, State.DECLINED)
        assert text_of(await answer(chat, said("and now"))) in REPLIES["en"]


async def test_a_choice_is_kept_over_a_restart(file):
    async with await Store.open(f"sqlite:///{file}") as store:
        chat = chat_on(FakeEngine(), store, mood_memory="ask")
        await answer(chat, said("/memory on"))
        await answer(chat, said("/language zh"))
        await others_done()
    async with await Store.open(f"sqlite:///{file}") as store:
        message = said("hello")
        events = await answer(chat_on(FakeEngine(), store, mood_memory="ask"), message)
        assert text_of(events) == REPLIES["zh"][0]
        turn = await turn_of(store, message)
        assert (turn.label, turn.language) == ("positive", "zh")
        await others_done()


# --- what a start finds


async def test_what_was_joined_before_the_process_died_is_answered_together(file):
    async with await Store.open(f"sqlite:///{file}") as store:
        engine, _ = reading()
        chat = chat_on(engine, store)
        lead = await begun(engine, chat, quick("one", "m1"))
        await answer(chat, quick("two", "m2"))
        await edit(chat, "m2", "zwei")
        chat.close()
        await cancel(lead)
    async with await Store.open(f"sqlite:///{file}") as store:
        (message,) = await undelivered(store)
        assert (message.message_id, message.text) == ("m1", "one\nzwei")
        engine = FakeEngine()
        assert text_of(await answer(chat_on(engine, store), message)) == "I hear you."
        assert read(engine.streamed[0]) == "one\nzwei"
        assert (await turn_of(store, message)).text == "one\nzwei"
        await others_done()


async def test_an_answer_that_did_not_arrive_is_handed_out_again_and_a_delivered_one_is_not(store):
    engine = FakeEngine()
    chat = chat_on(engine, store)
    for message_id in ("m1", "m2"):
        await answer(chat, said(f"message {message_id}", message_id))
    await store.delivery_ended(place(said("", "m1")))
    (message,) = await undelivered(store)
    assert message.message_id == "m2"
    assert text_of(await answer(chat, message)) == REPLIES["en"][1]
    assert len(engine.streamed) == 2


async def test_commands_stops_and_joined_messages_are_not_handed_in_again(store):
    engine, go = reading()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("one", "m1"))
    await answer(chat, quick("two"))
    for text in ("/help", "/mood", ""):
        await answer(chat, said(text))
    go.set()
    await lead
    await store.delivery_ended(place(said("", "m1")))
    assert await undelivered(store) == []


async def test_an_id_is_found_only_where_it_was_said(store):
    engine, go = reading()
    chat = chat_on(engine, store)
    here, there = Scope("console", "ann"), Scope("console", "ann", "topic")
    running = await begun(engine, chat, quick("one", "m1", scope=here))
    await answer(chat, quick("two", "m1", scope=there, edited=True))
    go.set()
    await running
    assert read(engine.streamed[-1]) == "one"
