"""A Warmline whose dashboard can be opened: the real store, server and pages, a told engine.

Knows: who wrote what, so that every page has something to show, or nothing. Does not know:
browsers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from adapters.admin.app import admin_app
from adapters.http import Http
from adapters.messages import Person, Scope
from bot import admin_keys
from bot.companion import Companion
from bot.dashboard import DashboardSettings, StoredDashboard
from bot.texts.sentences import LANGUAGES, section_of
from storage.store import Store
from tests.fakes import FakeEngine, chat_on, felt

TREND = "/admin/trend?platform=discord&server=900&chat="
FEW = "/admin/trend?platform=telegram&server=&chat=-100999"
OFF = "/admin/trend?platform=discord&server=800&chat="


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, and its memory."""

    url: str
    store: Store

    async def link(self) -> str:
        """A link as `warmline admin-link` prints it."""
        return f"{self.url}/admin/sign-in?key={await admin_keys.new_link_key(self.store)}"


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    """On a free port, till the end."""
    async with await Store.open(f"sqlite:///{folder / 'warmline.sqlite3'}") as store:
        companion = Companion()
        companion.ready(chat_on(FakeEngine(), store), store)
        texts = {language: section_of(language, "admin") for language in LANGUAGES}
        pages = admin_app(StoredDashboard(companion, DashboardSettings()), texts, "1.2.3")
        url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        labels = {"positive": "正面", "negative": "负面"}
        adapter = Http(
            "127.0.0.1", 0, None, companion.health, "1.2.3", labels, url.set_result, pages
        )
        serving = asyncio.create_task(adapter.run(companion.handle))
        try:
            yield Served(await url, store)
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


async def people_write(store: Store) -> None:
    """Four weeks of two channels, brightening; a group of three; a server without moods."""
    drawn = Random(7)
    for days_ago in range(28, 0, -3):
        for user in range(7):
            await _said(
                store, "900", "10", user, (14 - days_ago) / 30 + drawn.gauss(0, 0.2), days_ago
            )
            if days_ago < 12 and user < 5:
                await _said(store, "900", "11", user, drawn.gauss(-0.4, 0.1), days_ago)
    for user in range(3):
        await _said(store, "", "-100999", user, 0.2, 2, platform="telegram")
    await _said(store, "800", "20", 1, 0.2, 2)
    await store.set_server_settings("discord", "800", {"moods": "off"})
    for user in range(6):
        await store.note_crisis("discord", str(user), "self", datetime.now(UTC))


async def _said(
    store: Store,
    server: str,
    chat: str,
    user: int,
    valence: float,
    days_ago: int,
    *,
    platform: str = "discord",
) -> None:
    await felt(
        store,
        max(-1.0, min(1.0, valence)),
        days_ago=days_ago,
        scope=Scope(platform, chat),
        person=Person(platform, str(user)),
        private=False,
        server=server,
        message_id=f"{user}-{days_ago}",
    )
    await store.set_mood_memory(platform, str(user), "on")
