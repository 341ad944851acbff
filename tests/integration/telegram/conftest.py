"""What the tests of Warmline on Telegram share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.telegram import answers, listening
from tests.telegram_server.server import BotApi


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """New tries follow one another at once."""
    monkeypatch.setattr(answers, "_ALL_CHATS_SECONDS", 0.001)
    monkeypatch.setattr(answers, "_GREETING_SECONDS", 0.2)
    monkeypatch.setattr(listening, "_FIRST_PAUSE", 0.05)


@pytest.fixture
def any_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the model writes is shown: what is tested is how the platform shows it."""
    monkeypatch.setattr("bot.replying.breaches", lambda candidate: ())
