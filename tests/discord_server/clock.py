"""The time of the tests' Discord, and the ids that are made of it."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
"""Snowflakes count milliseconds from here: 2015-01-01T00:00:00Z."""

_SHIFT = 22


class Clock:
    """The real time, plus what a test moved it forward. In seconds since 1970."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._numbers = itertools.count()

    def now(self) -> float:
        return time.time() + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += seconds

    def snowflake(self, ago: float = 0.0) -> int:
        """A new id. Ids rise with the time they name; `ago`: seconds before now."""
        milliseconds = int((self.now() - ago) * 1000) - EPOCH_MS
        return milliseconds << _SHIFT | next(self._numbers) % (1 << _SHIFT)

    def snowflake_on(self, shard: int, shards: int) -> int:
        """A new id that Discord gives to this shard, were it a server's."""
        found = self.snowflake()
        behind = ((found >> _SHIFT) - shard) % shards
        return found - (behind << _SHIFT)


def seconds_of(snowflake: int) -> float:
    """The time that an id names, in seconds since 1970."""
    return ((snowflake >> _SHIFT) + EPOCH_MS) / 1000


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
