"""Discord without its pauses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.discord import answers
from tests.discord_server.server import DiscordApi
from tests.integration.discord.running import hasten


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)


@pytest.fixture
async def api() -> AsyncIterator[DiscordApi]:
    async with DiscordApi() as server:
        yield server


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words follow one another at once, where a test is not about that."""
    monkeypatch.setattr(answers, "_CHANNEL_SECONDS", 0.02)


@pytest.fixture
def any_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the model writes is shown: what is tested is how the platform shows it."""
    monkeypatch.setattr("bot.replying.breaches", lambda candidate: ())
