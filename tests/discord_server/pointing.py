"""Leads one client of discord.py to another Discord, and leaves all others in the process alone.

discord.py takes its addresses from class variables (`Route.BASE`, `DEFAULT_GATEWAY`): those hold
for the whole process. What belongs to one client is the connector under its HTTP session, and that
is public: `Client(connector=...)`. Every request goes through it: REST, the gateway, what answers
an interaction, and files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import hdrs
from yarl import URL

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection


class MovedConnector(aiohttp.TCPConnector):
    """Sends what goes to an old address to the new one. Build it where the loop runs.

    `moves`: old to new start of addresses, "https://discord.com/api/v10" to "http://proxy/api".
    """

    def __init__(self, moves: dict[str, str], **options: Any) -> None:
        super().__init__(limit=0, **options)
        self._moves = moves

    async def connect(self, req: ClientRequest, *rest: Any, **more: Any) -> Connection:
        for old, new in self._moves.items():
            if str(req.url).startswith(old):
                req.url = URL(new + str(req.url)[len(old) :], encoded=True)
                req.headers[hdrs.HOST] = req.url.authority
                break
        return await super().connect(req, *rest, **more)


def moved(base_url: str, gateway_url: str) -> MovedConnector:
    """The connector for a client whose Discord is at these addresses."""
    return MovedConnector(
        {
            "https://discord.com/api/v10": base_url,
            "wss://gateway.discord.gg/": gateway_url,
        }
    )
