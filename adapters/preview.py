"""An answer shown while it is written, beside the reading of it.

Knows: the latest words, and when there is something new to show. Does not know: the messages that
show them (`adapters.pages`). Reading never waits for the platform: where a chat's pace or a slow
server holds a showing up, all that was said meanwhile is shown together.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

from adapters.outcome import Unreachable
from adapters.pages import Pages


class Preview:
    """Shows the latest words, beside what is done under `async with`."""

    def __init__(self, pages: Pages, again: float) -> None:
        """What a platform shows for a moment only is shown again after `again` seconds."""
        self._pages = pages
        self._again = again
        self._words: tuple[str, bool] | None = None
        self._news = asyncio.Event()
        self._calling = asyncio.Lock()
        self._lost: Unreachable | None = None

    def show(self, text: str, *, line: bool = False) -> None:
        """From now on these are the words; see `Pages.hint`. Nothing is waited for.

        Raises:
            Unreachable: nobody sees them.
        """
        self._raise_if_lost()
        self._words = text, line
        self._news.set()

    async def finish(self, text: str, *, fixed: bool = False) -> None:
        """As `Pages.finish`; until there is more to show, the preview leaves the chat alone."""
        async with self._calling:
            self._words = None
            self._news.clear()
            self._raise_if_lost()
            await self._pages.finish(text, fixed=fixed)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # A call is waited for: cut off, it might change the chat after the last word.
        async with self._calling:
            self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()
        if kind is None:
            self._raise_if_lost()

    def _raise_if_lost(self) -> None:
        if self._lost is not None:
            raise self._lost

    async def _run(self) -> None:
        while self._lost is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._again):
                    await self._news.wait()
            await self._pages.free()
            async with self._calling:
                await self._show()

    async def _show(self) -> None:
        if self._words is None:
            return
        self._news.clear()
        text, line = self._words
        try:
            if not await self._pages.hint(text, line=line):
                self._news.set()
        except Unreachable as error:
            self._lost = error
