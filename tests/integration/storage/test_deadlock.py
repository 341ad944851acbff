"""Transactions that wait for each other: none does where order helps, and none is lost by it.

PostgreSQL only: SQLite has one writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.util import await_only

from storage import database
from storage.address import address_of
from storage.database import Database
from storage.errors import DatabaseBusy
from storage.store import Store
from tests.integration.storage.cluster import Cluster
from tests.integration.storage.values import said

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


# Which of the rows that it changes a statement takes first is up to the server's planner. This
# way it takes them as they lie.
AS_THEY_LIE = "enable_indexscan", "enable_bitmapscan"


@pytest.fixture
async def store(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """One that gives up at the first deadlock."""
    monkeypatch.setattr(database, "DEADLOCKS", 0)
    url = cluster.new_database()
    async with await Store.open(url) as store:
        await store._database.write(_plan_as_they_lie)
    async with await Store.open(url) as store:
        yield store


def _plan_as_they_lie(connection: Connection) -> None:
    name = connection.scalar(text("SELECT current_database()"))
    for way in AS_THEY_LIE:
        connection.execute(text(f"ALTER DATABASE {name} SET {way} = off"))


@asynccontextmanager
async def _held(store: Store, table: str, row_id: int) -> AsyncIterator[None]:
    """A row in somebody's hands."""
    async with store._database._engine.connect() as connection:
        await connection.execute(
            text(f"SELECT id FROM {table} WHERE id = :id FOR UPDATE"), {"id": row_id}
        )
        yield


async def _until_waiting(store: Store, count: int) -> None:
    async with asyncio.timeout(10):
        while await store._database.read(lambda c: c.scalar(WAITING)) != count:
            pass


async def test_a_move_and_a_joining_take_turns_in_one_order(store: Store):
    lead, late, last = [
        (await store.receive(said(message_id=name, chat_id="old"))).turn for name in "zba"
    ]
    # Now the first row lies behind the others, as its name does: only by its id it comes first.
    await store.begin(lead.id)
    async with _held(store, "turns", last.id):
        move = asyncio.create_task(store.move_chat("console", "old", "new"))
        await _until_waiting(store, 1)
        join = asyncio.create_task(store.join(late.id, lead.id))
        await _until_waiting(store, 2)
    assert (await move, await join) == (1, True)


async def test_a_move_and_an_erasure_take_conversations_in_one_order(store: Store):
    await store.receive(said(chat_id="new"))
    old = (await store.receive(said(chat_id="old"))).turn
    async with _held(store, "conversations", old.conversation_id):
        move = asyncio.create_task(store.move_chat("console", "old", "new"))
        await _until_waiting(store, 1)
        forget = asyncio.create_task(store.forget("console", "ann"))
        await _until_waiting(store, 2)
    assert await move == 1
    assert (await forget).turns == 2


class Crossing:
    """Two pieces of work that take two people in opposite orders, and meet in the middle."""

    def __init__(self, there: Database) -> None:
        self._database = there
        self._half = {"ann": asyncio.Event(), "bob": asyncio.Event()}
        self.runs = 0

    async def both(self) -> list[Any]:
        ways = [("ann", "bob"), ("bob", "ann")]
        return await asyncio.gather(*(self._take(*way) for way in ways), return_exceptions=True)

    async def _take(self, first: str, then: str) -> None:
        def work(connection: Connection) -> None:
            self.runs += 1
            self._rename(connection, first)
            self._half[first].set()
            await_only(self._half[then].wait())
            self._rename(connection, then)

        await self._database.write(work)

    def _rename(self, connection: Connection, who: str) -> None:
        renamed = text("UPDATE people SET name = name || 'x' WHERE user_id = :who")
        connection.execute(renamed, {"who": who})


@pytest.mark.parametrize("patience", [database.DEADLOCKS, 0])
async def test_work_that_gives_way_to_other_work_is_run_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, patience: int
):
    monkeypatch.setattr(database, "DEADLOCKS", patience)
    url = cluster.new_database()
    async with await Store.open(url) as store:
        for who in ("ann", "bob"):
            await store.receive(said(message_id=who, user_id=who, user_name=""))
        there = await Database.open(address_of(url))
        crossing = Crossing(there)
        ended = await crossing.both()
        await there.close()
        names = {person.name for person in await store.people()}
    if patience:
        assert (ended, crossing.runs, names) == ([None, None], 3, {"xx"})
    else:
        assert [type(one) for one in ended if one] == [DatabaseBusy]
        assert (crossing.runs, names) == (2, {"x"})
