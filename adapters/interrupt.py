"""Work that ends early when something else happens first.

Knows: tasks. Does not know: what the work is, or why it should end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Interrupted(Exception):
    """The work was cancelled before its end, and has finished cleaning up."""


async def run_unless(work: Coroutine[Any, Any, T], *events: Coroutine[Any, Any, object]) -> T:
    """The result of `work`, unless one of `events` returns first: then `work` is cancelled.

    Returns only when everything has ended, so nothing runs on behind the caller's back. Work that
    ends in spite of being cancelled counts as done.

    Raises:
        Interrupted: an event came first. Whatever `work` itself raises comes through.
    """
    working = asyncio.create_task(work)
    tasks: list[asyncio.Task[Any]] = [working, *map(asyncio.create_task, events)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if working.cancelled():
        raise Interrupted
    return working.result()
