"""The end of keeping: what is over or too old, of conversations and crises; erasures elsewhere.

Knows: when a conversation is over, how long messages are kept, how often to look. Does not know:
who lets what be kept, how long a crisis is noted, what is deleted (`storage`). Every process that
answers does this; what one has deleted, the others do not find. An erasure by another process, such
as `warmline forget`, is noticed within LOOK.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from storage.errors import StorageError

if TYPE_CHECKING:
    from bot.held import Held
    from storage.store import Store

LOOK = timedelta(minutes=1)
QUIET = timedelta(hours=6)
"""Somebody who has been quiet so long has ended a conversation. The texts say six hours."""

SWEEP = timedelta(days=1)
AGAIN = timedelta(hours=1)
"""So long after a sweep that failed comes the next."""

CRISES = timedelta(hours=1)
"""So often it is looked for crises that are noted for too long."""

Sleep = Callable[[float], Awaitable[object]]

log = logging.getLogger("warmline")


class Retention:
    """Ends conversations at every look, crises hourly; sweeps at its start and once a day.

    `history` and `mood_memory` are the owner's settings for people who have not chosen. With
    `keep_days` 0 no message is deleted by age.
    """

    def __init__(
        self,
        store: Store,
        held: Held,
        keep_days: int,
        *,
        history: Literal["ask", "on", "off"] = "ask",
        mood_memory: Literal["ask", "on", "off"] = "ask",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._held = held
        self._keep_days = keep_days
        self._history = history
        self._mood_memory = mood_memory
        self._clock = clock
        self._sleep = sleep
        self._due = self._crises_due = clock()
        self._seen: str | None = None

    async def begin(self) -> None:
        """End what is over before anybody is answered: a first message must not find it there."""
        try:
            await self._end()
        except StorageError as error:
            log.warning("conversations that are over stay for now: %s", error)

    async def run(self) -> None:
        """Until it is cancelled. A database that cannot be used now is tried again."""
        while True:
            try:
                await self.step()
            except StorageError as error:
                log.warning("what is over or too old stays for now: %s", error)
                self._due = self._clock() + AGAIN
            await self._sleep(LOOK.total_seconds())

    async def step(self) -> None:
        """Look once: what is over; what is too old, when it is time; what others have erased."""
        if self._clock() >= self._crises_due:
            self._crises_due = self._clock() + CRISES
            await self._end_crises()
        await self._end()
        if self._keep_days and self._clock() >= self._due:
            await self._sweep()
            self._due = self._clock() + SWEEP
        await self._look()

    async def _end(self) -> None:
        ended = await self._store.end_conversations(self._clock() - QUIET, self._history)
        if ended.id:
            log.info(
                "over: turns=%d blanked=%d conversations=%d",
                ended.deleted,
                ended.blanked,
                ended.conversations,
            )
            await self._held.drop(sorted(ended.touched), ended.id)
        if ended.unfinished:
            log.warning("old bytes stay in the file until the next time: %s", ended.unfinished)

    async def _end_crises(self) -> None:
        ended = await self._store.end_crises(self._mood_memory, self._keep_days)
        if ended:
            log.info("crises noted no longer: %d", ended)

    async def _sweep(self) -> None:
        swept = await self._store.sweep(self._keep_days)
        if swept.turns:
            log.info(
                "deleted by age: turns=%d labels=%d conversations=%d keep_days=%d",
                swept.turns,
                swept.labels,
                swept.conversations,
                self._keep_days,
            )
            await self._held.drop(sorted(swept.touched), swept.id)
        if swept.unfinished:
            log.warning("old bytes stay in the file until the next sweep: %s", swept.unfinished)

    async def _look(self) -> None:
        last = await self._store.last_erasure()
        # What was erased before this process began is not in its memory.
        if self._seen is not None and last not in (self._seen, self._held.erasure):
            await self._held.drop_all(last)
        self._seen = last


@asynccontextmanager
async def running(retention: Retention) -> AsyncIterator[None]:
    """While this lasts, what is over and what is too old goes. A step under way ends first."""
    await retention.begin()
    task = asyncio.create_task(retention.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
