"""Discord's rate limits: the headers of every answer, and which calls come too fast.

Times are the event loop's, in seconds. Buckets are generous unless a test narrows them.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from aiohttp import web

from tests.discord_server.answers import answer
from tests.discord_server.calls import Call
from tests.discord_server.faults import TooMany
from tests.discord_server.rest_interactions import CALLBACK, WEBHOOK

GENEROUS = (1000, 1.0)
"""Calls, and the seconds in which they may come."""

_MAJOR = ("channel", "guild", "token")
_OUTSIDE = (CALLBACK, WEBHOOK)


@dataclass(slots=True)
class _Window:
    """What came in a bucket since the window began."""

    limit: int
    seconds: float
    ends: float
    used: int = 0


class Limits:
    """`violations`: calls that came although their bucket, or all, had said 429 or was empty."""

    def __init__(self) -> None:
        self.violations: list[Call] = []
        self._narrow: list[tuple[str, str, int, float]] = []
        self._windows: dict[tuple[str, ...], _Window] = {}
        self._closed: dict[tuple[str, ...], float] = {}
        self._all_closed = 0.0

    def narrow(self, method: str, fragment: str, calls: int, seconds: float) -> None:
        self._narrow.append((method, fragment, calls, seconds))

    def close(self, call: Call, fault: TooMany) -> None:
        """Keeps the call's bucket, or all, shut for a while."""
        until = call.time + fault.retry_after
        if fault.is_global:
            self._all_closed = until
        else:
            self._closed[_key(call)] = until

    def enter(self, call: Call) -> TooMany | None:
        """None where the call may pass."""
        now, key = call.time, _key(call)
        window = self._window(call)
        everywhere = 0.0 if call.route.startswith(_OUTSIDE) else self._all_closed
        wait = max(everywhere, self._closed.get(key, 0.0)) - now
        if window.used >= window.limit:
            wait = max(wait, window.ends - now)
        if wait <= 0:
            window.used += 1
            return None
        self.violations.append(call)
        return TooMany(round(wait, 3), is_global=everywhere > now)

    def headers(self, call: Call) -> dict[str, str]:
        """Those that come with every answer."""
        window = self._window(call)
        after = max(window.ends - call.time, 0.001)
        return {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(max(window.limit - window.used, 0)),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": _bucket(call),
            "Via": "1.1 google",
        }

    def refusal(self, call: Call, fault: TooMany) -> web.Response:
        """The 429. Without "Via" discord.py takes it for a ban and gives up."""
        scope = "global" if fault.is_global else fault.scope
        headers = self.headers(call) | {"X-RateLimit-Remaining": "0"}
        headers |= {"Retry-After": str(fault.retry_after), "X-RateLimit-Scope": scope}
        headers |= {"X-RateLimit-Reset-After": f"{fault.retry_after:.3f}"}
        if fault.is_global:
            headers = {k: v for k, v in headers.items() if not k.startswith("X-RateLimit")}
            headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": scope}
        body = {"message": "You are being rate limited.", "retry_after": fault.retry_after}
        shown = body | {"global": fault.is_global}
        return answer(shown, headers, 429)

    def _window(self, call: Call) -> _Window:
        key = _key(call)
        found = self._windows.get(key)
        if found is None or call.time >= found.ends:
            limit, seconds = GENEROUS
            for method, fragment, calls, period in self._narrow:
                if call.fits(method, fragment):
                    limit, seconds = calls, period
            found = self._windows[key] = _Window(limit, seconds, call.time + seconds)
        return found


def _bucket(call: Call) -> str:
    return hashlib.sha256(f"{call.method} {call.route}".encode()).hexdigest()[:16]


def _key(call: Call) -> tuple[str, ...]:
    return (_bucket(call), *(call.args.get(name, "") for name in _MAJOR))
