"""The seam: every library error becomes one of ours, and its sentence holds no secret."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import exc

from storage import errors
from storage.errors import (
    DatabaseBusy,
    DatabaseUnavailable,
    DiskFull,
    FileUnwritable,
    ServerUnreachable,
    StorageError,
)
from storage.faults import POSTGRESQL_FAULTS, SQLITE_FAULTS, sqlite_fault, translated


def test_a_full_disk_is_told_plainly():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE words (text)")
    connection.execute("PRAGMA max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("INSERT INTO words VALUES (?)", ["x" * 100_000])
    connection.close()
    fault = sqlite_fault(caught.value, "/srv/x.sqlite3")
    assert isinstance(fault, DiskFull)
    assert str(fault) == (
        "The disk that holds /srv/x.sqlite3 is full: free some space and try again."
    )


@pytest.mark.parametrize("kind", [kind for kind, _ in SQLITE_FAULTS.values()])
def test_every_known_fault_is_in_the_tree(kind: type[StorageError]):
    assert issubclass(kind, StorageError)
    assert getattr(errors, kind.__name__) is kind


def test_the_detail_of_an_sqlite_code_does_not_hide_its_kind():
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    assert type(sqlite_fault(error, "x")) is DatabaseUnavailable


def test_an_unknown_error_is_still_ours_and_repeats_nothing_of_it():
    fault = sqlite_fault(sqlite3.OperationalError("near 'my secret'"), "x")
    assert type(fault) is StorageError
    assert "secret" not in str(fault)


class ServerError(Exception):
    """As asyncpg's errors reach SQLAlchemy: with the server's code."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("my secret")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("28P01", ServerUnreachable),
        ("28000", ServerUnreachable),
        ("3D000", ServerUnreachable),
        ("57P01", ServerUnreachable),
        ("08006", ServerUnreachable),
        ("53100", DiskFull),
        ("53300", DatabaseBusy),
        ("40P01", DatabaseBusy),
        ("25006", FileUnwritable),
        ("42501", FileUnwritable),
        ("22000", StorageError),
        (None, StorageError),
    ],
)
def test_a_servers_code_tells_the_kind(sqlstate: str | None, kind: type[StorageError]):
    with pytest.raises(kind) as caught, translated("db"):
        raise exc.DBAPIError("SELECT 1", None, ServerError(sqlstate))
    assert type(caught.value) is kind
    assert "secret" not in str(caught.value)


def test_a_connection_that_broke_is_a_server_that_does_not_answer():
    with pytest.raises(ServerUnreachable), translated("db"):
        raise exc.DBAPIError("SELECT 1", None, ServerError(None), connection_invalidated=True)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(), ServerUnreachable),
        (TimeoutError(), ServerUnreachable),
        (exc.TimeoutError(), DatabaseBusy),
    ],
)
def test_what_comes_from_beneath_the_driver_is_ours_too(error: Exception, kind: type[StorageError]):
    with pytest.raises(kind) as caught, translated("db"):
        raise error
    assert caught.value.__cause__ is error


def test_a_callers_mistake_comes_out_as_it_is_without_the_parameters():
    mistake = ValueError("no zone")
    with pytest.raises(ValueError, match="no zone") as caught, translated("db"):
        raise exc.StatementError("x", "SELECT 1", {"text": "my secret"}, mistake)
    assert caught.value is mistake


def test_every_sentence_says_where_and_what_to_do():
    for _, sentence in [*SQLITE_FAULTS.values(), *POSTGRESQL_FAULTS.values()]:
        assert "{where}" in sentence
        assert ": " in sentence
        assert sentence.endswith(".")
