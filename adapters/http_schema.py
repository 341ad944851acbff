"""The words of the HTTP interface: a request's JSON into a message, an answer into JSON.

Knows: the fields of POST /chat and what each may hold. Does not know: sockets, who answers.
`input`, `history`, `sentiment` and `reply` are the published service's; the rest is Warmline's.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.answer import Answer, card_json, file_json
from adapters.http_json import ApiError
from adapters.messages import IncomingMessage, Notice, Person, Scope

PLATFORM = "http"
MAX_HISTORY_PAIRS = 1_000
MAX_NAME_CHARACTERS = 200

RETRY_SECONDS = 5
"""What Retry-After says when the model is busy or still loading."""

_RETRY_AFTER: Mapping[int, int] = {429: 60, 503: RETRY_SECONDS}
"""Seconds, by status. The shortest limit counts the messages of a minute."""

ERROR_STATUS: Mapping[str, int] = {
    "empty": 400,
    "not_text": 400,
    "refused": 403,
    "duplicate": 409,
    "stale": 410,
    "too_long": 413,
    "limited": 429,
    "failed": 500,
    "gave_up": 500,
    "busy": 503,
    "loading": 503,
}
"""Notices that are errors to a program. Every other notice is an answer (200)."""

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What one POST /chat asks for."""

    message: IncomingMessage
    stream: bool


def parse_chat(body: Mapping[str, Any], locale: str, sent_at: datetime) -> ChatRequest:
    """The request as a message. Unknown keys are ignored, null is the same as leaving a key out.

    Raises:
        ApiError: 400 with a sentence that names the key.
    """
    text = body.get("input")
    if not isinstance(text, str):
        raise _bad("input", "must be given, and be a string")
    user = _name(body, "user")
    if user is not None and body.get("history") is not None:
        raise _bad("history", "cannot be given with user: with a user the server remembers")
    return ChatRequest(
        message=IncomingMessage(
            scope=Scope(PLATFORM, speaker := user or uuid.uuid4().hex),
            person=Person(PLATFORM, speaker),
            message_id=_name(body, "message_id") or uuid.uuid4().hex,
            text=text,
            sent_at=sent_at,
            locale=locale,
            remember=user is not None,
            history=_history(body),
        ),
        stream=_stream(body),
    )


def first_language(accept_language: str) -> str:
    """The first language of an Accept-Language header, or "" when it names none."""
    tag = accept_language.partition(",")[0].partition(";")[0].strip()
    return tag if _LANGUAGE_TAG.fullmatch(tag) else ""


def answer_json(answer: Answer, binary_labels: Mapping[str, str]) -> dict[str, Any]:
    """A reply as the published service gives it, and what Warmline knows beyond.

    Raises:
        ApiError: the answer is a notice that is an error to a program.
    """
    known: dict[str, Any] = {
        "sentiment": sentiment(answer.valence, binary_labels),
        "reply": answer.words,
        "label": answer.label,
        "probabilities": dict(answer.probabilities),
        "valence": answer.valence,
        "language": answer.language,
        "model": answer.model,
        "timings": dict(answer.timings),
    }
    if answer.notice:
        raise_if_error(answer.notice)
        known["notice"] = notice_json(answer.notice)
    if answer.card:
        known["card"] = card_json(answer.card)
    if answer.files:
        known["files"] = [file_json(file) for file in answer.files]
    return known


def notice_json(notice: Notice) -> dict[str, str]:
    """A notice for a program (its code) and for the person behind it (its sentence)."""
    return {"code": notice.code, "text": notice.text}


def sentiment(valence: float | None, binary_labels: Mapping[str, str]) -> str | None:
    """The published service's word; None where nothing was scored, since neither would be true."""
    if valence is None:
        return None
    return binary_labels["positive" if valence >= 0 else "negative"]


def raise_if_error(notice: Notice) -> None:
    """Turn a notice that tells a failure into an HTTP error.

    Raises:
        ApiError: see ERROR_STATUS.
    """
    status = ERROR_STATUS.get(notice.code)
    if status is None:
        return
    seconds = _RETRY_AFTER.get(status)
    headers = {"Retry-After": str(seconds)} if seconds else None
    raise ApiError(status, notice.code, notice.text, headers)


def _name(body: Mapping[str, Any], key: str) -> str | None:
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME_CHARACTERS:
        raise _bad(key, f"must be a string of 1 to {MAX_NAME_CHARACTERS} characters")
    if not value.isprintable():  # control characters and lone surrogates are no part of a name
        raise _bad(key, "must hold printable characters only")
    return value


def _stream(body: Mapping[str, Any]) -> bool:
    value = body.get("stream")
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _bad("stream", "must be true or false")


def _history(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    value = body.get("history")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _bad("history", "must be a list of [user, assistant] pairs")
    if len(value) > MAX_HISTORY_PAIRS:
        raise _bad("history", f"must hold at most {MAX_HISTORY_PAIRS:,} pairs; send the last ones")
    return tuple(_pair(index, pair) for index, pair in enumerate(value))


def _pair(index: int, pair: object) -> tuple[str, str]:
    match pair:
        case [str(user), str(assistant)]:
            return user, assistant
    raise _bad(f"history[{index}]", "must be a pair of strings: [user, assistant]")


def _bad(key: str, problem: str) -> ApiError:
    return ApiError(400, "bad_request", f"{key} {problem}")
