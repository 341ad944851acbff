"""The seam: errors of the database libraries become ours, once, most specific first.

Knows: the codes of SQLite and PostgreSQL. Does not know: files, tables. The library's error stays
as the cause; it carries no parameters, since the engine is built with `hide_parameters`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from storage.errors import (
    DatabaseBusy,
    DatabaseCorrupted,
    DatabaseUnavailable,
    DiskFull,
    FileUnwritable,
    NotADatabase,
    ServerUnreachable,
    StorageError,
)

Fault = tuple[type[StorageError], str]

BUSY: Fault = (DatabaseBusy, "Another program holds the database {where}: close it and try again.")
FULL: Fault = (DiskFull, "The disk that holds {where} is full: free some space and try again.")
READ_ONLY: Fault = (
    FileUnwritable,
    "The database {where} cannot be written: change its owner or mode, or name another one.",
)
LOGIN: Fault = (
    ServerUnreachable,
    "The server refuses the name or password of {where}: correct the database URL.",
)
DOWN: Fault = (
    ServerUnreachable,
    "The database {where} does not answer: start the server or correct the database URL.",
)

SQLITE_FAULTS: dict[int, Fault] = {
    sqlite3.SQLITE_NOTADB: (
        NotADatabase,
        "{where} is not an SQLite database: move it away or name another file.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        DatabaseCorrupted,
        "The database {where} is damaged: restore a backup of it.",
    ),
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: READ_ONLY,
    sqlite3.SQLITE_IOERR: (
        DatabaseUnavailable,
        "The disk failed while {where} was used: check the disk and its free space.",
    ),
}

DEADLOCK = "40P01"

# By SQLSTATE, or by its class, the first two characters.
POSTGRESQL_FAULTS: dict[str, Fault] = {
    "3D000": (
        ServerUnreachable,
        "The server does not have the database {where}: create it or correct the database URL.",
    ),
    "42501": (
        FileUnwritable,
        "The user of {where} may not do this: grant it the right to create and change tables.",
    ),
    "25006": READ_ONLY,
    "53100": FULL,
    "53300": (
        DatabaseBusy,
        "The server of {where} has no connection left: raise its max_connections.",
    ),
    "55P03": BUSY,
    DEADLOCK: BUSY,
    "28": LOGIN,
    "08": DOWN,
    "57": DOWN,
}


def is_deadlock(error: exc.DBAPIError) -> bool:
    """Whether the server ended a transaction because two waited for each other."""
    return getattr(error.orig, "sqlstate", None) == DEADLOCK


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Let only StorageErrors and the caller's own mistakes out. `where` is safe to show."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _fault(error, where) from error
    except exc.TimeoutError as error:
        raise _made(BUSY, where) from error
    except exc.StatementError as error:
        # A value was refused before it reached the database: the caller's mistake, as it is.
        raise (error.orig or error) from None
    except (OSError, TimeoutError) as error:
        raise _made(DOWN, where) from error


def sqlite_fault(error: sqlite3.Error, where: str) -> StorageError:
    """Our error for one of SQLite's, by its primary result code."""
    code = getattr(error, "sqlite_errorcode", None)
    fault = SQLITE_FAULTS.get(code & 0xFF) if isinstance(code, int) else None
    return _made(fault, where) if fault else _unknown(error, where)


def _fault(error: exc.DBAPIError, where: str) -> StorageError:
    if isinstance(error.orig, sqlite3.Error):
        return sqlite_fault(error.orig, where)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    fault = POSTGRESQL_FAULTS.get(state) or POSTGRESQL_FAULTS.get(state[:2])
    if fault is None and error.connection_invalidated:
        fault = DOWN
    return _made(fault, where) if fault else _unknown(error.orig or error, where)


def _made(fault: Fault, where: str) -> StorageError:
    kind, sentence = fault
    return kind(sentence.format(where=where))


def _unknown(error: BaseException, where: str) -> StorageError:
    return StorageError(
        f"The database {where} refused a statement ({type(error).__name__}): "
        "please report this with the log."
    )
