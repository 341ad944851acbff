"""Follow-ups to an interaction, tried once.

Knows: how the library calls Discord's webhooks. Does not know: what is sent. The library repeats a
call after a 5xx, and a follow-up takes no nonce: each of its tries could be a message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import aiohttp
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from adapters.outcome import PerhapsSent


@contextmanager
def tried_once() -> Iterator[None]:
    """Within, webhook calls of this task are not repeated where they may have been heard.

    Such a call raises PerhapsSent.
    """
    token = async_context.set(_Once())  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        async_context.reset(token)


class _Once(AsyncWebhookAdapter):
    async def request(self, route: Route, session: aiohttp.ClientSession, **rest: Any) -> Any:
        return await super().request(route, cast(aiohttp.ClientSession, _Session(session)), **rest)


class _Session:
    """The client of one call: after a try that may have been heard, the next one is refused."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._heard = False

    @asynccontextmanager
    async def request(
        self, method: str, url: str, **rest: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._heard:
            raise PerhapsSent
        self._heard = True
        async with self._session.request(method, url, **rest) as response:
            self._heard = response.status >= 500
            yield response
