"""`DiscordApi`: the server itself. Takes calls from the socket, spoils some, answers the others.

What a call does is in the `rest_*` files and `commands`, what there is to see in `seeing`. How a
client is led here is in `pointing`. Not there: voice, modals of people, context menus, polls'
votes, pins, emojis, webhooks of the bot's own.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from typing import Any, Self

from aiohttp import web

from tests.discord_server import calls, faults
from tests.discord_server.answers import answer
from tests.discord_server.calls import Call
from tests.discord_server.faults import BAD_JSON, UNAUTHORIZED, Error, Refusal
from tests.discord_server.people import BOT
from tests.discord_server.rest_interactions import CALLBACK, WEBHOOK, RestInteractions
from tests.discord_server.rest_messages import RestMessages
from tests.discord_server.rest_places import RestPlaces
from tests.discord_server.routes import Routes
from tests.discord_server.seeing import Seeing

TOKEN = f"{base64.b64encode(str(BOT.id).encode()).decode()}.only-for.the-tests-no-real-token"
API = "/api/v10"

_MAX_UPLOAD_BYTES = 64 * 1024 * 1024
_OWN_TOKEN = (CALLBACK, WEBHOOK)
"""Routes with a token in their path; they need no bot's."""


class DiscordApi(Seeing):
    """Use it under `async with`; `base_url` is what stands for https://discord.com/api/v10.

    There is one server to begin with, `home`, with the channel `general`. `shards`: how many the
    gateway recommends. As with Discord, a client learns the gateway's address by
    GET {base_url}/gateway; but discord.py doesn't ask where it has a single connection, so both
    addresses must be moved: `Client(connector=pointing.moved(api.base_url, api.gateway.url))`.
    """

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self.base_url = ""
        self.shards = 1
        messages = RestMessages(self.world)
        gateway = {
            ("GET", "/gateway"): lambda call: {"url": self.gateway.url},
            ("GET", "/gateway/bot"): lambda call: self._gateway_bot(),
            ("WS", "/gateway"): lambda call: None,
        }
        self._routes = Routes(
            gateway,
            messages.table,
            RestPlaces(self.world, messages).table,
            RestInteractions(self.world, messages).table,
            self._commands.table,
        )
        self._closing = asyncio.Event()
        self.home = self.add_guild("Home")
        self.general = next(iter(self.home.channels.values()))

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_UPLOAD_BYTES)
        app.router.add_route("*", API + "/{path:.*}", self._handle)
        app.router.add_get("/cdn/attachments/{channel}/{file}/{name}", self._file)
        app.router.add_get("/", self._connect)
        app.router.add_get("/resume", self._connect)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}{API}"
        self.gateway.url = f"ws://{host}:{port}/"
        self.world.cdn = f"http://{host}:{port}/cdn"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._closing.set()
        self.gateway.shut()
        await self._runner.cleanup()
        if self.errors and kind is None:
            raise self.errors[0]

    def _gateway_bot(self) -> dict[str, Any]:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": self.shards, "session_start_limit": limit}

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        call = self._call(request, "WS", "/gateway")
        fault = self._faults.take(call)
        if isinstance(fault, faults.Slow):
            await self._pause(fault.seconds)
            fault = None
        if fault is None:
            call.status = 101
            return await self.gateway.serve(request)
        return await self._finish(request, call, await self._spoilt(call, fault))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """An attachment's bytes: kept as long as its message is."""
        channel = self.world.channels.get(int(request.match_info["channel"]))
        message, _, number = request.match_info["file"].partition("-")
        found = self.world.find(channel, int(message)) if channel else None
        file = found.files.get(int(number)) if found else None
        return web.Response(body=file.content) if file else web.Response(status=404)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        call = self._call(request, request.method, request.path.removeprefix(API))
        try:
            await calls.read(request, call)
        except ValueError:
            return await self._finish(request, call, self._refused(call, BAD_JSON))
        return await self._finish(request, call, await self._spoilt(call, self._faults.take(call)))

    def _call(self, request: web.Request, method: str, path: str) -> Call:
        call = Call(method, path, asyncio.get_running_loop().time())
        self._routes.find(call)
        self.calls.append(call)
        self._tell()
        return call

    async def _finish(
        self, request: web.Request, call: Call, response: web.Response | None
    ) -> web.Response:
        if response is None:
            # A socket without a word: the response that aiohttp wants goes nowhere.
            if request.transport:
                request.transport.close()
            return web.Response()
        call.status = response.status
        self._tell()
        return response

    async def _spoilt(self, call: Call, fault: faults.Fault | None) -> web.Response | None:
        """The answer with the fault that waits for this call; None: the connection drops."""
        match fault:
            case faults.DropBefore():
                return None
            case faults.DropAfter():
                self._answer(call)
                return None
            case faults.Error():
                return self._refused(call, fault)
            case faults.TooMany():
                self._limits.close(call, fault)
                return self._limits.refusal(call, fault)
            case faults.Status(code, html):
                return web.Response(status=code, text=html, content_type="text/html")
            case faults.Slow(seconds, acts_late=True):
                await self._pause(seconds)
            case faults.Slow(seconds):
                response = self._answer(call)
                await self._pause(seconds)
                return response
        return self._answer(call)

    def _answer(self, call: Call) -> web.Response:
        """Acts, and says how it went."""
        if wait := self._limits.enter(call):
            return self._limits.refusal(call, wait)
        try:
            self._authorize(call)
            result = self._routes.answer(call)
        except Refusal as refusal:
            return self._refused(call, refusal.error)
        except Exception as error:  # noqa: BLE001 - shown to the test, which fails by it
            self.errors.append(error)
            # Not 500: clients would try that again for half a minute.
            return self._refused(call, Error(400, 0, repr(error)))
        finally:
            self._tell()
        headers = self._limits.headers(call)
        if result is None:
            return web.Response(status=204, headers=headers)
        return answer(result, headers)

    def _authorize(self, call: Call) -> None:
        free = call.route == "/gateway" or call.route.startswith(_OWN_TOKEN)
        if not free and call.token != f"Bot {self.token}":
            raise Refusal(UNAUTHORIZED)

    def _refused(self, call: Call, error: Error) -> web.Response:
        body: dict[str, Any] = {"message": error.message, "code": error.code}
        body |= {"errors": dict(error.errors)} if error.errors else {}
        return answer(body, self._limits.headers(call), error.status)

    async def _pause(self, seconds: float) -> None:
        """Waits, but not past the end of the test."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)
