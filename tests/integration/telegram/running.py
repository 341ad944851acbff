"""Warmline on Telegram, whole but for the model: the real library over sockets to the tests' own
Bot API server, the real chat on a real SQLite file, and an engine that says what it is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.telegram.adapter import Telegram
from adapters.telegram.settings import TelegramSettings
from bot.config import Settings, load
from bot.config_sections import AccessSettings
from bot.platforms import telegram_settings
from storage.store import Store
from tests.fakes import FakeEngine
from tests.integration import running as shared
from tests.integration.running import companion_of, usual
from tests.telegram_server.server import BotApi

Running = shared.Running[BotApi]

_AT_ONCE = {"private_seconds": 0.02, "group_seconds": 0.02}
"""Between two calls to a chat, where a test is not about that."""


@asynccontextmanager
async def warmline(
    api: BotApi,
    folder: Path,
    engine: FakeEngine | None = None,
    *,
    access: Mapping[str, Any] | None = None,
    mood_memory: str = "on",
    chat: Mapping[str, Any] | None = None,
    responder: tuple[str, str] | None = None,
    wait: bool = True,
    **telegram: Any,
) -> AsyncIterator[Running]:
    """Warmline, polling. `telegram` are fields of TelegramSettings, `chat` of ChatSettings.

    Leaving stops it as a signal would; to kill it, run it as a process (`processes`). With `wait`
    false it may not have started yet.
    """
    engine = engine or usual()
    known = AccessSettings(**(access or {}))
    told = {"token": api.token, "base_url": api.base_url, **_AT_ONCE, **telegram}
    async with await Store.open(folder=folder) as store:
        running = Running(api, store, engine)
        companion = companion_of(engine, store, known, mood_memory, chat, responder)
        adapter = Telegram(
            replace(settings_of(known), **told),
            lambda: companion.ledger("telegram"),
            started=running.started.append,
            ending=companion.closing,
        )
        running.adapter = adapter
        running.task = task = asyncio.create_task(adapter.run(companion.handle))
        try:
            if wait:
                await api.until(lambda: bool(running.started) or task.done())
            yield running
        finally:
            companion.closing()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def settings_of(access: AccessSettings) -> TelegramSettings:
    """What `bot.platforms` makes of a settings file with this access."""
    settings: Settings = load(None, {})
    return telegram_settings(settings.model_copy(update={"access": access}))
