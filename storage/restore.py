"""A backup put in the place of an SQLite database, with what was forgotten since forgotten in it.

Knows: the order. The backup is copied beside the database, checked, brought up to date, and every
erasure since is done on the copy: only then it takes the place of the database, which is kept under
another name. So whatever stops this leaves the database as it was. Does not know: how a backup is
made; PostgreSQL, which has tools of its own (`Store.apply_tombstones` is for after those).
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete

from storage import erasure, sqlite
from storage.address import Address, address_of, file_address
from storage.database import Database
from storage.door import Clock, tombstones_of, utc_now
from storage.errors import DatabaseBusy, DatabaseCorrupted, DatabaseUnusable, RestoreImpossible
from storage.models import KeyRow, LetterRow
from storage.receipts import Receipt
from storage.schema import VERSION_TABLE
from storage.store import Store

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite may leave beside a file."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Where the database is, under which name the one before is kept (None: there was none).

    `receipts` are of the erasures that were done once more.
    """

    path: Path
    kept: Path | None
    receipts: tuple[Receipt, ...]


async def restore(
    backup: Path, url: str = "", *, folder: Path | None = None, clock: Clock = utc_now
) -> Restored:
    """Put `backup` in the place of the database that `url` or `folder` names, as in `Store.open`.

    No store of this process may be open on it. Ways into the dashboard and letters do not come
    back: they were used and told. Choices, grants and check-ins are those of the backup.

    Raises:
        RestoreImpossible: the database is on a server, or the backup is none of Warmline's.
        DatabaseBusy: another process has the database open.
        DatabaseCorrupted: the backup is damaged.
        StorageError: as in `Store.open` and `Store.apply_tombstones`.
    """
    address = address_of(url, folder)
    path = address.path
    if path is None:
        raise RestoreImpossible(
            "The database is on a PostgreSQL server: restore it with the server's own tools, then "
            "run warmline restore without a file."
        )
    copy = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        await asyncio.to_thread(_copy, backup, path, copy)
        receipts = await _made_ready(copy, address, folder, clock)
        kept = await asyncio.to_thread(_put, copy, path, clock())
    finally:
        await asyncio.to_thread(_clear, copy)
    return Restored(path, kept, tuple(receipts))


def _copy(backup: Path, path: Path, copy: Path) -> None:
    """A checked copy with mode 0600, whole also where the backup has a log beside it."""
    if not backup.is_file():
        raise RestoreImpossible(f"There is no file {backup}: name the file of a backup.")
    if path.exists() and backup.samefile(path):
        raise RestoreImpossible(f"{backup} is the database itself: name the file of a backup.")
    sqlite.make_folder(path.parent)
    _hold(path)
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    log = Path(f"{backup}-wal")
    # Nothing is made beside a backup that has no log: it may lie where nobody may write.
    mode = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    try:
        with (
            closing(sqlite3.connect(f"{backup.absolute().as_uri()}?{mode}", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            (verdict,) = target.execute("PRAGMA integrity_check(1)").fetchone()
            ours = "SELECT count(*) FROM sqlite_master WHERE name = ?"
            (versions,) = target.execute(ours, (VERSION_TABLE,)).fetchone()
    except sqlite3.Error as error:
        raise DatabaseCorrupted(
            f"{backup} cannot be read as an SQLite database ({error}): name another backup."
        ) from error
    if verdict != "ok":
        raise DatabaseCorrupted(f"The backup {backup} is damaged: name another one.")
    if not versions:
        raise RestoreImpossible(f"{backup} is no database of Warmline: name another file.")


async def _made_ready(
    copy: Path, address: Address, folder: Path | None, clock: Clock
) -> list[Receipt]:
    database = await Database.open(file_address(copy))
    async with Store(database, clock, tombstones_of(address, folder)) as store:
        await database.write(_void)
        return await store.apply_tombstones()


def _void(connection: Connection) -> None:
    connection.execute(delete(KeyRow))
    connection.execute(delete(LetterRow))
    erasure.mark(connection, secrets.token_hex(4))


def _put(copy: Path, path: Path, at: datetime) -> Path | None:
    if not sqlite.alone(copy):
        raise DatabaseBusy(f"Another program has opened {copy}: run this again.")
    _hold(path)
    kept = _free_name(path, at) if path.exists() else None
    if kept:
        for end in ("", *BESIDE):
            if (old := Path(f"{path}{end}")).exists():
                old.rename(f"{kept}{end}")
    copy.rename(path)
    return kept


def _hold(path: Path) -> None:
    """Refuse while somebody has the database open. A damaged one, nobody has."""
    try:
        if not path.exists() or sqlite.alone(path):
            return
    except DatabaseUnusable:
        return
    raise DatabaseBusy(f"{path} is in use: stop Warmline and run this again.")


def _free_name(path: Path, at: datetime) -> Path:
    """The database's own name with the time."""
    name = f"{path.stem}-replaced-{at:%Y%m%dT%H%M%SZ}"
    free = path.with_name(f"{name}{path.suffix}")
    number = 1
    while free.exists():
        number += 1
        free = path.with_name(f"{name}-{number}{path.suffix}")
    return free


def _clear(copy: Path) -> None:
    for end in ("", *BESIDE):
        Path(f"{copy}{end}").unlink(missing_ok=True)
