"""A memory on a real SQLite file for the commands of an owner, and the bytes of its files."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.messages import Person, Scope
from storage.store import Store
from tests.fakes import felt

T = TypeVar("T")

SECRET = "zebrawords"
ANN = Person("telegram", "71", "Ann")
MEI = Person("console", "mei", "Mei")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and nobody's settings."""
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WARMLINE_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WARMLINE_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


@pytest.fixture
def people(folder: Path) -> Path:
    """Two who have written: three messages and one."""

    async def write(store: Store) -> None:
        for number in range(3):
            scope = Scope("telegram", "71")
            await felt(
                store, 0.5, message_id=f"{SECRET}{number}", scope=scope, person=ANN, note=SECRET
            )
        await felt(store, 0.5, scope=Scope("console", "mei"), person=MEI)
        await store.set_mood_memory("telegram", "71", "on")

    on(folder, write)
    return folder


def on(folder: Path, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do some work on the store in that folder."""

    async def opened() -> T:
        async with await Store.open(folder=folder) as store:
            return await work(store)

    return asyncio.run(opened())


def bytes_of(folder: Path) -> str:
    """All bytes of the database's files."""
    files = sorted(folder.glob("warmline.sqlite3*"))
    read = subprocess.run(["cat", *files], capture_output=True, check=True)
    return read.stdout.decode("latin-1")
