"""The SQLite file: private, checked, and refused in one clear sentence."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import sqlite
from storage.errors import (
    DatabaseCorrupted,
    FileUnwritable,
    FolderUnwritable,
    NotADatabase,
    StorageError,
)
from storage.store import Store
from tests.integration.storage.values import felt, said

EMPTYING = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX, 1, 121)  # WAL_CKPT_LOCK: one empties the log at a time.
    print("held", flush=True)
    sys.stdin.read()
"""


def _modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in [folder, *folder.iterdir()]}


async def test_the_file_and_all_beside_it_are_private_whatever_the_umask(file: Path):
    before = os.umask(0)
    try:
        async with await Store.open(folder=file.parent) as store:
            await store.receive(said())
            assert _modes(file.parent) == {
                "data": "0o700",
                "warmline.sqlite3": "0o600",
                "warmline.sqlite3-wal": "0o600",
                "warmline.sqlite3-shm": "0o600",
            }
    finally:
        os.umask(before)


async def test_a_file_that_others_can_read_is_closed_to_them(file: Path):
    _make(file, 0o664)
    await (await Store.open(folder=file.parent)).close()
    assert _modes(file.parent)["warmline.sqlite3"] == "0o600"


def _make(file: Path, mode: int) -> None:
    file.parent.mkdir(exist_ok=True)
    sqlite3.connect(file).close()
    file.chmod(mode)


async def test_every_connection_keeps_the_rules(file: Path):
    rules = {
        "journal_mode": "wal",
        "busy_timeout": 5000,
        "foreign_keys": 1,
        "secure_delete": 1,
        "synchronous": 1,
        "temp_store": 2,
    }
    async with await Store.open(folder=file.parent) as store:
        for rule, value in rules.items():
            assert await store._database.read(partial(_pragma, rule)) == value, rule


def _pragma(name: str, connection: Connection) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def _emptying(file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", EMPTYING, f"{file}-shm"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


async def test_a_scrub_waits_for_another_process_that_empties_the_log(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    async with await Store.open(folder=file.parent) as store:
        await store.receive(said())
        with _emptying(file) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            waited: list[float] = []

            def until_it_is_done(seconds: float) -> None:
                waited.append(seconds)
                other.communicate(timeout=60)

            monkeypatch.setattr(sqlite, "sleep", until_it_is_done)
            receipt = await store.forget("console", "ann")
        assert (receipt.turns, len(waited)) == (1, 1)


@pytest.mark.parametrize("content", [b"hello", b"# a text file\n" * 500, os.urandom(8192)])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes):
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    os.chmod(file, 0o644)  # noqa: PTH101
    with pytest.raises(NotADatabase, match=r"notes\.txt is not an SQLite database: move it"):
        await Store.open(f"sqlite:///{file}")
    assert file.read_bytes() == content
    assert _modes(tmp_path)["notes.txt"] == "0o644"


async def _filled(file: Path) -> None:
    async with await Store.open(folder=file.parent) as store:
        for number in range(60):
            turn = (await store.receive(said("hello " * 50, str(number)))).turn
            await store.complete(turn.id, "hi " * 50, felt())


async def test_a_damaged_file_is_refused_at_the_start(file: Path):
    await _filled(file)
    with file.open("r+b") as damaged:
        damaged.seek(4096 * 2)
        damaged.write(b"\xa5" * 4096 * 8)
    with pytest.raises(DatabaseCorrupted, match="is damaged: restore a backup"):
        await Store.open(folder=file.parent)


async def test_a_file_that_was_cut_short_is_refused_at_the_start(file: Path):
    await _filled(file)
    os.truncate(file, 4096 * 8)
    with pytest.raises(DatabaseCorrupted, match="is damaged: restore a backup"):
        await Store.open(folder=file.parent)


async def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path):
    with pytest.raises(FileUnwritable, match="is a folder: name a file"):
        await Store.open(f"sqlite:///{tmp_path}")


async def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderUnwritable, match="cannot be made: name a folder"):
        await Store.open(folder=tmp_path / "data")


async def test_a_database_that_sql_made_read_only_is_told_in_our_words(file: Path):
    async with await Store.open(folder=file.parent) as store:
        await store._database.write(lambda c: c.exec_driver_sql("PRAGMA query_only = ON"))
        with pytest.raises(StorageError, match="cannot be written"):
            await store.receive(said())


# Root may write everywhere: so that a read-only folder is one, the child gives up its rights,
# after it has imported, by opening another store, everything that it needs.
POWERLESS = """
import asyncio, os, sys, tempfile
from pathlib import Path
from storage.errors import StorageError
from storage.store import Store

async def opened(folder):
    try:
        await (await Store.open(folder=Path(folder))).close()
    except StorageError as error:
        print(type(error).__name__, error)

with tempfile.TemporaryDirectory() as elsewhere:
    asyncio.run(opened(elsewhere))
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
asyncio.run(opened(sys.argv[1]))
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that everybody can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="warmline-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def _opened_without_rights(folder: Path) -> str:
    child = subprocess.run(
        [sys.executable, "-c", POWERLESS, folder], capture_output=True, text=True, check=True
    )
    return child.stdout


def test_a_folder_that_cannot_be_made_is_told_plainly(shared: Path):
    shared.chmod(0o555)
    told = _opened_without_rights(shared / "data")
    assert told.startswith(f"FolderUnwritable The data folder {shared}/data cannot be made: name")


def test_a_read_only_folder_is_told_plainly(shared: Path):
    shared.chmod(0o555)
    told = _opened_without_rights(shared)
    assert told.startswith(f"FolderUnwritable The data folder {shared} is read-only: make it")


def test_a_read_only_file_is_told_plainly(shared: Path):
    file = shared / "warmline.sqlite3"
    _make(file, 0o400)
    shared.chmod(0o777)
    told = _opened_without_rights(shared)
    assert told.startswith(f"FileUnwritable The database {file} cannot be written: change")
