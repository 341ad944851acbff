"""A bot of discord.py that notes what it hears, to try the tests' Discord with."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import discord
from discord import app_commands

from tests.discord_server.pointing import moved
from tests.discord_server.server import DiscordApi

Bot = TypeVar("Bot", "Listener", "ShardedListener")

_READY_AFTER_S = 0.05


class _Notes:
    """What a client does with its events. `events`: the names of those of the connection."""

    heard: list[discord.Message]
    used: list[discord.Interaction[Any]]
    events: list[str]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Discord wants 5 s between two IDENTIFYs, and so does discord.py; not here."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        self.used.append(interaction)

    async def on_connect(self) -> None:
        self.events.append("connect")

    async def on_disconnect(self) -> None:
        self.events.append("disconnect")

    async def on_ready(self) -> None:
        self.events.append("ready")

    async def on_resumed(self) -> None:
        self.events.append("resumed")

    @property
    def words(self) -> list[str]:
        return [one.content for one in self.heard]


class Listener(_Notes, discord.Client):
    """One connection. `ended`: the task in which it runs."""

    ended: asyncio.Task[None]

    def __init__(self, api: DiscordApi, **options: Any) -> None:
        super().__init__(**_options(api, options))
        self.heard, self.used, self.events = [], [], []
        self.tree = app_commands.CommandTree(self)


class ShardedListener(_Notes, discord.AutoShardedClient):
    ended: asyncio.Task[None]

    def __init__(self, api: DiscordApi, **options: Any) -> None:
        super().__init__(**_options(api, options))
        self.heard, self.used, self.events = [], [], []


def _options(api: DiscordApi, given: dict[str, Any]) -> dict[str, Any]:
    usual = {"intents": discord.Intents.default(), "guild_ready_timeout": _READY_AFTER_S}
    connector = moved(api.base_url, api.gateway.url)
    return {**usual, "connector": connector, "max_messages": None, **given}


@contextlib.asynccontextmanager
async def listening(api: DiscordApi, **options: Any) -> AsyncIterator[Listener]:
    """A bot that is ready, and is closed at the end."""
    async with _running(api, Listener(api, **options)) as bot:
        yield bot


@contextlib.asynccontextmanager
async def sharded(api: DiscordApi, **options: Any) -> AsyncIterator[ShardedListener]:
    async with _running(api, ShardedListener(api, **options)) as bot:
        yield bot


@contextlib.asynccontextmanager
async def _running(api: DiscordApi, bot: Bot) -> AsyncIterator[Bot]:
    bot.ended = asyncio.create_task(bot.start(api.token))
    try:
        await api.until(lambda: "ready" in bot.events or bot.ended.done())
        if bot.ended.done():
            await bot.ended
        yield bot
    finally:
        await bot.close()
        # How it ended is for the test to ask.
        await asyncio.wait([bot.ended])
