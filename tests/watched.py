"""A server of the tests' own whose state can be waited for.

Knows: how to wait and how to wake. Does not know: which server, what its state is.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_AGAIN_S = 0.02


class Watched(ABC):
    """Whoever inherits sets `_changed` to an event and calls `_tell` at every change."""

    _changed: asyncio.Event

    @abstractmethod
    def dump(self) -> str:
        """Everything that helps to see why a test failed."""

    async def until(self, condition: Callable[[], T], seconds: float = 10) -> T:
        """Waits for a state, of this server or of anything else, and gives what was found.

        Raises `AssertionError` with all that stands here when it does not come in time.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not (found := condition()):
            if loop.time() > end:
                raise AssertionError(f"not so within {seconds:g} s\n{self.dump()}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _LOOK_AGAIN_S)
        return found

    def _tell(self) -> None:
        """Wakes all who wait for a state."""
        past, self._changed = self._changed, asyncio.Event()
        past.set()
