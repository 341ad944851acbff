"""One open database: connections, and transactions that are whole even when a caller is cancelled.

Knows: SQLAlchemy's engine, who may write when. Does not know: tables, questions. A piece of work
is a plain function of a connection: SQLAlchemy runs it beside the loop and waits for the driver
without blocking.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage import sqlite
from storage.address import Address
from storage.errors import DriverMissing, StoreClosed
from storage.faults import is_deadlock, translated

T = TypeVar("T")
Work = Callable[[Connection], T]

CONNECT_TIMEOUT_S = 10
BEGIN = "warmline_begin"

LARGE_BYTES = 64 * 2**20
LARGE_REST_S = 3600

DEADLOCKS = 3
"""So often work gives way to another that it waits for, and that waits for it."""

# SQLite has one writer. Ours queue here, in order, instead of meeting in the file; writers of
# other processes are met by BEGIN IMMEDIATE, which waits up to the busy timeout.
_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class Database:
    """Runs pieces of work, each in a transaction of its own. Made by `Database.open`."""

    def __init__(self, address: Address, engine: AsyncEngine) -> None:
        self.address = address
        self._engine = engine
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._scrubbed_at = -math.inf

    @classmethod
    async def open(cls, address: Address) -> Database:
        """Check and migrate the database in a thread, then stand ready.

        Raises:
            StorageError: any of those under DatabaseUnavailable, DatabaseUnusable, DriverMissing.
        """
        # At DEBUG it logs every statement with its parameters: a person's words.
        logging.getLogger("aiosqlite").setLevel(logging.WARNING)
        options: dict[str, object] = (
            {"isolation_level": None} if address.path else {"timeout": CONNECT_TIMEOUT_S}
        )
        try:
            engine = _engine(address, options)
        except ModuleNotFoundError as error:
            if address.path:
                raise
            raise DriverMissing(
                "PostgreSQL needs one more package: pip install 'warmline[postgres]'"
            ) from error
        await unbroken(asyncio.to_thread(_prepare, address, options))
        return cls(address, engine)

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads, in one transaction."""
        return await self._run(self._transaction(work, "BEGIN"))

    async def write(self, work: Work[T]) -> T:
        """Run work that writes, in one transaction; an error leaves nothing of it.

        Work that PostgreSQL stopped, because it and another waited for each other, is run again.
        """
        async with self._writer():
            return await self._run(self._transaction(work, "BEGIN IMMEDIATE"))

    async def scrub(self, patient: bool = False) -> None:
        """Clear deleted words from the files. On a server that is its own business.

        With `patient`, a large file, whose writers would wait for long, is left till an hour after
        the last time.
        """
        path = self.address.path
        if path is None:
            return
        now = asyncio.get_running_loop().time()
        if patient and now - self._scrubbed_at < LARGE_REST_S and _is_large(path):
            return
        async with self._writer():
            await self._run(asyncio.to_thread(sqlite.scrub, path))
        self._scrubbed_at = now

    async def close(self) -> None:
        """Let running work end, then close every connection. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        await unbroken(self._dispose())

    async def _dispose(self) -> None:
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    async def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._closed:
            work.close()
            raise StoreClosed("The store is closed: open it again before asking.")
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await unbroken(task)

    async def _transaction(self, work: Work[T], begin: str) -> T:
        with translated(self.address.shown):
            for _ in range(DEADLOCKS):
                try:
                    return await self._once(work, begin)
                except DBAPIError as error:
                    if not is_deadlock(error):
                        raise
            return await self._once(work, begin)

    async def _once(self, work: Work[T], begin: str) -> T:
        async with self._engine.connect() as connection:
            await connection.execution_options(**{BEGIN: begin})
            async with connection.begin():
                return await connection.run_sync(work)

    def _writer(self) -> AbstractAsyncContextManager[Any]:
        if self.address.path is None:
            return nullcontext()
        return _writers.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def unbroken(work: Coroutine[Any, Any, T] | asyncio.Task[T]) -> T:
    """Wait for work to its end even when the waiter is cancelled; only then is the cancel raised.

    A transaction is thus never torn, and a connection never left in the middle of a statement.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        if not task.cancelled():
            task.exception()  # Looked at: the cancel goes first.
        raise


def _is_large(path: Path) -> bool:
    return path.stat().st_size > LARGE_BYTES


def _prepare(address: Address, options: dict[str, object]) -> None:
    from storage import schema  # Alembic is slow to import: here it happens beside the loop.

    schema.prepare(address, options)


def _engine(address: Address, options: dict[str, object]) -> AsyncEngine:
    if address.path is None:
        return create_async_engine(
            address.url,
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=options,
        )
    # Each connection is a thread.
    engine = create_async_engine(
        address.url, pool_size=4, max_overflow=0, hide_parameters=True, connect_args=options
    )
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _set_pragmas(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in sqlite.PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))
