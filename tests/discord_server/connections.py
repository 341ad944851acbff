"""One gateway connection and what goes over it: frames, compression, silence, an abrupt end."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.discord_server.people import Json

if TYPE_CHECKING:
    from tests.discord_server.sessions import Session


class Op(IntEnum):
    """Operations of the gateway, with Discord's numbers."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    ACK = 11


_GOODBYE = (1000, 1001)


@dataclass(frozen=True, slots=True)
class _Close:
    code: int
    reason: str


class Connection:
    """A bot's connection. `received`: what it sent, as JSON; `query`: how it connected.

    `silent`: nothing goes out any more, not even what answers a heartbeat. `path`: where it came
    to; a resuming bot comes to "/resume". `closed_with`: the code of whoever closed it; 0, or
    1006, where the line was cut. `left`: it was the bot that said goodbye for good.
    """

    def __init__(self, request: web.Request) -> None:
        self.path, self.query = request.path, dict(request.query)
        self.socket = web.WebSocketResponse(timeout=1, max_msg_size=16 * 1024)
        self.session: Session | None = None
        self.received: list[Json] = []
        self.silent = False
        self.open = True
        self.closed_with = 0
        self.left = False
        self._request = request
        self._out: asyncio.Queue[str | bytes | _Close] = asyncio.Queue()
        # Asked for any other compression it sends plain texts, which discord.py takes as well.
        zlib_stream = self.query.get("compress") == "zlib-stream"
        self._compressor = zlib.compressobj() if zlib_stream else None

    def send(self, op: Op, data: Any = None, **more: Any) -> None:
        """A frame: {"op": …, "d": …}; a dispatch has "s" and "t" as well."""
        self.put(json.dumps({"op": op, "d": data, "s": None, "t": None, **more}))

    def put(self, frame: str | bytes) -> None:
        """A text goes the usual way, compressed if that was agreed; bytes go as they are."""
        if self.open and not self.silent:
            self._out.put_nowait(frame)

    def close(self, code: int, reason: str = "") -> None:
        """Ends it with this code, after what waits to be sent."""
        self.open = False
        self.closed_with = code
        self._out.put_nowait(_Close(code, reason))

    def abort(self) -> None:
        """Cuts the line: what waits to be sent is lost, and nobody says goodbye."""
        self.open = False
        if self._request.transport:
            self._request.transport.abort()

    def end(self) -> None:
        """Notes how it ended. With 1000 and 1001 a bot lets its session go."""
        if not self.closed_with:
            self.closed_with = self.socket.close_code or 0
            self.left = self.closed_with in _GOODBYE
        self.open = False

    async def write(self) -> None:
        """Sends what is put, until the end."""
        try:
            while not isinstance(frame := await self._out.get(), _Close):
                await self._write(frame)
            await self.socket.close(code=frame.code, message=frame.reason.encode())
        except ConnectionError:
            self.open = False

    async def _write(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            await self.socket.send_bytes(frame)
        elif self._compressor:
            packed = self._compressor.compress(frame.encode())
            await self.socket.send_bytes(packed + self._compressor.flush(zlib.Z_SYNC_FLUSH))
        else:
            await self.socket.send_str(frame)
