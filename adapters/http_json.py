"""JSON over HTTP: a body read within limits, an answer that is always valid, one error shape.

Knows: bytes, JSON, status codes. Does not know: what a request asks for. The sentences here are
for the programmer of a client; what a chat person reads comes from the handler.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

MAX_BODY_BYTES = 1_000_000
"""The largest request body, the published service's clients stay far below it."""

BODY_SECONDS = 30.0
"""How long a client may take to send its body."""


class ApiError(Exception):
    """A request that gets an error as its answer: {"error": {"code", "message"}}."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers

    def response(self) -> JsonResponse:
        """The error as an answer, for as long as no output has begun."""
        return JsonResponse(
            {"error": {"code": self.code, "message": self.message}}, self.status, self.headers
        )


class JsonResponse(Response):
    """A JSON answer in UTF-8 that no cache keeps."""

    media_type = "application/json"

    def __init__(
        self, content: object, status_code: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(content, status_code, {"Cache-Control": "no-store", **(headers or {})})

    def render(self, content: object) -> bytes:
        return json_bytes(content)


def json_bytes(content: object) -> bytes:
    """Compact JSON on one line. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.encode()


async def read_object(request: Request) -> dict[str, Any]:
    """The request's body as a JSON object.

    Raises:
        ApiError: with the status that names what is wrong.
        starlette.requests.ClientDisconnect: the client left before it had sent everything.
    """
    _require_json(request)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read_body(request)
    except TimeoutError:
        raise ApiError(
            408, "body_too_slow", f"the body did not arrive within {BODY_SECONDS:g} seconds"
        ) from None
    return _parse_object(body)


def _require_json(request: Request) -> None:
    # Also a guard: a web page of another site can post a form here, but not this content type.
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(
            415, "not_json", "send the body as JSON, with the header Content-Type: application/json"
        )


async def _read_body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > MAX_BODY_BYTES:
        raise _too_large()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
    return bytes(body)


def _too_large() -> ApiError:
    return ApiError(413, "body_too_large", f"the body is larger than {MAX_BODY_BYTES:,} bytes")


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ApiError(400, "bad_json", "the body is not UTF-8") from None
    except RecursionError:
        raise ApiError(400, "bad_json", "the JSON is nested too deeply") from None
    except ValueError:
        raise ApiError(400, "bad_json", "the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise ApiError(400, "bad_json", 'the JSON must be an object such as {"input": "hello"}')
    return value
