"""discord.py with its long pauses made short, where a test goes through many of them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import discord.http
import discord.shard
from discord.backoff import ExponentialBackoff

_AT_MOST_S = 0.05


def hurry(patch: Any) -> None:
    """Between its tries the library waits a moment; what Discord asks for as well."""

    async def sleep(seconds: float, result: object = None) -> object:
        return await asyncio.sleep(min(seconds, _AT_MOST_S), result)

    hurried = SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
    patch.setattr(discord.http, "asyncio", hurried)
    patch.setattr(discord.shard, "asyncio", hurried)
    patch.setattr(ExponentialBackoff, "delay", lambda self: _AT_MOST_S)
