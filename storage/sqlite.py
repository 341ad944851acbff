"""The SQLite file: made private, checked before use, scrubbed after an erasure.

Knows: file modes, pragmas, what SQLite leaves behind. Does not know: tables, SQLAlchemy. All
functions block: call them in a thread.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from storage.errors import (
    DatabaseBusy,
    DatabaseCorrupted,
    FileUnwritable,
    FolderUnwritable,
)
from storage.faults import sqlite_fault

BUSY_TIMEOUT_MS = 5000
ALONE_TIMEOUT_MS = 500
CHECKPOINT_PAUSE_S = 0.02

# For every connection. The temporary files of a VACUUM would hold everybody's words: memory.
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA foreign_keys = ON",
)

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def prepare(path: Path) -> None:
    """Make the file with mode 0600 (its folder with 0700), or check the one that is there.

    Raises:
        FolderUnwritable, FileUnwritable, NotADatabase, DatabaseCorrupted, DatabaseBusy, DiskFull.
    """
    make_folder(path.parent)
    _make_file(path)
    with _connected(path) as connection:
        # The mode stays in the file. Where WAL cannot work, SQLite keeps its rollback journal.
        connection.execute("PRAGMA journal_mode = WAL")
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        _make_private(path)
    if verdict != "ok":
        raise DatabaseCorrupted(f"The database {path} is damaged: restore a backup of it.")
    try:
        scrub(path)
    except DatabaseBusy:
        return  # Another process works with it: the mark stays, the next start tries again.


def debt() -> str:
    """The statement that marks an erasure, for the transaction that deletes.

    The mark is a random number in the file's header: an erasure that a crash cuts short is found
    at the next start, and one that is marked while another is scrubbed is not taken for it.
    """
    return f"PRAGMA user_version = {secrets.randbelow(2**31 - 1) + 1}"


def scrub(path: Path) -> None:
    """After an erasure, rewrite the file and empty its log: deleted words are in no byte of either.

    `secure_delete` alone is not enough: when SQLite balances its pages it leaves copies of
    cells in their unused space. Reads and writes the whole file; writers wait meanwhile.

    Raises:
        DatabaseBusy: another program is reading or writing; the mark for the next start stays.
    """
    with _connected(path) as connection:
        owed = _debt(connection)
        if not owed:
            return
        if not _rewrite(connection):
            raise DatabaseBusy(f"Another program is reading {path}: close it and start again.")
        connection.execute("BEGIN IMMEDIATE")
        if _debt(connection) == owed:
            connection.execute("PRAGMA user_version = 0")
        connection.execute("COMMIT")


def _debt(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def _rewrite(connection: sqlite3.Connection) -> bool:
    """False when somebody's reading kept the log from being emptied."""
    connection.execute("VACUUM")
    until = monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        (busy, log, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        # No length of the log: another process is emptying it, and for that SQLite never waits.
        if not busy or log != -1 or monotonic() > until:
            return not busy
        sleep(CHECKPOINT_PAUSE_S)


def alone(path: Path) -> bool:
    """Whether nobody else has the file open; its log is then emptied into it and gone.

    Leaving WAL takes a lock that any other connection, however idle, stands in the way of. Where
    WAL cannot work, only somebody who is reading or writing at this moment is seen.
    """
    with _connected(path) as connection:
        connection.execute(f"PRAGMA busy_timeout = {ALONE_TIMEOUT_MS}")
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return False
            raise
    return True


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            for pragma in PRAGMAS:
                connection.execute(pragma)
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise sqlite_fault(error, str(path)) from error


def make_folder(folder: Path) -> None:
    """Make it with mode 0700, or check that the one that is there can be written.

    Raises:
        FolderUnwritable: it cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        raise FolderUnwritable(
            f"The data folder {folder} cannot be made: name a folder that you may write."
        ) from error
    if not writable:
        raise FolderUnwritable(
            f"The data folder {folder} is read-only: make it writable or name another one."
        )


def _make_file(path: Path) -> None:
    if path.is_dir():
        raise FileUnwritable(f"{path} is a folder: name a file for the database.")
    try:
        if not path.exists():
            # Made by us, not by SQLite: private from its first moment; SQLite gives the -wal and
            # -shm beside it the same mode. A file that is there is never opened here: closing it
            # would drop the locks that another connection of this process holds on it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        writable = os.access(path, os.R_OK | os.W_OK)
    except FileExistsError:
        return  # Another process made it just now.
    except OSError as error:
        raise _unwritable(path) from error
    if not writable:
        raise _unwritable(path)


def _make_private(path: Path) -> None:
    """Take from others what an older file, or a copy of one, still lets them do."""
    try:
        for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0
            if mode & OTHERS:
                file.chmod(mode & ~OTHERS)
    except OSError as error:
        raise _unwritable(path) from error


def _unwritable(path: Path) -> FileUnwritable:
    return FileUnwritable(
        f"The database {path} cannot be written: change its owner or mode, or name another one."
    )
