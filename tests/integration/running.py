"""What every platform's tests start: the real chat on a real store, with an engine that is told.

Knows: the chat behind its door. Does not know: which platform, which server of the tests' own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from adapters.base import Reaches
from bot.access import Access
from bot.answering import ChatSettings
from bot.chat import Chat
from bot.command import Facts
from bot.companion import Companion
from bot.config_sections import AccessSettings
from storage.store import Store
from tests.fakes import TASK, FakeEngine, everybody_told, repeating

Api = TypeVar("Api")


@dataclass
class Running(Generic[Api]):
    """What a test may look at: the server, the memory, the engine, and the names it started as."""

    api: Api
    store: Store
    engine: FakeEngine
    started: list[str] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    adapter: Reaches = field(init=False)

    async def ended(self) -> BaseException | None:
        """Wait until the bot stops by itself, and give the reason."""
        assert self.task is not None
        await asyncio.wait({self.task}, timeout=20)
        return self.task.exception()


def usual() -> FakeEngine:
    """Says "I hear you." at each turn, so that a test may count the answers."""
    engine = FakeEngine()
    engine.reply = repeating
    return engine


def companion_of(
    engine: FakeEngine,
    store: Store,
    access: AccessSettings,
    mood_memory: str,
    chat: Mapping[str, Any] | None,
    responder: tuple[str, str] | None = None,
) -> Companion:
    """The chat behind its door, as `bot.wiring` and `bot.cli.serve` put it together."""
    companion = Companion()
    if mood_memory != "ask":
        everybody_told(store)
    answering = Chat(
        engine,
        store,
        TASK,
        ChatSettings(**({"patience": 0.0} | dict(chat or {}))),
        facts=Facts("fake-1b", mood_memory=mood_memory, history=mood_memory, responder=responder),  # type: ignore[arg-type]
        access=Access(access, store),
    )
    companion.ready(answering, store)
    return companion
