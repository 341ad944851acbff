"""What can go wrong between here and a model server, and how a server says so.

Knows: HTTP statuses, the error objects of OpenAI-compatible servers. Does not know: httpx, retries.
A server's own sentence is never passed on: it may quote the prompt. Of its error object only short
names and numbers are read.

    EngineFailed
    ├── Unanswered          nothing came yet: another try cannot show a person anything twice
    │   ├── TooSlow         … within the time that was given
    │   └── KeyRefused      … and asking again with this key is of no use
    ├── Refused             the server understood, and said no
    └── NotTheApi           what answered does not speak the API
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from engine.base import EngineError, EngineFailed, PromptTooLong

_NAME = re.compile(r"[\w.-]{1,40}", re.ASCII)
_NUMBER = re.compile(r"\d+")
_NEVER_WELL = frozenset({501, 505})
"""Of the 5xx those that say "never", not "not now": llama.cpp answers 501 where a flag is off."""


class Unanswered(EngineFailed):
    """No answer, and nothing of one. `again`: the same server may be asked again.

    `after` is how many seconds the server asked to be left alone; `status` is 0 without a reply.
    """

    def __init__(
        self, message: str, *, again: bool = True, after: float = 0.0, status: int = 0
    ) -> None:
        super().__init__(message)
        self.again = again
        self.after = after
        self.status = status


class TooSlow(Unanswered):
    """Not within the time that was given. Asked again, a busy server would only be busier."""

    def __init__(self, message: str) -> None:
        super().__init__(message, again=False)


class KeyRefused(Unanswered):
    """The server does not accept the key."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(
            f"{url} refused the key ({status}): check the key in the environment",
            again=False,
            status=status,
        )


class Refused(EngineFailed):
    """The server understood the request and will not do it."""

    def __init__(self, url: str, status: int, name: str = "") -> None:
        super().__init__(f"{url} refused the request ({status}{', ' + name if name else ''})")
        self.status = status


class NotTheApi(EngineFailed):
    """Something answers there, and it is not the API."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url} answers, but not as a model server does: is this the address of an "
            "OpenAI-compatible API? It usually ends in /v1"
        )


def failure(url: str, status: int, body: bytes, after: float = 0.0) -> EngineError:
    """What a reply that is no success means."""
    if status in (401, 403):
        return KeyRefused(url, status)
    error = error_object(body)
    if status in (400, 413, 422):
        return _too_long(error) or Refused(url, status, error_name(error))
    if status == 429:
        return Unanswered(f"{url} has too much to do (429)", after=after, status=status)
    if status == 408 or (status >= 500 and status not in _NEVER_WELL):
        loading = status == 503 and error_name(error) == "unavailable_error"
        said = "is still loading its model" if loading else f"failed ({status})"
        return Unanswered(f"{url} {said}", after=after, status=status)
    return Refused(url, status, error_name(error))


def failure_in_stream(url: str, event: Mapping[str, Any]) -> EngineError | None:
    """What a stream's event means that is an error: `{"error": {…}}`, or vLLM's older form."""
    error = event.get("error", event if event.get("object") == "error" else None)
    if not error:
        return None
    error = error if isinstance(error, Mapping) else {}
    code = error.get("code")
    name = error_name(error)
    if isinstance(code, int) and 400 <= code < 500 and code not in (408, 429):
        return _too_long(error) or Refused(url, code, name)
    return Unanswered(f"{url} failed ({name or 'without a reason'})", status=500)


def error_object(body: bytes) -> Mapping[str, Any]:
    """The error that a reply's body tells of, wherever it keeps it; empty where it tells none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    if not isinstance(answer, dict):
        return {}
    error = answer.get("error", answer)
    return error if isinstance(error, dict) else {"message": error}


def error_name(error: Mapping[str, Any]) -> str:
    """A short name out of an error, or "": nothing that could be a person's words."""
    for key in ("type", "code"):
        if isinstance(error.get(key), str) and _NAME.fullmatch(error[key]):
            return str(error[key])
    return ""


def _too_long(error: Mapping[str, Any]) -> PromptTooLong | None:
    """llama.cpp gives both numbers as fields; vLLM and SGLang say "maximum context length"."""
    if error.get("type") == "exceed_context_size_error":
        return PromptTooLong(_int(error, "n_prompt_tokens"), _int(error, "n_ctx"))
    message = str(error.get("message", ""))
    if "context length" in message or "context_length" in str(error.get("code")):
        limit, *rest = [int(n) for n in _NUMBER.findall(message)][:2] or [0]
        return PromptTooLong(max(rest, default=0), limit)
    return None


def _int(error: Mapping[str, Any], key: str) -> int:
    value = error.get(key)
    return value if isinstance(value, int) else 0
