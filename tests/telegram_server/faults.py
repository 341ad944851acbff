"""What goes wrong between a bot and Telegram, as values, and the queue in which they wait.

Knows which call is to be spoilt and how; `server` does the spoiling.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.network_faults import DropAfter as DropAfter
from tests.network_faults import DropBefore as DropBefore
from tests.network_faults import Slow as Slow
from tests.network_faults import Status as Status

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TooMany:
    """429. Until `retry_after` seconds are over, sends and edits in that chat are 429 too."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class Error:
    """An error of the Bot API; nothing was done."""

    code: int
    description: str
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Html:
    """Status 200, but a page of HTML; nothing was done."""

    html: str = "<html><body>Please log in to the network.</body></html>"


Fault = TooMany | Status | DropBefore | DropAfter | Slow | Error | Html

BLOCKED = Error(403, "Forbidden: bot was blocked by the user")


def kicked(kind: str) -> Error:
    return Error(403, f"Forbidden: bot was kicked from the {kind} chat")


def not_a_member(kind: str) -> Error:
    return Error(403, f"Forbidden: bot is not a member of the {kind} chat")


def migrated(new_chat_id: int) -> Error:
    """What a call gets that still names the old chat."""
    return Error(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": new_chat_id},
    )


def too_many(retry_after: float) -> Error:
    return Error(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


def bad(why: str) -> Refusal:
    return Refusal(Error(400, f"Bad Request: {why}"))


class Refusal(Exception):
    """A method refuses its call. `error` goes to the bot."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.description)
        self.error = error


@dataclass(frozen=True, slots=True)
class _Rule:
    method: str
    faults: deque[Fault]
    when: Callable[[Params], bool] | None
    always: bool


class Faults:
    """The faults still to come, by method ("*": any)."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(
        self,
        method: str,
        faults: tuple[Fault, ...],
        when: Callable[[Params], bool] | None,
        *,
        always: bool,
    ) -> None:
        """`always`: the last of them never ends."""
        self._rules.append(_Rule(method, deque(faults), when, always))

    def take(self, method: str, params: Params) -> Fault | None:
        """The fault for this call, taken from the oldest rule that fits."""
        for rule in self._rules:
            if not rule.faults or rule.method not in (method, "*"):
                continue
            if rule.when is None or rule.when(params):
                last = rule.always and len(rule.faults) == 1
                return rule.faults[0] if last else rule.faults.popleft()
        return None

    def left(self) -> list[tuple[str, Fault]]:
        return [(rule.method, fault) for rule in self._rules for fault in rule.faults]

    def clear(self) -> None:
        self._rules.clear()


class Flood:
    """Counts sends and edits in a chat. Times are the event loop's, in seconds."""

    def __init__(self) -> None:
        self.per_chat = 0.0
        self.retry_after: float | None = None
        self.violations = 0
        self._last: dict[int, float] = {}
        self._closed_until: dict[int, float] = {}

    def close(self, chat_id: int, until: float) -> None:
        self._closed_until[chat_id] = until

    def enter(self, chat_id: int, now: float) -> float:
        """0 where the call may pass, else the seconds to wait: a violation."""
        free = max(
            self._closed_until.get(chat_id, 0.0),
            self._last.get(chat_id, -math.inf) + self.per_chat,
        )
        if now >= free:
            self._last[chat_id] = now
            return 0.0
        self.violations += 1
        wait = math.ceil(free - now) if self.retry_after is None else self.retry_after
        self.close(chat_id, max(free, now + wait))
        return wait
