"""Blocking calls off the event loop, on threads of the engine's own.

Knows: threads and futures. Does not know: what is called. After `close` every call is refused as
`EngineNotReady`.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from engine.base import EngineNotReady

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """A bounded number of threads."""

    def __init__(self, threads: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it on a thread and wait for what it gives."""
        return await asyncio.wrap_future(self.start(call, *args, **kwargs))

    def start(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call it on a thread.

        Raises:
            EngineNotReady: the threads have been closed.
        """
        try:
            return self._executor.submit(functools.partial(call, *args, **kwargs))
        except RuntimeError as error:
            raise EngineNotReady("the model has been closed") from error

    def close(self) -> None:
        """Take no more calls; those that run go on to their end."""
        self._executor.shutdown(wait=False, cancel_futures=True)
