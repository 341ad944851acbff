"""A form that a browser sent, read within limits.

Knows: bytes and fields. Does not know: what a form is for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_BYTES = 4096
FORM_SECONDS = 10.0
"""How long a browser may take to send a form."""

_MOST_FIELDS = 8


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of the body.

    Raises:
        HTTPException: 400, 408, 413 or 415: what is wrong with it.
        starlette.requests.ClientDisconnect: the client left before it had sent everything.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    try:
        async with asyncio.timeout(FORM_SECONDS):
            body = await _read(request)
    except TimeoutError:
        raise HTTPException(408) from None
    return _fields(body)


async def _read(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > MAX_BYTES:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HTTPException(413)
    return bytes(body)


def _fields(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise HTTPException(400) from None
    fields = dict(pairs)
    if len(fields) < len(pairs):  # which of two is meant would be a guess
        raise HTTPException(400)
    return fields
