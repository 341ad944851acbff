"""Server-sent events: the wire form of an answer that is shown while it is written.

Knows: the event-stream format and that nothing may buffer it. Does not know: what is streamed.
Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from starlette.types import Send

from adapters.http_json import json_bytes

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would otherwise hold the pieces back
]


class EventStream:
    """One response. The status line goes out with the first event: until then an error may still
    be answered as one (`begun` is false), afterwards only an `error` event can tell it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def event(self, name: str, data: object) -> None:
        """Send one event with `data` as JSON on one line."""
        if not self.begun:
            self.begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        body = b"event: %s\ndata: %s\n\n" % (name.encode(), json_bytes(data))
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        """Close the response. Nothing may follow."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
