"""One conversation, one turn at a time; many conversations side by side.

Knows: keys, and who waits for which. Does not know: what a turn is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ConversationLocks:
    """A lock per key, first come first served, kept only while somebody holds or awaits it."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def taken(self, key: str) -> bool:
        """Whether somebody holds a key's lock, or waits for it."""
        return key in self._locks

    @asynccontextmanager
    async def held(self, key: str) -> AsyncIterator[None]:
        """Hold a key's lock. An empty key locks nothing."""
        if not key:
            yield
            return
        lock, interested = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, interested + 1)
        try:
            async with lock:
                yield
        finally:
            lock, interested = self._locks[key]
            if interested == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, interested - 1)
