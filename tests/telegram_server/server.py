"""`BotApi`: the server itself. Takes calls from the socket, spoils some, answers the others.

What a call does is in `methods` and `updates`, what there is to see in `state`. Like a server
started with `--local` it takes a webhook with plain http and on any port. Files can't be fetched
back, and `parse_mode` isn't known.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.telegram_server import faults
from tests.telegram_server.calls import Call, address, params_of
from tests.telegram_server.faults import Error, Params, Refusal
from tests.telegram_server.methods import EDITING, SENDING
from tests.telegram_server.people import BOT
from tests.telegram_server.state import State

TOKEN = f"{BOT.id}:AA-not-a-real-token-only-for-the-tests"

_MAX_UPLOAD_BYTES = 64 * 1024 * 1024
_NO_METHOD = Error(404, "Not Found: method not found")


class BotApi(State):
    """Use it under `async with`; `base_url` and `base_file_url` are as the library wants them."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(int(token.split(":")[0]))
        self.token = token
        self.base_url = self.base_file_url = ""
        self._closing = asyncio.Event()
        self._table: Mapping[str, Callable[[Params], Any]] = {
            **self._methods.table,
            "getUpdates": self._updates.get_updates,
            "setWebhook": self._updates.set_webhook,
            "deleteWebhook": self._updates.delete_webhook,
            "getWebhookInfo": self._updates.webhook_info,
        }

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_UPLOAD_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}/bot"
        self.base_file_url = f"http://{host}:{port}/file/bot"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        self._updates.close()
        await self._runner.cleanup()

    async def push(
        self, update: Mapping[str, Any], *, secret: str | None = "", url: str = ""
    ) -> int:
        """Posts an update to the webhook, once, as Telegram does; gives the status of the answer.

        `secret`: another than the bot set ("": the bot's own, None: none). `url`: where a proxy
        in between would lead. Raises what aiohttp raises where nobody answers.
        """
        hook, numbered = self.webhook, self._updates.numbered(update)
        assert url or hook.url, "the bot has set no webhook"
        assert self._updates.wanted(numbered), f"the bot did not ask for {set(numbered)}"
        self._chats.learn(numbered)
        header = hook.secret if secret == "" else secret
        headers = {"X-Telegram-Bot-Api-Secret-Token": header} if header else {}
        trust: ssl.SSLContext | bool = True
        if hook.certificate:
            trust = ssl.create_default_context(cadata=hook.certificate.content.decode())
        async with (
            aiohttp.ClientSession() as session,
            session.post(url or hook.url, json=numbered, headers=headers, ssl=trust) as answer,
        ):
            await answer.read()
        if answer.ok:
            self._updates.confirm(numbered["update_id"])
        self._tell()
        return answer.status

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        found = address(request)
        if not found:
            return _refused(Error(404, "Not Found"))
        token, method = found
        if token != self.token:
            return _refused(Error(401, "Unauthorized"))
        now = asyncio.get_running_loop().time()
        call = Call(method, await params_of(request), now)
        self.calls.append(call)
        self._tell()
        response = await self._spoilt(request, call)
        if response is None:
            # A socket without a word: the response that aiohttp wants goes nowhere.
            assert request.transport
            request.transport.close()
            response = web.Response()
        else:
            call.status = response.status
        self._tell()
        return response

    async def _spoilt(self, request: web.Request, call: Call) -> web.Response | None:
        """The answer with the fault that waits for this call; None: the connection drops."""
        fault = self._faults.take(call.method, call.params)
        match fault:
            case faults.DropBefore():
                return None
            case faults.DropAfter():
                await self._answer(call)
                return None
            case faults.Error():
                return _refused(fault)
            case faults.TooMany(retry_after):
                if isinstance(chat_id := call.params.get("chat_id"), int):
                    self._flood.close(chat_id, call.time + retry_after)
                return _refused(faults.too_many(retry_after))
            case faults.Status(code, html):
                return web.Response(status=code, text=html, content_type="text/html")
            case faults.Html(html):
                return web.Response(text=html, content_type="text/html")
            case faults.Slow(seconds, acts_late=True):
                await self._pause(seconds)
                return await self._answer(call)
            case faults.Slow(seconds):
                response = await self._answer(call)
                await self._pause(seconds)
                return response
        return await self._answer(call)

    async def _answer(self, call: Call) -> web.Response:
        """Acts, and says how it went."""
        try:
            result = await self._act(call)
        except Refusal as refusal:
            return _refused(refusal.error)
        finally:
            self._tell()
        return web.json_response({"ok": True, "result": result})

    async def _act(self, call: Call) -> Any:
        method = self._table.get(call.method)
        if method is None:
            raise Refusal(_NO_METHOD)
        chat_id = call.params.get("chat_id")
        if call.method in SENDING | EDITING and isinstance(chat_id, int):
            wait = self._flood.enter(chat_id, asyncio.get_running_loop().time())
            if wait:
                raise Refusal(faults.too_many(wait))
        result = method(call.params)
        return await result if inspect.isawaitable(result) else result

    async def _pause(self, seconds: float) -> None:
        """Waits, but not past the end of the test."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)


def _refused(error: Error) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    headers = {}
    if error.parameters:
        body["parameters"] = dict(error.parameters)
        if "retry_after" in error.parameters:
            headers["Retry-After"] = str(error.parameters["retry_after"])
    return web.json_response(body, status=error.code, headers=headers)
