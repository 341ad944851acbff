"""What is held in memory of conversations, and how it is dropped once its source is erased.

Knows: the places: the engine's caches, the context's labels and windows, the turns under way,
what was written just before.
Does not know: what was erased and why, the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from adapters.messages import Person
from bot.arrivals import Arrivals
from bot.context import ContextBuilder
from bot.crisis.just_before import JustBefore
from bot.locks import ConversationLocks
from bot.texts.sentences import LANGUAGES
from engine.base import Engine, EngineError

log = logging.getLogger("warmline")


class Held:
    """All that one process holds of conversations. `erasure` is the id of the last own erasure."""

    def __init__(
        self,
        engine: Engine,
        contexts: ContextBuilder,
        arrivals: Arrivals,
        locks: ConversationLocks,
        just_before: JustBefore,
    ) -> None:
        self.erasure = ""
        self._just_before = just_before
        self._engine = engine
        self._contexts = contexts
        self._arrivals = arrivals
        self._locks = locks
        self._tasks: set[asyncio.Task[None]] = set()

    def keep_no_moods(self, person: Person) -> None:
        """How the person's messages that are being answered sound is not to be written down."""
        self._arrivals.keep_no_moods(person)

    async def drop(self, conversations: Iterable[int], erasure: str) -> None:
        """Drop all of these conversations, now, and once more when a running turn has ended.

        That turn may go on for a while from a prompt that was made before.
        """
        self.erasure = erasure
        self._just_before.clear()
        for conversation in conversations:
            await self._drop(str(conversation))
            if self._locks.taken(str(conversation)):
                task = asyncio.create_task(self._drop_later(str(conversation)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def drop_all(self, erasure: str) -> None:
        """Drop every conversation: another process has erased something of one of them."""
        await self.drop(map(int, self._contexts.conversations()), erasure)

    def close(self) -> None:
        """The process ends, and its memory with it."""
        for task in self._tasks:
            task.cancel()

    async def _drop(self, conversation: str) -> None:
        self._contexts.forget(conversation)
        try:
            for language in LANGUAGES:
                await self._engine.forget(f"{conversation}:{language}")
        except EngineError as error:
            # An engine that fails so has ended, and holds nothing any more.
            log.warning("what the model holds of a conversation was not dropped: %s", error)

    async def _drop_later(self, conversation: str) -> None:
        async with self._locks.held(conversation):
            await self._drop(conversation)
