"""What is too old goes, with all that hangs on it, and nothing else; on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import retention, sqlite
from storage.records import State
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.test_forget import SECRET, _bytes
from tests.integration.storage.values import NOON, felt, said


@pytest.fixture
async def store(url: str, clock: Clock):
    async with await Store.open(url, clock=clock) as store:
        yield store


def _counts(connection: Connection) -> dict[str, Any]:
    tables = ("people", "conversations", "turns", "labels", "corrections", "deliveries")
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables
    }


async def _talk(store: Store, text: str = "hello", message_id: str = "m", **changes: Any) -> int:
    message = said(text, message_id, **changes)
    turn = (await store.receive(message)).turn
    await store.complete(turn.id, text, felt(), note=text)
    await store.correct(message.platform, message.user_id, turn.id, "negative", -1.0)
    await store.delivery_created(message.place, "s")
    return turn.id


async def test_old_turns_go_with_all_that_hangs_on_them(store: Store, clock: Clock):
    await _talk(store, message_id="1")
    await _talk(store, message_id="2", chat_id="group", private=False)
    clock.days_later(10)
    young = await _talk(store, message_id="3", chat_id="group", user_id="bob", private=False)
    swept = await store.sweep(9)
    assert (swept.turns, swept.labels, swept.conversations) == (2, 2, 1)
    assert (len(swept.touched), swept.unfinished) == (2, "")
    assert await store._database.read(_counts) == {
        "people": 2, "conversations": 1, "turns": 1, "labels": 1, "corrections": 1, "deliveries": 1
    }  # fmt: skip
    assert await store.last_erasure() == swept.id != ""
    left = await store.export("console", "bob")
    assert [turn["id"] for turn in left["conversations"][0]["turns"]] == [young]


@pytest.mark.parametrize(("days", "turns"), [(6.99, 0), (7.0, 0), (7.01, 1)])
async def test_the_age_counts_from_when_it_was_received(
    store: Store, clock: Clock, days: float, turns: int
):
    await _talk(store, sent_at=NOON - timedelta(days=100))
    clock.days_later(days)
    assert (await store.sweep(7)).turns == turns


async def test_what_was_joined_goes_with_its_lead(store: Store, clock: Clock):
    lead = (await store.receive(said(message_id="1"))).turn
    clock.days_later(0.5)
    joined = (await store.receive(said(message_id="2"))).turn
    assert await store.join(joined.id, lead.id)
    await store.complete(lead.id, "both", felt())
    clock.days_later(7.2)
    assert (await store.sweep(7)).turns == 2


async def test_what_was_never_answered_goes_too_and_is_not_answered_then(
    store: Store, clock: Clock
):
    turn = (await store.receive(said())).turn
    await store.begin(turn.id)
    clock.days_later(8)
    assert (await store.sweep(7)).turns == 1
    assert not await store.complete(turn.id, "late", felt())
    assert await store.unfinished() == []


async def test_people_stay_with_what_they_chose(store: Store, clock: Clock):
    await _talk(store)
    await store.set_mood_memory("console", "ann", "on")
    clock.days_later(8)
    await store.sweep(7)
    assert await store.mood_memory("console", "ann") == "on"
    assert [person.name for person in await store.everybody()] == ["Ann"]


async def test_many_go_some_at_a_time(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    for number in range(10):
        await _talk(store, message_id=str(number), chat_id=f"chat {number % 4}")
    clock.days_later(8)
    swept = await store.sweep(7)
    assert (swept.turns, swept.labels, swept.conversations) == (10, 10, 4)
    assert (await store.sweep(7)).id == ""


async def test_several_at_once_delete_each_turn_once(
    store: Store, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(12):
        await _talk(store, message_id=str(number), chat_id=f"chat {number % 3}")
    clock.days_later(8)
    async with await Store.open(url, clock=clock) as other:
        swept = await asyncio.gather(store.sweep(7), other.sweep(7))
        assert sum(one.turns for one in swept) == 12
        assert sum(one.labels for one in swept) == 12
        assert sum(one.conversations for one in swept) == 3


async def test_a_message_that_arrives_during_a_sweep_is_not_lost(store: Store, clock: Clock):
    for number in range(20):
        clock.days_later(number * 10)
        group: dict[str, Any] = {"chat_id": f"group {number}", "private": False}
        await _talk(store, message_id="old", **group)
        clock.days_later(number * 10 + 8)
        late = said(message_id="new", user_id="bob", **group)
        _, received = await asyncio.gather(store.sweep(7), store.receive(late))
        assert (await store.begin(received.turn.id)).state is State.ANSWERING


async def test_no_byte_of_the_old_words_stays_in_the_files(file: Path, clock: Clock):
    async with await Store.open(folder=file.parent, clock=clock) as store:
        for number in range(50):
            await _talk(store, f"{SECRET} " * (number + 1), str(number))
        clock.days_later(8)
        await _talk(store, "still here", "young")
        assert SECRET in _bytes(file)
        assert (await store.sweep(7)).unfinished == ""
        assert SECRET not in _bytes(file)
        assert "still here" in _bytes(file)


async def test_a_reader_that_holds_old_bytes_is_told_of_and_the_next_sweep_ends_it(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA busy_timeout = 50"))
    async with await Store.open(folder=file.parent, clock=clock) as store:
        await _talk(store, SECRET)
        clock.days_later(8)
        reader = sqlite3.connect(file, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM turns").fetchone()
        swept = await store.sweep(7)
        assert swept.turns == 1
        assert "Another program is reading" in swept.unfinished
        reader.close()
        assert (await store.sweep(7)).unfinished == ""
        assert SECRET not in _bytes(file)
