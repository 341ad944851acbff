"""The databases that the store is tested on: a new SQLite file, a new PostgreSQL database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.cluster import Cluster, running_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for the whole run."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind: the tests that take it are the store's contract."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'warmline.sqlite3'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_database()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """An open store on an empty database of each kind."""
    async with await Store.open(url) as store:
        yield store


@pytest.fixture
def clock() -> Clock:
    """The clock of a store that a test opens itself."""
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the SQLite file of a test will be; its folder does not exist yet."""
    return tmp_path / "data" / "warmline.sqlite3"
