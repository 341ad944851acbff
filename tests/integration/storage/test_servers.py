"""A PostgreSQL server that cannot be used: told in one sentence, with no password in it."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest

from storage.errors import DriverMissing, ServerUnreachable
from storage.store import Store
from tests.integration.storage.cluster import Cluster


async def _refusal(url: str) -> str:
    with pytest.raises(ServerUnreachable) as caught:
        await Store.open(url)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


async def test_a_missing_driver_is_told_with_its_install_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(DriverMissing, match=r"pip install 'warmline\[postgres\]'"):
        await Store.open("postgresql://ann:hunter2@db/warmline")


async def test_a_server_that_is_down_is_told_plainly(tmp_path: Path):
    told = await _refusal(f"postgresql://ann:hunter2@/warmline?host={tmp_path}")
    assert told.startswith("The database postgresql+asyncpg://ann:***@/warmline")
    assert "does not answer: start the server" in told


async def test_a_database_that_is_not_there_is_told_plainly(cluster: Cluster):
    told = await _refusal(cluster.url("nothing", "warmline:hunter2"))
    assert "does not have the database" in told


async def test_a_name_that_the_server_refuses_is_told_plainly(cluster: Cluster):
    told = await _refusal(cluster.url("postgres", "nobody:hunter2"))
    assert "refuses the name or password" in told
