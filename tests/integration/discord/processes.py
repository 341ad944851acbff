"""Warmline on Discord in a process of its own, so that a test can kill it as nothing else can.

Started as `python -m`, it runs the harness of `running` until it is killed. The engine says the
pieces that it is given; None among them is a wait that never ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from adapters.discord import answers
from tests.discord_server.server import DiscordApi
from tests.fakes import FakeEngine, Step
from tests.integration.discord.running import hasten, warmline
from tests.integration.telegram.processes import killed, rows

__all__ = ["killed", "process", "rows"]

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def process(
    api: DiscordApi, folder: Path, *pieces: str | None, stream: str = "auto"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Warmline in another process, listening. Leaving kills it, if the test has not."""
    told = json.dumps([api.token, api.base_url, str(folder), stream, pieces])
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, told, cwd=ROOT)
    try:
        await api.until(lambda: child.returncode is not None or len(api.sessions) == api.shards, 30)
        assert child.returncode is None
        yield child
    finally:
        await killed(child)
        await api.until(lambda: not api.sessions)


@dataclass
class _There:
    """The server as the other process knows it."""

    token: str
    base_url: str

    async def until(self, condition: Any, seconds: float) -> None:
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)


class _ForGood:
    """A monkeypatch that is never undone: the process is killed."""

    setattr = staticmethod(setattr)


async def _main(
    token: str, base_url: str, folder: str, stream: str, pieces: list[str | None]
) -> None:
    hasten(_ForGood)
    answers._CHANNEL_SECONDS = 0.02
    never = asyncio.Event()
    said: list[Step] = [never if piece is None else piece for piece in pieces]
    there = cast("DiscordApi", _There(token, base_url))
    async with warmline(there, Path(folder), FakeEngine(*said), stream=stream):
        await never.wait()


if __name__ == "__main__":
    asyncio.run(_main(*json.loads(sys.argv[1])))
