"""One REST call as it comes from the socket: which route, which values, which files.

Reads what Discord's front takes: a query, JSON, a multipart form. Does not judge the values.
"""

from __future__ import annotations

import json
import mimetypes
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.discord_server.people import Json


@dataclass(frozen=True, slots=True)
class File:
    """An upload, or a file that a person attached."""

    name: str
    content: bytes
    description: str = ""

    @property
    def media_type(self) -> str:
        """Judged by the name, as Discord does; "" where it says nothing."""
        return mimetypes.guess_type(self.name)[0] or ""


@dataclass(slots=True)
class Call:
    """A call that came.

    `route`: with the names of its ids, "/channels/{channel}/messages"; "" where there is none.
    `time`: the event loop's, in seconds; `status` 0: no answer, or not yet. A connection to the
    gateway is a call too, with the method "WS" and the route "/gateway".
    """

    method: str
    path: str
    time: float
    route: str = ""
    args: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    json: Any = None
    files: dict[int, File] = field(default_factory=dict)
    token: str = ""
    reason: str = ""
    status: int = 0

    def fits(self, method: str, fragment: str) -> bool:
        """Whether it is this method ("*": any) on a path or route with this in it."""
        return method in (self.method, "*") and (fragment in self.path or fragment in self.route)

    @property
    def body(self) -> Json:
        """The JSON object that was sent; empty where there was none."""
        return self.json if isinstance(self.json, dict) else {}

    def id(self, name: str) -> int:
        """An id of the path; 0, which nothing has, where it isn't a number."""
        value = self.args.get(name, "")
        return int(value) if value.isascii() and value.isdecimal() else 0


async def read(request: web.Request, call: Call) -> None:
    """Fills in what was sent. Raises `ValueError` where the JSON is broken."""
    call.query = dict(request.query)
    call.token = request.headers.get("Authorization", "")
    call.reason = request.headers.get("X-Audit-Log-Reason", "")
    if request.content_type.startswith("multipart/"):
        await _read_form(request, call)
    elif request.can_read_body and (raw := await request.read()):
        call.json = json.loads(raw)


_FILE = re.compile(r"files?\[(\d+)\]")


async def _read_form(request: web.Request, call: Call) -> None:
    for name, value in (await request.post()).items():
        if name == "payload_json":
            call.json = json.loads(str(value))
        elif isinstance(value, web.FileField) and (found := _FILE.fullmatch(name)):
            with value.file as content:
                file = File(value.filename, content.read())
            call.files[int(found[1])] = file
