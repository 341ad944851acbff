"""A backup takes the place of the database: whole, checked, and what was forgotten stays so."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from storage.errors import (
    DatabaseBusy,
    DatabaseCorrupted,
    DatabaseTooNew,
    RestoreImpossible,
    StorageError,
    TombstonesDamaged,
)
from storage.restore import restore
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.test_forget import SECRET
from tests.integration.storage.values import NOON, felt, said


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "monday.sqlite3"


async def _talk(store: Store, user: str, text: str) -> None:
    turn = (await store.receive(said(text, text, user_id=user))).turn
    await store.complete(turn.id, text, felt())


async def _backed_up(file: Path, backup: Path, clock: Clock) -> None:
    """Ann and Bob have spoken, a backup was made; then Ann was forgotten, and Bob spoke again."""
    async with await Store.open(folder=file.parent, clock=clock) as store:
        await _talk(store, "ann", SECRET)
        await _talk(store, "bob", "monday")
        await store.write_letter("console", "bob", "digest", {})
        await store.add_admin_key("session", "aa", NOON + timedelta(days=9))
    backup.parent.mkdir()
    shutil.copy(file, backup)
    clock.days_later(1)
    async with await Store.open(folder=file.parent, clock=clock) as store:
        await store.forget("console", "ann")
        await _talk(store, "bob", "tuesday")
    clock.days_later(2)


def _bytes(*files: Path) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in files if file.exists())


async def test_the_backup_is_there_without_what_was_forgotten_and_the_old_one_is_kept(
    file: Path, backup: Path, clock: Clock
):
    await _backed_up(file, backup, clock)
    restored = await restore(backup, folder=file.parent, clock=clock)
    assert restored.path == file
    assert restored.kept == file.with_name("warmline-replaced-20260303T120000Z.sqlite3")
    (receipt,) = restored.receipts
    assert (receipt.person, receipt.turns) == ("console:ann", 1)
    assert _names(file.parent) == {"warmline.sqlite3", restored.kept.name, "forgotten.jsonl"}
    assert SECRET not in _bytes(*file.parent.iterdir())
    assert SECRET in _bytes(backup), "a backup is not reached"
    assert _mode(file) == 0o600
    async with await Store.open(folder=file.parent, clock=clock) as store:
        assert [person.user_id for person in await store.everybody()] == ["bob"]
        assert [turn.text for turn in await store.history(1, 99, 9)] == ["monday"]
        assert await store.take_letters("console") == [], "it was told long ago"
        assert not await store.admin_session("aa"), "it may have been ended since"
        assert await store.apply_tombstones() == []
    assert _texts(restored.kept) == ["monday", "tuesday"]


async def test_a_second_one_in_the_same_second_keeps_both(file: Path, backup: Path, clock: Clock):
    await _backed_up(file, backup, clock)
    first = await restore(backup, folder=file.parent, clock=clock)
    second = await restore(backup, f"sqlite:///{file}", folder=file.parent, clock=clock)
    assert first.kept != second.kept
    assert second.kept == file.with_name("warmline-replaced-20260303T120000Z-2.sqlite3")


async def test_where_no_database_is_the_backup_becomes_it(
    file: Path, backup: Path, tmp_path: Path, clock: Clock
):
    await _backed_up(file, backup, clock)
    restored = await restore(backup, folder=tmp_path / "new" / "folder", clock=clock)
    assert (restored.kept, restored.receipts) == (None, ())
    async with await Store.open(folder=restored.path.parent) as store:
        assert [person.user_id for person in await store.everybody()] == ["ann", "bob"]


async def test_a_backup_with_a_log_beside_it_is_taken_whole_and_left_alone(
    file: Path, backup: Path
):
    backup.parent.mkdir()
    async with await Store.open(folder=file.parent) as store:
        await _talk(store, "ann", "in the log")
        _copy_while_open(file, backup)
    before = _bytes(backup, Path(f"{backup}-wal"))
    await restore(backup, folder=file.parent)
    assert _bytes(backup, Path(f"{backup}-wal")) == before
    async with await Store.open(folder=file.parent) as store:
        assert [turn.text for turn in await store.history(1, 99, 9)] == ["in the log"]


async def test_an_older_backup_is_brought_up_to_date_and_a_newer_one_refused(
    file: Path, backup: Path, clock: Clock
):
    await _backed_up(file, backup, clock)
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE warmline_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(DatabaseTooNew, match="newer Warmline"):
        await restore(backup, folder=file.parent)
    _nothing_happened(file)
    _replace(backup, b"")
    with closing(sqlite3.connect(backup)) as connection:
        connection.executescript(OLDEST)
    await restore(backup, folder=file.parent)
    async with await Store.open(folder=file.parent) as store:
        assert (await store.preferences("console", "old")).history == "on"


OLDEST = """
    CREATE TABLE warmline_version (version_num VARCHAR(32) NOT NULL);
    INSERT INTO warmline_version VALUES ('0001');
    CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT NOT NULL,
        user_id TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        CONSTRAINT people_platform_user_id_key UNIQUE (platform, user_id));
    INSERT INTO people VALUES (1, 'console', 'old', 'Old', '', '2026-01-01 00:00:00.000000');
    CREATE TABLE conversations (id INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT NOT NULL,
        chat_id TEXT NOT NULL, thread_id TEXT NOT NULL, private BOOLEAN NOT NULL,
        created_at DATETIME NOT NULL);
    CREATE TABLE turns (id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INTEGER NOT NULL,
        person_id INTEGER NOT NULL, message_id TEXT NOT NULL, text TEXT NOT NULL,
        state VARCHAR(16) NOT NULL, sent_at DATETIME NOT NULL, received_at DATETIME NOT NULL,
        language TEXT NOT NULL, note TEXT NOT NULL, reply TEXT NOT NULL, answered_at DATETIME,
        attempts INTEGER NOT NULL, failure TEXT NOT NULL);
    CREATE TABLE labels (id INTEGER PRIMARY KEY AUTOINCREMENT, turn_id INTEGER NOT NULL,
        task TEXT NOT NULL, label TEXT NOT NULL, probabilities JSON NOT NULL,
        valence FLOAT NOT NULL, confidence FLOAT NOT NULL, model TEXT NOT NULL,
        version TEXT NOT NULL, created_at DATETIME NOT NULL);
"""


def _texts(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM turns")]


def _nothing_happened(file: Path) -> None:
    assert _texts(file) == ["monday", "tuesday"]
    assert _names(file.parent) <= {file.name, "forgotten.jsonl"}


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def _replace(file: Path, content: bytes | None) -> None:
    file.unlink(missing_ok=True)
    if content is not None:
        file.write_bytes(content)


def _copy_while_open(file: Path, backup: Path) -> None:
    """By another process: see `_bytes` in the tests of forgetting."""
    for end in ("", "-wal"):
        subprocess.run(["cp", f"{file}{end}", f"{backup}{end}"], check=True)


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b"hello, this is a letter" * 99, DatabaseCorrupted, "cannot be read as an SQLite"),
        (b"", RestoreImpossible, "is no database of Warmline: name another file"),
        (None, RestoreImpossible, "There is no file .* name the file of a backup"),
    ],
)
async def test_what_is_no_backup_is_refused_and_nothing_happens(
    file: Path,
    backup: Path,
    clock: Clock,
    content: bytes | None,
    error: type[StorageError],
    sentence: str,
):
    await _backed_up(file, backup, clock)
    _replace(backup, content)
    with pytest.raises(error, match=sentence):
        await restore(backup, folder=file.parent)
    _nothing_happened(file)


async def test_a_damaged_backup_is_refused_and_nothing_happens(
    file: Path, backup: Path, clock: Clock
):
    await _backed_up(file, backup, clock)
    with backup.open("r+b") as damaged:
        damaged.seek(4096 * 3)
        damaged.write(b"\xa5" * 4096 * 8)
    with pytest.raises(DatabaseCorrupted, match="another"):
        await restore(backup, folder=file.parent)
    _nothing_happened(file)


async def test_the_database_itself_is_no_backup_of_itself(file: Path):
    await (await Store.open(folder=file.parent)).close()
    with pytest.raises(RestoreImpossible, match="is the database itself"):
        await restore(file, folder=file.parent)


async def test_tombstones_that_cannot_be_read_stop_it_and_nothing_happens(
    file: Path, backup: Path, clock: Clock
):
    await _backed_up(file, backup, clock)
    with (file.parent / "forgotten.jsonl").open("a") as tombstones:
        tombstones.write("x\n")
    with pytest.raises(TombstonesDamaged):
        await restore(backup, folder=file.parent)
    _nothing_happened(file)


async def test_a_damaged_database_gives_way(file: Path, backup: Path, clock: Clock):
    await _backed_up(file, backup, clock)
    _replace(file, b"\xa5" * 9000)
    _replace(Path(f"{file}-wal"), b"what was beside it")
    restored = await restore(backup, folder=file.parent, clock=clock)
    assert restored.kept
    assert _bytes(restored.kept) == "\xa5" * 9000
    assert f"{file.name}-wal" not in _names(file.parent)
    async with await Store.open(folder=file.parent) as store:
        assert [person.user_id for person in await store.everybody()] == ["bob"]


# Another Warmline that has nothing to do at this moment: it only has the file open.
IDLE = """
import asyncio, sys
from pathlib import Path
from storage.store import Store

async def idle():
    async with await Store.open(folder=Path(sys.argv[1])) as store:
        await store.everybody()
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(idle())
"""


def _running(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_while_another_process_has_the_database_open_it_is_refused(
    file: Path, backup: Path, clock: Clock
):
    await _backed_up(file, backup, clock)
    command = [sys.executable, "-c", IDLE, str(file.parent)]
    with _running(command) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(DatabaseBusy, match="is in use: stop Warmline and run this again"):
            await restore(backup, folder=file.parent)
        other.communicate("")
    _nothing_happened(file)
    assert (await restore(backup, folder=file.parent)).kept


async def test_a_database_on_a_server_is_left_to_the_servers_own_tools(backup: Path):
    with pytest.raises(RestoreImpossible, match="PostgreSQL server: restore it with the server's"):
        await restore(backup, "postgresql://user@host/name", folder=backup.parent)
