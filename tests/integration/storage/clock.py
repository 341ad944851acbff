"""A clock that a test sets."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.integration.storage.values import NOON


class Clock:
    """Stands at noon until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def days_later(self, days: float) -> None:
        self.now = NOON + timedelta(days=days)

    def hours_later(self, hours: float) -> None:
        self.now = NOON + timedelta(hours=hours)
