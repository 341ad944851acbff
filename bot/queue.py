"""The queue for the model: bounded, and fair by person.

Knows: who holds a place, who waits, and how long places were held. Does not know: what is done
in a place, or what is said to those who wait. For one event loop.

The order is that of rounds, as in self-clocked fair queueing (Golestani 1994): each person has one
ticket a round, a further one goes into the round after. So twenty messages of one person hold up
nobody by more than one, nobody starves, and whoever has one ticket never moves back.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import AsyncGenerator, Callable, Hashable
from types import TracebackType
from typing import Self

_WEIGHT = 0.2
"""How much the last turn counts in the average of how long turns take."""

_SHORTEST_REST = 0.25
"""A turn that takes long is taken to need at least this share of an average one still."""


class QueueFull(Exception):
    """As many wait as may wait."""


class Ticket:
    """One turn at the model: waiting, or holding a place. Leaving the context ends either."""

    def __init__(self, queue: FairQueue, person: Hashable, order: tuple[int, int, int]) -> None:
        self.person = person
        self.order = order
        self.changed = asyncio.Event()
        self.since: float | None = None
        self._queue = queue

    @property
    def ahead(self) -> int:
        """How many of those who wait come before this one; 0 for the next, and in a place."""
        return self._queue.ahead_of(self)

    async def positions(self) -> AsyncGenerator[int, None]:
        """The position each time it has changed, 1 for the next to go; ends in a place.

        Yields nothing where a place was free at once. Must be run to its end before the turn.
        """
        last = 0
        while self.since is None:
            position = self.ahead + 1
            if position != last:
                last = position
                yield position
                continue  # much may have changed meanwhile
            self.changed.clear()
            await self.changed.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # No await in here: nothing can come between, and a cancelled task leaves all the same.
        self._queue.leave(self)


class FairQueue:
    """At most `places` turns at once, at most `longest` waiting. `clock` gives seconds."""

    def __init__(
        self, places: int, longest: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._places, self._longest, self._clock = places, longest, clock
        self._holding: set[Ticket] = set()
        self._waiting: list[Ticket] = []
        self._round = 0
        self._arrivals = 0
        self._average: float | None = None

    @property
    def held_and_waiting(self) -> tuple[int, int]:
        """How many places are taken now, and how many tickets wait for one."""
        return len(self._holding), len(self._waiting)

    def enter(self, person: Hashable) -> Ticket:
        """A ticket, in a place at once if one is free. Use it as `async with queue.enter(key)`.

        Raises:
            QueueFull: too many are waiting; nothing was changed.
        """
        if len(self._holding) >= self._places and len(self._waiting) >= self._longest:
            raise QueueFull
        own = [ticket for ticket in self._waiting if ticket.person == person]
        before = len(own) + sum(ticket.person == person for ticket in self._holding)
        last = max((ticket.order[0] for ticket in own), default=self._round)
        self._arrivals += 1
        # Within a round, whoever has nothing else here comes first.
        ticket = Ticket(self, person, (last + 1, before, self._arrivals))
        self._waiting.append(ticket)
        self._advance()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Give the place back, or stop waiting. Leaving twice is harmless."""
        if ticket in self._holding:
            self._holding.remove(ticket)
            self._measure(self._held(ticket))
        elif ticket in self._waiting:
            self._withdraw(ticket)
        self._advance()

    def ahead_of(self, ticket: Ticket) -> int:
        """How many tickets that wait come before this one."""
        if ticket not in self._waiting:
            return 0
        return sum(other.order < ticket.order for other in self._waiting)

    def seconds(self, position: int) -> float | None:
        """An estimate of how long a position waits for its place, from the turns before.

        None where no turn has been measured yet.
        """
        if self._average is None:
            return None
        average, rest = self._average, self._average * _SHORTEST_REST
        free = [max(average - self._held(ticket), rest) for ticket in self._holding]
        free += [0.0] * (self._places - len(free))
        heapq.heapify(free)
        for _ in range(position - 1):
            heapq.heapreplace(free, free[0] + average)
        return free[0]

    def _advance(self) -> None:
        """Fill the free places, and wake those who wait to look at their position."""
        while self._waiting and len(self._holding) < self._places:
            ticket = min(self._waiting, key=lambda waiting: waiting.order)
            self._waiting.remove(ticket)
            self._holding.add(ticket)
            self._round = max(self._round, ticket.order[0])
            ticket.since = self._clock()
            ticket.changed.set()
        for ticket in self._waiting:
            ticket.changed.set()

    def _withdraw(self, gone: Ticket) -> None:
        """Take a ticket out of the line; the same person's later ones move up."""
        self._waiting.remove(gone)
        free = gone.order
        later = (t for t in self._waiting if t.person == gone.person and t.order > gone.order)
        for ticket in sorted(later, key=lambda waiting: waiting.order):
            moved = (*free[:2], ticket.order[2])
            free, ticket.order = ticket.order, moved

    def _held(self, ticket: Ticket) -> float:
        return self._clock() - (ticket.since or 0.0)

    def _measure(self, seconds: float) -> None:
        if self._average is None:
            self._average = seconds
        else:
            self._average += _WEIGHT * (seconds - self._average)
