"""The routes of the HTTP interface, and who may use them.

Knows: paths, the bearer token, which Host is trusted without one. Does not know: sockets, ports,
how a chat is answered.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.admin.guards import Door
from adapters.answer import failure_report
from adapters.base import Health
from adapters.http_chat import ChatEndpoint
from adapters.http_json import ApiError, JsonResponse
from adapters.http_openapi import openapi_document
from adapters.messages import Handler

log = logging.getLogger(__name__)

OPEN_PATH = "/healthz"
"""The one path that needs no token: a supervisor asks it."""

_ROUTING_ERRORS = {
    404: ("not_found", "there is no such path; /openapi.json lists them"),
    405: ("method_not_allowed", "this path does not take that method; see /openapi.json"),
}


def build_app(
    handler: Handler,
    token: str | None,
    health: Callable[[], Health],
    version: str,
    binary_labels: Mapping[str, str],
    stopping: asyncio.Event | None = None,
    admin: ASGIApp | None = None,
) -> Starlette:
    """The whole interface as one ASGI application.

    `binary_labels` holds the published service's words for "positive" and "negative". When
    `stopping` is set, requests that still run end with a clear error. `admin`, where there is one,
    is given all that is under /admin, and guards it itself.
    """

    async def root(request: Request) -> Response:
        return JsonResponse(
            {"name": "warmline", "version": version, "openapi": "/openapi.json", "chat": "/chat"}
        )

    async def healthz(request: Request) -> Response:
        now = _ask(health)
        return JsonResponse(
            {"status": now.state, "detail": now.detail}, 200 if now.state == "ready" else 503
        )

    document = openapi_document(version, binary_labels, token_required=bool(token))

    async def openapi(request: Request) -> Response:
        return JsonResponse(document)

    chat = ChatEndpoint(handler, binary_labels, stopping or asyncio.Event())
    app = Starlette(
        routes=[
            Route("/", root),
            Route(OPEN_PATH, healthz),
            Route("/openapi.json", openapi),
            Route("/chat", chat, methods=["POST"]),
        ],
        middleware=[
            *([Middleware(Door, admin=admin)] if admin else []),
            Middleware(TokenGuard, token=token) if token else Middleware(LocalGuard),
        ],
        exception_handlers={ApiError: _error_response, HTTPException: _error_response},
    )
    app.router.redirect_slashes = False
    return app


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class TokenGuard:
    """Lets a request through that carries the token, whatever its Host."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != OPEN_PATH and not self._admits(scope):
            error = ApiError(
                401,
                "unauthorized",
                "send the header Authorization: Bearer and the server's token",
                {"WWW-Authenticate": 'Bearer realm="warmline"'},
            )
            await error.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, token = given.partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)


class LocalGuard:
    """Without a token, lets a request through only under a loopback name.

    A web page can point its own name at 127.0.0.1 (DNS rebinding) and would then read the answers;
    it cannot make a browser send another Host than that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_loopback(_host_name(Headers(scope=scope))):
            error = ApiError(
                400,
                "bad_host",
                "without a token this server answers only to localhost, 127.0.0.1 or [::1]",
            )
            await error.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _host_name(headers: Headers) -> str:
    host = headers.get("host", "").strip()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _ask(health: Callable[[], Health]) -> Health:
    try:
        return health()
    except Exception as error:  # noqa: BLE001 - a health check that fails is the answer
        log.error("the health check failed: %s", failure_report(error))
        return Health("broken", "the health check itself failed; the log says why")


def _error_response(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        code, message = _ROUTING_ERRORS.get(error.status_code, ("bad_request", error.detail))
        error = ApiError(error.status_code, code, message, error.headers)
    if isinstance(error, ApiError):
        return error.response()
    raise error
