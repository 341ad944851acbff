"""One call of the Bot API as it comes from the socket: which bot, which method, which values.

Reads what the Bot API takes: a query, a form, a multipart form, JSON. Does not judge the values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.telegram_server.chats import File
from tests.telegram_server.faults import Params

_WORDS = (
    "text caption url secret_token callback_query_id name description short_description "
    "language_code parse_mode action ip_address"
)
WORDS = frozenset(_WORDS.split())
"""Values that are plain strings in a form; every other one is a number, a bool or JSON there."""

_PATH = re.compile(r"/bot([1-9]\d*:[\w-]+)/(\w+)")


@dataclass(slots=True)
class Call:
    """A call that came. `time`: the event loop's, in seconds; `status` 0: no answer, or not yet."""

    method: str
    params: Params
    time: float
    status: int = 0


def address(request: web.Request) -> tuple[str, str] | None:
    """Token and method; None where the token is malformed."""
    found = _PATH.fullmatch(request.path)
    return (found[1], found[2]) if found else None


async def params_of(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        body: dict[str, Any] = await request.json()
        return _typed(request.query.items()) | body
    return _typed([*request.query.items(), *(await request.post()).items()])


def _typed(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    uploads = {name: _file(value) for name, value in pairs if isinstance(value, web.FileField)}
    given = {name: value for name, value in pairs if name not in uploads}
    found: dict[str, Any] = {name: _value(name, value) for name, value in given.items()}
    for name, upload in uploads.items():
        uses = [key for key, value in given.items() if value == f"attach://{name}"]
        found |= dict.fromkeys(uses or [name], upload)
    return found


def _file(field: web.FileField) -> File:
    with field.file as body:
        return File(field.filename, body.read(), field.content_type)


def _value(name: str, value: str) -> Any:
    if name in WORDS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
