"""The wish that an answer ends: felt at once by whatever is awaited for it.

Knows: one wait at a time, and how to call it off. Does not know: what is awaited, who wishes it.
Nothing is yielded inside the scope that is called off, so that only our own waits are cut short.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


class Halted(Exception):
    """What was awaited is not wanted any more; it was cancelled."""


class Halt:
    """For one answer, in one task. Asking twice is harmless."""

    def __init__(self) -> None:
        self.asked = False
        self._wait: asyncio.Timeout | None = None

    def ask(self) -> None:
        """From now on nothing more is wanted."""
        if self._wait is not None and not self.asked:
            self._wait.reschedule(0)  # long ago: it is cancelled as soon as the loop comes round
        self.asked = True

    async def wait(self, work: Awaitable[T]) -> T:
        """What the work gives.

        Raises:
            Halted: it was asked for before or meanwhile; the work was cancelled.
        """
        try:
            async with asyncio.timeout(0 if self.asked else None) as self._wait:
                return await work
        except TimeoutError:
            if not self.asked:
                raise
            raise Halted from None
        finally:
            self._wait = None

    async def until(self, events: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """The events that come before it is asked for."""
        async with aclosing(events):
            while not self.asked:
                try:
                    event = await self.wait(anext(events))
                except (Halted, StopAsyncIteration):
                    return
                yield event
