"""A webhook: Telegram calls, and is told 200 once the update is in safe hands.

Knows: one path, the secret in a header, what a body must be. Does not know: what an update means.
Telegram calls again until it is told so; anything else is a stranger, and learns nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from telegram import Bot, Update

from adapters.base import AdapterError
from adapters.quiet_server import QuietServer, quiet_config
from adapters.telegram.requests import readable
from adapters.telegram.settings import Webhook

log = logging.getLogger(__name__)

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_LARGEST_BODY_BYTES = 4 * 1024 * 1024

Take = Callable[[Update], Awaitable[None]]


@asynccontextmanager
async def serving(bot: Bot, take: Take, webhook: Webhook) -> AsyncIterator[asyncio.Task[None]]:
    """Calls are taken while one is inside; the task is done only where the server breaks.

    Raises:
        AdapterError: the address cannot be listened on, or the certificate cannot be used.
    """
    server = QuietServer(_config(_app(bot, take, webhook), webhook))
    listener = _listener(webhook)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield task
    finally:
        server.should_exit = True
        await task
        listener.close()


def _app(bot: Bot, take: Take, webhook: Webhook) -> ASGIApp:
    path = urlsplit(webhook.url).path.rstrip("/")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        # Behind a proxy the path may have lost its beginning; the secret is what counts.
        ours = path.endswith(request.url.path.rstrip("/")) and request.method == "POST"
        status = await _taken(request, bot, take, webhook) if ours else HTTPStatus.NOT_FOUND
        await Response(status_code=status)(scope, receive, send)

    return app


async def _taken(request: Request, bot: Bot, take: Take, webhook: Webhook) -> HTTPStatus:
    given = request.headers.get(_SECRET_HEADER, "")
    if not secrets.compare_digest(given.encode(), webhook.secret.encode()):
        return HTTPStatus.FORBIDDEN
    try:
        body = await _body(request)
        update = readable(json.loads(body))
    except ClientDisconnect:
        return HTTPStatus.BAD_REQUEST
    except (ValueError, RecursionError):
        log.warning("a webhook call without an update in it is refused")
        return HTTPStatus.BAD_REQUEST
    if update is not None:
        await take(Update.de_json(update, bot))
    return HTTPStatus.OK


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY_BYTES:
            raise ValueError("too large")
    return body


def _config(app: ASGIApp, webhook: Webhook) -> uvicorn.Config:
    config = quiet_config(
        app, grace_seconds=3, ssl_certfile=webhook.certificate, ssl_keyfile=webhook.key
    )
    try:
        config.load()
    except OSError as error:  # a file that is not there, or no certificate, or another's key
        raise AdapterError(
            "[telegram] webhook_cert and webhook_key cannot be used"
            f" ({error.strerror or type(error).__name__}): name a PEM certificate and its own key"
        ) from error
    return config


def _listener(webhook: Webhook) -> socket.socket:
    family = socket.AF_INET6 if ":" in webhook.host else socket.AF_INET
    try:
        return socket.create_server((webhook.host, webhook.port), family=family, backlog=128)
    except OSError as error:
        raise AdapterError(
            f"cannot listen for Telegram on port {webhook.port} of {webhook.host}:"
            f" {error.strerror}; set [telegram] webhook_host and webhook_port"
        ) from error
