"""The companion as adapters meet it: a door that opens before the model is there.

Knows: whether messages can be answered yet. Does not know: how they are, who asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from adapters.base import Health, Reaches
from adapters.messages import Accepted, Finished, IncomingMessage, Notice, Reply
from bot.language import of_locale
from bot.texts.sentences import say

if TYPE_CHECKING:
    from adapters.ledger import Notebook
    from bot.chat import Chat
    from storage.store import Store


class Companion:
    """Chat behind a door that may open before the model is there. Its `handle` is a Handler.

    `reaches` are the adapters that can write to somebody first, by platform, once they are built.
    """

    def __init__(self) -> None:
        self.reaches: dict[str, Reaches] = {}
        self._chat: Chat | None = None
        self._store: Store | None = None
        self._opened = asyncio.Event()

    def ready(self, chat: Chat, store: Store) -> None:
        """From now on messages are answered."""
        self._chat, self._store = chat, store
        self._opened.set()

    @property
    def chat(self) -> Chat | None:
        """Who answers, once there is somebody."""
        return self._chat

    @property
    def store(self) -> Store | None:
        """The memory, once it is open."""
        return self._store

    async def ledger(self, platform: str) -> Notebook:
        """The notes about a platform's answers, once messages can be answered."""
        from bot.ledger import StoredLedger

        await self._opened.wait()
        if self._chat is None or self._store is None:
            raise RuntimeError("the door is open, and nobody is there")
        return StoredLedger(self._store, platform, self._chat.access)

    def closing(self) -> None:
        """Turns that are cut off from now on go on at the next start."""
        if self._chat:
            self._chat.close()

    def health(self) -> Health:
        """How Warmline is."""
        if self._chat is None:
            return Health("loading", "the model is being loaded")
        if self._chat.failing:
            return Health("broken", "the model or the memory failed several times in a row")
        return Health("ready")

    async def handle(self, message: IncomingMessage) -> AsyncGenerator[Reply, None]:
        """An `adapters.messages.Handler`."""
        if self._chat is None:
            language = of_locale(message.locale)
            yield Accepted()
            yield Notice(say(language, "turn.loading"), "loading")
            yield Finished()
            return
        async with aclosing(self._chat(message)) as events:
            async for event in events:
                yield event
