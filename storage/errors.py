"""What can go wrong with the memory: one tree, each error one sentence that says what to do.

StorageError
├── DatabaseUrlInvalid        the URL cannot be used (its text is never repeated)
├── DriverMissing             the package that speaks to this database is not installed
├── DatabaseUnavailable       it may work again once the owner has done something
│   ├── FolderUnwritable      the data folder cannot be made or written
│   ├── FileUnwritable        the database file cannot be opened for writing
│   ├── DiskFull              no space is left
│   ├── DatabaseBusy          another program holds it
│   └── ServerUnreachable     the PostgreSQL server does not answer or does not let us in
├── DatabaseUnusable          this database will not work: another file or newer code is needed
│   ├── NotADatabase          the file is something else
│   ├── DatabaseForeign       it belongs to another program
│   ├── DatabaseCorrupted     its content is damaged
│   └── DatabaseTooNew        a newer Warmline has written it
├── ErasureUnfinished         deleted, but traces remain in the file until the next start
│   └── ErasureUnnoted        deleted, but a backup that is put back will not forget it
├── TombstonesDamaged         what was forgotten cannot be read any more
├── RestoreImpossible         this backup cannot be put in place
├── TurnGone                  the turn was forgotten meanwhile
└── StoreClosed               a question after `close`

Knows: sentences for the owner. Does not know: any library. A sentence may hold a path or a URL
with its password masked, never a person's words.
"""

from __future__ import annotations

from storage.receipts import Receipt


class StorageError(Exception):
    """Anything the memory cannot do. Its message is for the owner."""


class DatabaseUrlInvalid(StorageError):
    """The database URL cannot be read, or names something that is not supported."""


class DriverMissing(StorageError):
    """An extra has to be installed first; the message holds the command."""


class DatabaseUnavailable(StorageError):
    """The database cannot be used now. Nothing was written."""


class FolderUnwritable(DatabaseUnavailable):
    """The data folder cannot be made, or nothing can be written in it."""


class FileUnwritable(DatabaseUnavailable):
    """The database file is read-only, or is a folder."""


class DiskFull(DatabaseUnavailable):
    """The disk, or the quota, is used up."""


class DatabaseBusy(DatabaseUnavailable):
    """Another program held the database for longer than we wait."""


class ServerUnreachable(DatabaseUnavailable):
    """The server is down, cannot be found, or refuses this name and password."""


class DatabaseUnusable(StorageError):
    """The database itself is wrong. Nothing was changed in it."""


class NotADatabase(DatabaseUnusable):
    """The file is not an SQLite database."""


class DatabaseForeign(DatabaseUnusable):
    """The database already holds tables of these names that Warmline did not make."""


class DatabaseCorrupted(DatabaseUnusable):
    """The file is damaged, or was cut short."""


class DatabaseTooNew(DatabaseUnusable):
    """The database has a revision that this version of the code does not know."""


class ErasureUnfinished(StorageError):
    """The rows are deleted, but old bytes could not be cleared from the file yet.

    `receipt` counts what was deleted. The next `Store.open` finishes the work.
    """

    def __init__(self, sentence: str, receipt: Receipt) -> None:
        super().__init__(sentence)
        self.receipt = receipt


class ErasureUnnoted(ErasureUnfinished):
    """The rows are deleted, but the tombstone could not be written. Old bytes may stay as well."""


class TombstonesDamaged(StorageError):
    """A line of the file of tombstones cannot be read. Nothing was done."""


class RestoreImpossible(StorageError):
    """The backup is not one, or there is no file to put it in the place of. Nothing was changed."""


class TurnGone(StorageError):
    """There is no such turn: its person was forgotten while it was being answered."""

    def __init__(self, turn_id: int) -> None:
        super().__init__(f"turn {turn_id} is gone: its person was forgotten, so drop it")
        self.turn_id = turn_id


class StoreClosed(StorageError):
    """The store was closed before the question was asked."""
