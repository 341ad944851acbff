"""Forgetting: nothing of the person stays, nothing of anybody else goes."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import erasure, sqlite
from storage.address import address_of
from storage.database import Database
from storage.errors import ErasureUnfinished, TurnGone
from storage.receipts import Part
from storage.store import Store
from tests.integration.storage.values import NOON, felt, minutes, said

SECRET = "zebrawords"
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


async def test_a_person_is_forgotten_with_a_receipt(store: Store):
    alone = (await store.receive(said(message_id="1"))).turn
    await store.complete(alone.id, "hi", felt())
    await store.receive(said(message_id="2", chat_id="group", private=False))
    others = (
        await store.receive(said(message_id="3", chat_id="group", user_id="bob", private=False))
    ).turn
    receipt = await store.forget("console", "ann")
    assert (receipt.turns, receipt.labels, receipt.conversations) == (2, 1, 1)
    assert receipt.person == "console:ann"
    assert len(receipt.id) == 8
    assert [person.user_id for person in await store.people()] == ["bob"]
    assert [left.turn for left in await store.unfinished()] == [others]
    assert await store.moods("console", "ann", NOON) == []
    assert await store.conversations_of("console", "ann") == []
    again = await store.forget("console", "ann")
    assert (again.turns, again.labels, again.conversations) == (0, 0, 0)
    assert again.id != receipt.id


async def test_joined_turns_and_deliveries_go_and_each_turn_is_counted_once(store: Store):
    lead, *joined = [(await store.receive(said(message_id=str(n)))).turn for n in range(4)]
    for turn in joined:
        await store.join(turn.id, lead.id)
    await store.delivery_created(said(message_id="0").place, "s1")
    other = (await store.receive(said(message_id="b", user_id="bob"))).turn
    await store.delivery_created(said(message_id="b").place, "s2")
    assert (await store.forget("console", "ann")).turns == 4
    (left,) = await store.undelivered("console", NOON - minutes(5))
    assert (left.turn.id, left.sent) == (other.id, ("s2",))
    assert await store._database.read(_deliveries) == 1


def _deliveries(connection: Connection) -> object:
    return connection.exec_driver_sql("SELECT count(*) FROM deliveries").scalar()


async def test_a_turn_forgotten_while_it_is_answered_does_not_come_back(store: Store):
    turn = (await store.receive(said())).turn
    await store.begin(turn.id)
    await store.forget("console", "ann")
    assert not await store.complete(turn.id, "hi", felt())
    with pytest.raises(TurnGone):
        await store.begin(turn.id)
    assert await store.people() == []


async def test_an_id_is_never_used_again(store: Store):
    first = (await store.receive(said())).turn
    await store.forget("console", "ann")
    second = (await store.receive(said())).turn
    assert second.id > first.id
    assert second.conversation_id > first.conversation_id
    assert second.person_id > first.person_id


async def test_a_message_that_arrives_during_an_erasure_is_not_lost(store: Store):
    for number in range(30):
        group: dict[str, Any] = {"chat_id": f"group {number}", "private": False}
        await store.receive(said(message_id="1", **group))
        await asyncio.gather(
            store.forget("console", "ann"),
            *(store.receive(said(message_id=f"b{n}", user_id="bob", **group)) for n in range(3)),
            store.receive(said(message_id="a", **group)),
        )
    kept = [left for left in await store.unfinished() if left.inbound.user_id == "bob"]
    assert len(kept) == 90


async def test_no_byte_of_the_words_stays_in_the_files(file: Path):
    async with await Store.open(folder=file.parent) as store:
        await _fill(store)
        await _fill_more(store)
        assert SECRET in _bytes(file)
        receipt = await store.forget("console", SECRET)
        assert receipt.turns > 50
        assert SECRET not in _bytes(file)
        assert await store.people()
    assert SECRET not in _bytes(file)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("approved", [True, False])
async def test_no_byte_of_a_name_stays_with_a_pairing(file: Path, known: bool, approved: bool):
    async with await Store.open(folder=file.parent) as store:
        if known:
            await store.receive(said(user_name=SECRET))
        await store.pairing_code("console", "ann", SECRET, SECRET, NEVER)
        if approved:
            await store.approve(SECRET)
        assert SECRET in _bytes(file)
        await store.forget("console", "ann")
        assert SECRET not in _bytes(file)
        assert await store.is_paired("console", "ann") == approved


async def test_an_erasure_that_a_crash_cut_short_is_finished_at_the_next_start(file: Path):
    async with await Store.open(folder=file.parent) as store:
        await _fill(store)
    database = await Database.open(address_of(folder=file.parent))
    await database.write(lambda c: erasure.forget(c, "console", SECRET, Part.EVERYTHING, NOON))
    assert SECRET in _bytes(file), "where a crash would leave it: in the log"
    async with await Store.open(folder=file.parent) as store:
        assert SECRET not in _bytes(file)
        assert await store.people()
    await database.close()


async def test_a_reader_that_holds_old_bytes_is_told_of_and_outwaited(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA busy_timeout = 50"))
    async with await Store.open(folder=file.parent) as store:
        await _fill(store)
        reader = sqlite3.connect(file, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM turns").fetchone()
        with pytest.raises(ErasureUnfinished) as caught:
            await store.forget("console", SECRET)
        assert caught.value.receipt.turns > 50
        assert SECRET in _bytes(file)
        async with await Store.open(folder=file.parent):
            assert SECRET in _bytes(file), "the reader is still there: the start goes on anyway"
        reader.close()
    async with await Store.open(folder=file.parent):
        assert SECRET not in _bytes(file)


async def test_an_erasure_marked_while_another_is_scrubbed_is_not_taken_for_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    def and_meanwhile(connection: sqlite3.Connection) -> bool:
        done = rewrite(connection)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("PRAGMA user_version = 7")
        other.close()
        return done

    rewrite = sqlite._rewrite
    monkeypatch.setattr(sqlite, "_rewrite", and_meanwhile)
    async with await Store.open(folder=file.parent) as store:
        await store.receive(said())
        await store.forget("console", "ann")
        assert await store._database.read(_debt) == 7
    monkeypatch.undo()
    async with await Store.open(folder=file.parent) as store:
        assert await store._database.read(_debt) == 0


def _debt(connection: Connection) -> object:
    return connection.exec_driver_sql("PRAGMA user_version").scalar()


async def _fill(store: Store) -> None:
    """Rows of several people that grow where they lie, so that SQLite splits pages and moves rows.

    It leaves copies behind then: without the VACUUM the bytes are found.
    """
    dice = random.Random(1)
    turns = []
    for number in range(300):
        who = dice.choice([SECRET, "bob", "eve", "kim"])
        text = f"{who} " * dice.randrange(1, 120)
        message = said(text, str(number), chat_id=dice.choice(["group", who]), user_id=who)
        turns.append(((await store.receive(message)).turn.id, who))
    for turn_id, who in dice.sample(turns, len(turns)):
        await store.complete(turn_id, f"{who} " * dice.randrange(1, 120), felt(), note=who)


async def _fill_more(store: Store) -> None:
    """Her words in every other place that can hold some."""
    lead = (await store.receive(said(SECRET, "lead", user_id=SECRET))).turn
    for number in range(20):
        message = said(SECRET, f"more {number}", user_id=SECRET, chat_id="ann-alone")
        turn = (await store.receive(message)).turn
        await store.join(turn.id, lead.id)
        await store.edit(message.place, f"{SECRET} " * number)
        await store.delivery_created(message.place, SECRET * number)
        await store.delivery_ended(message.place, SECRET)
    await store.complete(lead.id, SECRET, felt())
    await store.replace_reply(lead.id, f"{SECRET} " * 50)
    await store.set_language("console", SECRET, SECRET)
    await store.pairing_code("console", SECRET, SECRET, SECRET, NEVER)
    await store.move_chat("console", "ann-alone", "elsewhere")


def _bytes(file: Path) -> str:
    """All bytes of the database's files, read by another process.

    Reading them in this one would drop its locks on them: so POSIX wants it.
    """
    files = sorted(file.parent.glob(f"{file.name}*"))
    read = subprocess.run(["cat", *files], capture_output=True, check=True)
    return read.stdout.decode("latin-1")
