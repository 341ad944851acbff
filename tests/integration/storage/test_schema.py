"""The tables: made from blank, equal to the models, refused when they are not ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Row, inspect, text

from storage.address import address_of
from storage.database import Database
from storage.errors import DatabaseForeign, DatabaseTooNew
from storage.models import Base
from storage.schema import VERSION_TABLE, revisions
from storage.store import Store
from tests.integration.storage.values import felt, said


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = await Database.open(address_of(url))
    yield database
    await database.close()


async def test_a_blank_database_gets_every_table_and_its_revision(database: Database):
    tables = await database.read(lambda c: set(inspect(c).get_table_names()))
    assert set(Base.metadata.tables) | {VERSION_TABLE} == tables - {"sqlite_sequence"}
    assert await database.read(revisions) == {"0008"}


async def test_the_migrated_tables_are_those_of_the_models(database: Database):
    def differences(connection: Connection) -> list[object]:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        found = list(compare_metadata(context, Base.metadata))
        if connection.dialect.name == "sqlite":
            # Links are compared below: SQLAlchemy reads none that was added to a table.
            return [one for one in found if one[0] not in ("remove_fk", "add_fk")]
        return found

    assert await database.read(differences) == []


async def test_the_links_in_an_sqlite_file_are_those_of_the_models(file: Path):
    database = await Database.open(address_of(folder=file.parent))
    found = {
        (name, row.from_, row.table, row.to, row.on_delete)
        for name in Base.metadata.tables
        for row in await database.read(partial(_links, name))
    }
    await database.close()
    links = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
    assert found == {
        (
            key.parent.table.name,
            key.parent.name,
            key.column.table.name,
            key.column.name,
            key.ondelete,
        )
        for key in links
    }


def _links(table: str, connection: Connection) -> Sequence[Row[Any]]:
    listed = 'SELECT "from" AS from_, "table", "to", on_delete FROM pragma_foreign_key_list(:table)'
    return connection.execute(text(listed), {"table": table}).all()


async def test_a_database_of_a_newer_warmline_is_refused_and_left_alone(
    url: str, database: Database
):
    await database.write(partial(_execute, f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match=r"newer Warmline: update Warmline or name"):
        await Store.open(url)
    assert await database.read(revisions) == {"9999"}


async def test_tables_of_another_program_are_not_touched(url: str, database: Database):
    await database.write(partial(_execute, f"DROP TABLE {VERSION_TABLE}"))
    with pytest.raises(DatabaseForeign, match="of another program"):
        await Store.open(url)


async def test_two_stores_may_open_a_blank_database_at_once(url: str):
    stores = await asyncio.gather(*(Store.open(url) for _ in range(4)))
    for store in stores:
        assert await store.people() == []
        await store.close()


async def test_stores_in_two_threads_may_open_a_blank_database_at_once(url: str):
    async def opened() -> None:
        await (await Store.open(url)).close()

    await asyncio.gather(*(asyncio.to_thread(asyncio.run, opened()) for _ in range(3)))


async def test_what_hangs_on_a_deleted_person_or_conversation_goes_with_it(
    url: str, database: Database
):
    async with await Store.open(url) as store:
        for table in ("people", "conversations"):
            turn = (await store.receive(said())).turn
            await store.complete(turn.id, "hi", felt())
            assert await store.correct("console", "ann", turn.id, "neutral", 0.0)
            await database.write(partial(_execute, f"DELETE FROM {table}"))
            for left in ("turns", "labels", "corrections"):
                assert await database.read(partial(_scalar, f"SELECT count(*) FROM {left}")) == 0


def _execute(statement: str, connection: Connection) -> None:
    connection.execute(text(statement))


def _scalar(statement: str, connection: Connection) -> object:
    return connection.scalar(text(statement))


async def test_at_the_noisiest_log_level_no_word_of_a_person_is_logged(
    url: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    async with await Store.open(url) as store:
        turn = (await store.receive(said("zebrawords", user_name="zebrawords"))).turn
        await store.complete(turn.id, "zebrawords", felt())
    assert "zebrawords" not in caplog.text
