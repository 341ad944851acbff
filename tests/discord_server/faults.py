"""What goes wrong between a bot and Discord's REST front, as values, and where they wait.

Knows which call is to be spoilt and how; `server` does the spoiling. What goes wrong on the
gateway is in `sessions`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.discord_server.calls import Call
from tests.discord_server.people import Json
from tests.network_faults import DropAfter as DropAfter
from tests.network_faults import DropBefore as DropBefore
from tests.network_faults import Slow as Slow
from tests.network_faults import Status as Status


@dataclass(frozen=True, slots=True)
class TooMany:
    """429. Until `retry_after` seconds are over its bucket, or all, get 429 as well.

    `scope`: "user", or "shared"; a global one says "global".
    """

    retry_after: float
    is_global: bool = False
    scope: str = "user"


@dataclass(frozen=True, slots=True)
class Error:
    """An error as Discord's own; nothing was done. `status` is HTTP's, `code` is Discord's."""

    status: int
    code: int
    message: str
    errors: Json | None = None


Fault = TooMany | Status | DropBefore | DropAfter | Slow | Error

UNAUTHORIZED = Error(401, 0, "401: Unauthorized")
NOT_FOUND = Error(404, 0, "404: Not Found")
NOT_ALLOWED = Error(405, 0, "405: Method Not Allowed")
UNKNOWN_APPLICATION = Error(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = Error(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Error(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Error(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Error(404, 10008, "Unknown Message")
UNKNOWN_USER = Error(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = Error(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Error(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Error(404, 10063, "Unknown application command")
TOO_LARGE = Error(413, 40005, "Request entity too large")
NO_TEXT_IN_FORUM = Error(400, 40058, "Cannot send a message in a forum channel")
ACKNOWLEDGED = Error(400, 40060, "Interaction has already been acknowledged.")
TOO_MANY_FOLLOWUPS = Error(
    400, 40094, "This interaction has hit the maximum number of follow up messages"
)
MISSING_ACCESS = Error(403, 50001, "Missing Access")
NOT_IN_DM = Error(403, 50003, "Cannot execute action on a DM channel")
NOT_YOURS = Error(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Error(400, 50006, "Cannot send an empty message")
SHUT_DM = Error(403, 50007, "Cannot send messages to this user")
NOT_A_TEXT_CHANNEL = Error(400, 50008, "Cannot send messages in a non-text channel")
MISSING_PERMISSIONS = Error(403, 50013, "Missing Permissions")
WRONG_CHANNEL_TYPE = Error(400, 50024, "Cannot execute action on this channel type")
EXPIRED_TOKEN = Error(401, 50027, "Invalid Webhook Token")
BAD_JSON = Error(400, 50109, "The request body contains invalid JSON.")
ARCHIVED = Error(400, 50083, "Thread is archived")
SEALED = Error(403, 50083, "Thread is archived")
"""Archived and locked: nobody but a moderator opens it again."""
NO_HISTORY_FOR_REPLY = Error(400, 160002, "Cannot reply without permission to read message history")
THREAD_THERE = Error(400, 160004, "A thread has already been created for this message")
LOCKED = Error(403, 160005, "Thread is locked")


def form(field: str, code: str, why: str) -> Refusal:
    """50035, for one field: "content", or "0.name" for a field in a list."""
    errors: Json = {"_errors": [{"code": code, "message": why}]}
    for part in reversed(field.split(".")):
        errors = {part: errors}
    return Refusal(Error(400, 50035, "Invalid Form Body", errors))


class Refusal(Exception):
    """A call is refused. `error` goes to the bot."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True, slots=True)
class _Rule:
    method: str
    fragment: str
    faults: deque[Fault]
    when: Callable[[Call], bool] | None
    always: bool


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(
        self,
        method: str,
        fragment: str,
        faults: tuple[Fault, ...],
        when: Callable[[Call], bool] | None,
        *,
        always: bool,
    ) -> None:
        """`always`: the last of them never ends."""
        self._rules.append(_Rule(method, fragment, deque(faults), when, always))

    def take(self, call: Call) -> Fault | None:
        """The fault for this call, taken from the oldest rule that fits."""
        for rule in self._rules:
            if not rule.faults or not call.fits(rule.method, rule.fragment):
                continue
            if rule.when is None or rule.when(call):
                last = rule.always and len(rule.faults) == 1
                return rule.faults[0] if last else rule.faults.popleft()
        return None

    def left(self) -> list[tuple[str, str, Fault]]:
        return [(rule.method, rule.fragment, one) for rule in self._rules for one in rule.faults]

    def clear(self) -> None:
        self._rules.clear()
