"""Warmline on Discord, whole but for the model: the real library over sockets to the tests' own
Discord, the real chat on a real SQLite file, and an engine that says what it is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.discord import client
from adapters.discord.adapter import Discord
from bot.config import load
from bot.config_sections import AccessSettings
from bot.platforms import discord_settings
from storage.store import Store
from tests.discord_server.server import DiscordApi
from tests.fakes import FakeEngine
from tests.integration import running as shared
from tests.integration.running import companion_of, usual

Running = shared.Running[DiscordApi]


@asynccontextmanager
async def warmline(
    api: DiscordApi,
    folder: Path,
    engine: FakeEngine | None = None,
    *,
    access: Mapping[str, Any] | None = None,
    mood_memory: str = "on",
    chat: Mapping[str, Any] | None = None,
    responder: tuple[str, str] | None = None,
    wait: bool = True,
    **discord: Any,
) -> AsyncIterator[Running]:
    """Warmline, connected. `discord` are fields of DiscordSettings, `chat` of ChatSettings.

    Leaving stops it as a signal would. With `wait` false it may not have started yet.
    """
    engine = engine or usual()
    settings = replace(discord_settings(load(None, {})), token=api.token)
    settings = replace(settings, api_base_url=api.base_url, **discord)
    async with await Store.open(folder=folder) as store:
        running = Running(api, store, engine)
        let_in = AccessSettings(**(access or {}))
        companion = companion_of(engine, store, let_in, mood_memory, chat, responder)
        adapter = Discord(
            settings,
            lambda: companion.ledger("discord"),
            running.started.append,
            ending=companion.closing,
        )
        running.adapter = adapter
        running.task = task = asyncio.create_task(adapter.run(companion.handle))
        try:
            if wait:
                await api.until(lambda: bool(running.started) or task.done(), seconds=30)
            yield running
        finally:
            companion.closing()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def hasten(patch: Any) -> None:
    """Discord's pauses at a start are not what is tested."""

    async def at_once(self: Any, shard_id: int | None, *, initial: bool = False) -> None:
        pass

    patch.setattr(client.Client, "before_identify_hook", at_once)
    patch.setattr(client, "GUILDS_SECONDS", 0.05)
