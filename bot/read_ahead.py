"""Reads, while nobody waits, what the next turn of a conversation would have to read.

Knows: when to ask the model, and that it may be called off. Does not know: what a prompt holds.
"""

from __future__ import annotations

import asyncio
import logging

from bot.context import ContextBuilder
from bot.locks import ConversationLocks
from bot.talk import Talk
from engine.base import Engine, EngineError
from storage.errors import StorageError

log = logging.getLogger(__name__)


class ReadAhead:
    """Background reading, one task a turn. A failure costs the next turn time and nothing else."""

    def __init__(self, engine: Engine, contexts: ContextBuilder, locks: ConversationLocks) -> None:
        self._engine = engine
        self._contexts = contexts
        self._locks = locks
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    def after(self, talk: Talk) -> None:
        """A turn is over: look whether the next one's history will have moved."""
        if talk.conversation and not self._closed:
            task = asyncio.create_task(self._read(talk))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Call off what is under way, and start nothing more."""
        self._closed = True
        for task in self._tasks:
            task.cancel()

    async def _read(self, talk: Talk) -> None:
        try:
            async with self._locks.held(talk.conversation):
                prompts = await self._contexts.ahead(talk)
                if prompts:
                    labels = list(prompts.words.labels.values())
                    await self._engine.score(prompts.sentiment, labels)
        except (EngineError, StorageError) as error:
            log.warning("reading ahead failed: %s", error)
