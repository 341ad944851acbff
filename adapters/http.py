"""The HTTP adapter: a socket, a server on it, and an orderly end.

Knows: where to listen, when a token is a must, how to stop. Does not know: routes (`http_app`),
requests (`http_schema`), answers (`http_chat`). The process's signals are not its business.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Mapping

import uvicorn
from starlette.types import ASGIApp

from adapters.base import AdapterError, Health
from adapters.http_app import build_app, is_loopback
from adapters.messages import Handler
from adapters.quiet_server import QuietServer, quiet_config

GRACE_SECONDS = 3.0
"""How long answers that are being written go on once the server stops."""


class Http:
    """JSON over HTTP for programs. See `run`."""

    def __init__(
        self,
        host: str,
        port: int,
        token: str | None,
        health: Callable[[], Health],
        version: str,
        binary_labels: Mapping[str, str],
        listening: Callable[[str], None] | None = None,
        admin: ASGIApp | None = None,
    ) -> None:
        """Opens nothing yet. `port` 0 takes a free one; `listening` is told the URL at the start.

        `admin` answers everything under /admin, in its own way.

        Raises:
            AdapterError: others could reach the host and there is no token, or no such port.
        """
        if not token and not is_loopback(host):
            raise AdapterError(
                f"{host or 'every address'} can be reached by others: set WARMLINE_HTTP_TOKEN to a"
                " long random token, or listen on 127.0.0.1"
            )
        if not 0 <= port <= 65535:
            raise AdapterError(f"there is no port {port}: choose one from 1 to 65535")
        self._host = host
        self._port = port
        self._token = token
        self._health = health
        self._version = version
        self._binary_labels = binary_labels
        self._listening = listening
        self._admin = admin

    async def run(self, handler: Handler) -> None:
        """Serve until cancelled; then no new request is taken and running ones get GRACE_SECONDS.

        Raises:
            AdapterError: the address cannot be listened on.
        """
        stopping = asyncio.Event()
        app = build_app(
            handler,
            self._token,
            self._health,
            self._version,
            self._binary_labels,
            stopping,
            self._admin,
        )
        listener = await self._listen()
        server = _Server(
            quiet_config(app, grace_seconds=int(GRACE_SECONDS) + 2, proxy_headers=False),
            lambda: self._announce(listener),
        )
        await _serve(server, listener, stopping)

    async def _listen(self) -> socket.socket:
        # Bound here, not by uvicorn, which ends the whole process when a port is taken.
        try:
            family, address = await self._resolve()
            return socket.create_server(address, family=family, backlog=128)
        except OSError as error:
            raise self._cannot_listen(error) from error

    def _cannot_listen(self, error: OSError) -> AdapterError:
        where = f"port {self._port} on {self._host}"
        match error:
            case OSError(errno=errno.EADDRINUSE):
                problem = f"{where} is already in use; choose another with --port or [http] port"
            case OSError(errno=errno.EACCES):
                problem = f"{where} needs special rights; choose one above 1023 with --port"
            case socket.gaierror() | OSError(errno=errno.EADDRNOTAVAIL):
                problem = f"this machine has no address {self._host}; choose another with --host"
            case _:
                problem = f"cannot listen on {where}: {error.strerror}"
        return AdapterError(problem)

    async def _resolve(self) -> tuple[int, tuple[str, int]]:
        found = await asyncio.get_running_loop().getaddrinfo(
            self._host or None, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # localhost has two addresses on most machines: take the one that every client tries.
        family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        return family, (str(address[0]), int(address[1]))

    def _announce(self, listener: socket.socket) -> None:
        if self._listening is not None:
            host = f"[{self._host}]" if ":" in self._host else self._host
            self._listening(f"http://{host}:{listener.getsockname()[1]}")


class _Server(QuietServer):
    """A server that tells when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_started()


async def _serve(server: _Server, listener: socket.socket, stopping: asyncio.Event) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        alarm = asyncio.get_running_loop().call_later(GRACE_SECONDS, stopping.set)
        try:
            await serving
        finally:
            alarm.cancel()
        raise
    finally:
        listener.close()
