"""Messages and labels for the tests, with what a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from storage.records import Inbound, Label

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def said(text: str = "hello", message_id: str = "m1", **changes: Any) -> Inbound:
    """A message of Ann, in private on the console, at noon."""
    fields: dict[str, Any] = {
        "platform": "console",
        "chat_id": "ann-alone",
        "thread_id": "",
        "private": True,
        "user_id": "ann",
        "user_name": "Ann",
        "message_id": message_id,
        "text": text,
        "language": "en",
        "sent_at": NOON,
    }
    return Inbound(**(fields | changes))


def felt(valence: float = 0.5, task: str = "sentiment", label: str = "positive") -> Label:
    """A reading of a message."""
    return Label(task, label, {"positive": 0.75, "negative": 0.25}, valence, 0.75, "a-model", "v1")


def minutes(count: float) -> timedelta:
    """A short word for many of the tests' times."""
    return timedelta(minutes=count)
