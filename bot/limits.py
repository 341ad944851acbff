"""Fair use: how often one person may do something, in sliding windows.

Knows: when each person did it lately, in memory alone; the least recent people are dropped, and
a restart forgets all. Does not know: messages, what is said to somebody who must wait.
"""

from __future__ import annotations

import math
import time
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.messages import Person

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
"""In seconds."""

MOST_PEOPLE = 4096
"""Of so many people a window keeps the times, at most."""


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Too much. `seconds` until the next message may come, at least 1.

    `first` is true once a window: then the person is told, and afterwards met with silence.
    """

    seconds: int
    first: bool


@dataclass(slots=True)
class _Past:
    at: array[float] = field(default_factory=lambda: array("d"))
    quiet_until: float = -math.inf


class Window:
    """At most `most` times in any `seconds`, for each person. `clock` gives seconds."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._people: OrderedDict[Person, _Past] = OrderedDict()

    def wait(self, person: Person) -> float:
        """Seconds until once more fits in; 0 where it does now."""
        at = self._past(person).at
        now = self._clock()
        del at[: bisect_right(at, now - self._seconds)]
        return at[-self._most] + self._seconds - now if len(at) >= self._most else 0.0

    def count(self, person: Person) -> None:
        """It happened now."""
        self._past(person).at.append(self._clock())

    def take(self, person: Person) -> bool:
        """Count it if it fits in, and say whether it did."""
        if self.wait(person) > 0:
            return False
        self.count(person)
        return True

    def tell(self, person: Person) -> bool:
        """Whether to tell the person to wait: not again before that time, nor within a minute."""
        past, now, wait = self._past(person), self._clock(), self.wait(person)
        if now < past.quiet_until:
            return False
        past.quiet_until = now + max(wait, MINUTE)
        return True

    def _past(self, person: Person) -> _Past:
        past = self._people.setdefault(person, _Past())
        self._people.move_to_end(person)
        if len(self._people) > MOST_PEOPLE:
            self._people.popitem(last=False)
        return past


class FairUse:
    """How many messages one person may send in a minute and in a day; 0 sets no limit."""

    def __init__(
        self, per_minute: int, per_day: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        limits = ((per_minute, MINUTE), (per_day, DAY))
        self._windows = [Window(most, seconds, clock) for most, seconds in limits if most]

    def check(self, person: Person) -> Exceeded | None:
        """Count a message of the person and return None, or say that it is too much.

        What is too much is not counted: who waits as told is heard again.
        """
        waits = [(window.wait(person), window) for window in self._windows]
        wait, window = max(waits, key=lambda pair: pair[0], default=(0.0, None))
        if window is None or wait <= 0:
            for allowed in self._windows:
                allowed.count(person)
            return None
        return Exceeded(max(1, math.ceil(wait)), window.tell(person))
