"""Where the database is: reads a URL or a folder into an address.

Knows: which URLs are supported and how to show one without its password. Does not know: files,
connections. A URL that cannot be read is never repeated, since a password may be anywhere in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import DatabaseUrlInvalid

FILE_NAME = "warmline.sqlite3"

SQLITE = ("sqlite", "sqlite+aiosqlite")
POSTGRESQL = ("postgres", "postgresql", "postgresql+asyncpg")
OPTIONS = ("host", "port", "ssl", "prepared_statement_cache_size")
FORMS = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


@dataclass(frozen=True, slots=True)
class Address:
    """A database that can be opened. `path` is its file on SQLite, None on a server."""

    url: URL
    path: Path | None

    @property
    def shown(self) -> str:
        """For an error or a log line: the path, or the URL with its password masked."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)


def address_of(url: str = "", folder: Path | None = None) -> Address:
    """The address that a URL names; without a URL, the SQLite file in `folder`.

    Raises:
        DatabaseUrlInvalid: neither is given, or the URL is none that is supported.
    """
    if url:
        parsed = _parse(url)
        if parsed.drivername in SQLITE:
            return _sqlite(parsed)
        if parsed.drivername in POSTGRESQL:
            return _postgresql(parsed)
        raise DatabaseUrlInvalid(f"This kind of database is not supported: {FORMS}.")
    if folder is None:
        raise DatabaseUrlInvalid("No database is named: give a data folder or a database URL.")
    return file_address(folder / FILE_NAME)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseUrlInvalid(f"The database URL cannot be read: {FORMS}.") from None
    if "@" in (parsed.host or ""):
        # The rest of a password with a bare "@" would pass for the host, and be shown.
        raise DatabaseUrlInvalid(
            "The database URL has more than one @: write %40 for an @ inside the password."
        )
    return parsed


def file_address(path: Path) -> Address:
    """The address of an SQLite file, whatever its name."""
    path = path.absolute()
    return Address(URL.create("sqlite+aiosqlite", database=str(path)), path)


def _sqlite(url: URL) -> Address:
    if url.host:
        raise DatabaseUrlInvalid(
            "An SQLite URL takes three slashes before a relative path and four before an "
            "absolute one: write sqlite:///FILE or sqlite:////FOLDER/FILE."
        )
    if url.query or not url.database or url.database == ":memory:":
        raise DatabaseUrlInvalid("An SQLite URL must name a file and nothing else.")
    return file_address(Path(url.database))


def _postgresql(url: URL) -> Address:
    query = {"ssl" if key == "sslmode" else key: value for key, value in url.query.items()}
    if unknown := sorted(set(query) - set(OPTIONS)):
        raise DatabaseUrlInvalid(
            f"The database URL has an option that is not known ({', '.join(unknown)}): "
            f"leave it out; these work: {', '.join(OPTIONS)}."
        )
    if not url.database:
        raise DatabaseUrlInvalid(f"The database URL names no database: {FORMS}.")
    return Address(url.set(drivername="postgresql+asyncpg", query=query), None)
