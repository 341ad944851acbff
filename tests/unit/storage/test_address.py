"""URLs: which are understood, and that no password is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.address import address_of
from storage.errors import DatabaseUrlInvalid


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////srv/a%20b.sqlite3", Path("/srv/a b.sqlite3")),
        ("sqlite+aiosqlite:////srv/x.sqlite3", Path("/srv/x.sqlite3")),
        ("sqlite:///here.sqlite3", Path.cwd() / "here.sqlite3"),
    ],
)
def test_an_sqlite_url_names_its_file(url: str, path: Path):
    address = address_of(url)
    assert address.path == path
    assert address.url.drivername == "sqlite+aiosqlite"
    assert address.shown == str(path)


def test_without_a_url_the_file_is_in_the_folder():
    assert address_of(folder=Path("/srv/50% ?#")).path == Path("/srv/50% ?#/warmline.sqlite3")
    assert address_of("sqlite:////srv/x", Path("/other")).path == Path("/srv/x")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_postgresql_url_is_understood_in_every_spelling(scheme: str):
    address = address_of(f"{scheme}://ann:hunter2@db.example/warm?sslmode=require")
    assert address.path is None
    assert address.url.drivername == "postgresql+asyncpg"
    assert address.url.query == {"ssl": "require"}
    assert address.url.password == "hunter2"
    assert address.shown == "postgresql+asyncpg://ann:***@db.example/warm?ssl=require"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "give a data folder or a database URL"),
        ("warmline.sqlite3", "cannot be read: write sqlite:///FILE or postgresql://"),
        ("postgresql://ann:hunter2@db:port/warm", "cannot be read: write sqlite:///FILE"),
        ("postgresql://ann:hun@hunter2@db/warm", "more than one @: write %40"),
        ("postgresql://ann:hunter2@db", "names no database: write sqlite:///FILE"),
        ("postgresql://ann@db/warm?password=hunter2", r"not known \(password\): leave it out"),
        ("postgresql+psycopg://ann:hunter2@db/warm", "not supported: write sqlite:///FILE"),
        ("mysql://ann:hunter2@db/warm", "not supported: write sqlite:///FILE"),
        ("sqlite://folder/file", "three slashes before a relative path"),
        ("sqlite://", "must name a file and nothing else"),
        ("sqlite:///:memory:", "must name a file and nothing else"),
        ("sqlite:///x.sqlite3?mode=ro", "must name a file and nothing else"),
    ],
)
def test_any_other_url_is_refused_in_one_sentence_without_its_secrets(url: str, sentence: str):
    with pytest.raises(DatabaseUrlInvalid, match=sentence) as caught:
        address_of(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
