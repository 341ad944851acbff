"""An event loop whose time passes at once: a day of waiting is tested in a millisecond.

Knows no I/O: a test that waits for something that never comes fails instead of hanging.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from selectors import SelectSelector
from typing import Any


class _Selector(SelectSelector):
    """Nothing is ever waited for: the time is put forward instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("everything waits for something that will never come")
        self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs an async test on such a loop; its time begins at 0."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def now() -> float:
    """Seconds since the test began, without the crumbs of floating point."""
    return round(asyncio.get_running_loop().time(), 6)
