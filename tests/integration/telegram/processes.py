"""Warmline on Telegram in a process of its own, so that a test can kill it as nothing else can.

Started as `python -m`, it runs the harness of `running` until it is killed. The engine says the
pieces that it is given; None among them is a wait that never ends.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.fakes import FakeEngine, Step
from tests.integration.telegram.running import warmline
from tests.telegram_server.server import BotApi

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def process(
    api: BotApi, folder: Path, *pieces: str | None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Warmline in another process, polling. Leaving kills it, if the test has not."""
    begun = api.count("getUpdates")
    told = json.dumps([api.token, api.base_url, str(folder), pieces])
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, told, cwd=ROOT)
    try:
        await api.until(lambda: child.returncode is not None or api.count("getUpdates") > begun, 30)
        assert child.returncode is None
        yield child
    finally:
        await killed(child)


async def killed(child: asyncio.subprocess.Process) -> None:
    """SIGKILL: nothing is tidied up."""
    if child.returncode is None:
        child.kill()
    await child.wait()


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What stands in the memory, also while a process works with it."""
    connection = sqlite3.connect(folder / "warmline.sqlite3", timeout=10)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@dataclass
class _There:
    """The server as the other process knows it."""

    token: str
    base_url: str

    async def until(self, condition: Any) -> None:
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)


async def _main(token: str, base_url: str, folder: str, pieces: list[str | None]) -> None:
    never = asyncio.Event()
    said: list[Step] = [never if piece is None else piece for piece in pieces]
    there = cast("BotApi", _There(token, base_url))
    async with warmline(there, Path(folder), FakeEngine(*said)):
        await never.wait()


if __name__ == "__main__":
    asyncio.run(_main(*json.loads(sys.argv[1])))
