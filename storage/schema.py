"""Brings a database to the tables of this code, or refuses it.

Knows: Alembic, driven without an alembic.ini; the order of checks. Does not know: files, what is
in the tables. `prepare` blocks: call it in a thread.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage import sqlite
from storage.address import Address
from storage.errors import DatabaseForeign, DatabaseTooNew
from storage.faults import translated
from storage.models import Base

VERSION_TABLE = "warmline_version"
MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic keeps the running migration in global variables: one at a time in this process. Other
# processes are held off by the transaction (SQLite) or by this advisory lock (PostgreSQL).
_one_at_a_time = threading.Lock()
ADVISORY_LOCK = 0x7761726D6C696E65


def prepare(address: Address, options: dict[str, object]) -> None:
    """Check the database and apply what revisions it lacks, all of them or none.

    Raises:
        DatabaseTooNew, DatabaseForeign, and what `sqlite.prepare` and the server raise.
    """
    with _one_at_a_time, translated(address.shown):
        if address.path:
            sqlite.prepare(address.path)
        # A loop of its own: both drivers are asynchronous, and Alembic is slow and is not.
        asyncio.run(_upgrade(address, options))


async def _upgrade(address: Address, options: dict[str, object]) -> None:
    engine = create_async_engine(
        address.url, poolclass=pool.NullPool, hide_parameters=True, connect_args=options
    )
    if address.path:
        # Foreign keys stay off here: making a table anew must not delete what points to it.
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade, address.shown)
    finally:
        await engine.dispose()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def upgrade(connection: Connection, where: str) -> None:
    """Apply the missing revisions inside the transaction that is open on `connection`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    present = revisions(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present - known:
        raise DatabaseTooNew(
            f"The database {where} was written by a newer Warmline: update Warmline or name "
            "another database."
        )
    if not present and set(inspect(connection).get_table_names()) & set(Base.metadata.tables):
        raise DatabaseForeign(
            f"The database {where} holds tables of another program: give Warmline a database "
            "of its own."
        )
    command.upgrade(config, "head")


def revisions(connection: Connection) -> set[str]:
    """The revisions that the database says it has; empty for a blank one."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return set(context.get_current_heads())
