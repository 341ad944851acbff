"""Several servers of one model: who gets the next request, and who is tried when one fails.

Knows: outstanding requests, which conversation sits where, rest after a failure, back-off between
tries. Does not know: HTTP, prompts. Lives on one event loop.

A conversation stays where its prefix is cached. A new one goes to the server with the fewest
requests under way; a tie is settled by rendezvous hashing, so that after a restart of this process
a conversation comes back to the server that may still hold it. A server that fails is left alone
for a while, twice as long each time in a row, and then tried again with the next request.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from engine.base import EngineFailed, PromptTooLong
from engine.remote.errors import Refused, Unanswered

_CONVERSATIONS = 10_000
"""How many conversations' places are remembered; the longest unused is forgotten first."""

log = logging.getLogger(__name__)


class Named(Protocol):
    """What a pool must know of a member: an address fit for a log."""

    @property
    def url(self) -> str: ...


M = TypeVar("M", bound=Named)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, and how long is waited (seconds).

    Between two tries of one server: `pause`, doubled each time, at most `longest_pause`, times a
    random factor between 0.5 and 1 so that many do not come back at once. A server's own
    `Retry-After` is waited for up to `longest_pause`. `rest` and `longest_rest` are for a server
    that failed.
    """

    tries: int = 3
    pause: float = 0.5
    longest_pause: float = 10.0
    rest: float = 1.0
    longest_rest: float = 60.0


@dataclass(slots=True)
class Place(Generic[M]):
    """A server in the pool, and how it does."""

    member: M
    outstanding: int = 0
    failures: int = 0
    rests_until: float = 0.0
    used: int = 0
    told: str = ""


class Pool(Generic[M]):
    """Hands out places for requests. Use `async for lease in pool.attempts(…): with lease: …`."""

    def __init__(
        self,
        members: Sequence[M],
        patience: Patience | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.patience = patience or Patience()
        self.places = [Place(member) for member in members]
        self._homes: OrderedDict[str, Place[M]] = OrderedDict()
        self._clock = clock
        self.sleep = sleep
        self._uses = 0

    def attempts(self, conversation: str = "", only: Place[M] | None = None) -> Attempts[M]:
        """Places to try one request at, one after the other, until it is answered."""
        return Attempts(self, conversation, self.places if only is None else [only])

    def forget(self, conversation: str) -> M | None:
        """Forget where a conversation sits, and say where that was."""
        place = self._homes.pop(conversation, None)
        return place.member if place else None

    def rest(self, place: Place[M], error: EngineFailed) -> None:
        """Leave a server alone for a while: it failed, or asked for it."""
        now = self._clock()
        asked = error.after if isinstance(error, Unanswered) else 0.0
        if asked:  # it is well, and has too much to do
            place.rests_until = max(
                place.rests_until, now + min(asked, self.patience.longest_pause)
            )
        elif place.rests_until <= now:  # many fail at once: that is one failure
            place.failures += 1
            rest = self.patience.rest * 2.0 ** min(place.failures - 1, 16)
            place.rests_until = now + min(rest, self.patience.longest_rest)
            if str(error) != place.told:  # once for each reason, until it is well again
                place.told = str(error)
                log.warning("a model server is left alone for a while: %s", error)

    def well(self, place: Place[M]) -> None:
        """A server has answered."""
        if place.failures:
            log.info("the model server %s answers again", place.member.url)
        place.failures, place.rests_until, place.told = 0, 0.0, ""

    def rests_for(self, place: Place[M]) -> float:
        """Seconds until a place may be tried again."""
        return max(0.0, place.rests_until - self._clock())

    def choose(self, conversation: str, among: Sequence[Place[M]]) -> Place[M]:
        """The place for a request, and from now on for its conversation."""
        ready = [place for place in among if not self.rests_for(place)]
        home = self._homes.get(conversation)
        if home is None or home not in ready:
            # Where all rest, the one that has nearly done so.
            home = min(ready, key=lambda place: self._rank(place, conversation), default=None)
            home = home or min(among, key=self.rests_for)
        self._uses += 1
        home.used = self._uses
        if conversation:
            self._homes[conversation] = home
            self._homes.move_to_end(conversation)
            if len(self._homes) > _CONVERSATIONS:
                self._homes.popitem(last=False)
        return home

    def _rank(self, place: Place[M], conversation: str) -> tuple[int, int]:
        if not conversation:
            return place.outstanding, place.used
        key = f"{conversation}\0{place.member.url}".encode("utf-8", "replace")
        digest = hashlib.blake2b(key, digest_size=8).digest()
        return place.outstanding, int.from_bytes(digest, "big")


@dataclass(slots=True)
class Lease(Generic[M]):
    """A request under way at a place. A failure is swallowed while another try may follow."""

    pool: Pool[M]
    place: Place[M]
    failure: Unanswered | None = field(default=None, init=False)
    begun: bool = field(default=False, init=False)

    @property
    def member(self) -> M:
        """The server to ask."""
        return self.place.member

    def begin(self) -> None:
        """Something has been passed on: from here a failure is final."""
        self.begun = True

    def __enter__(self) -> Lease[M]:
        self.place.outstanding += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self.place.outstanding -= 1
        if isinstance(error, Unanswered):
            self.failure = error
            self.pool.rest(self.place, error)
            return not self.begun
        if error is None or isinstance(error, Refused | PromptTooLong):
            self.pool.well(self.place)
        elif isinstance(error, EngineFailed):
            self.pool.rest(self.place, error)
        return False


class Attempts(Generic[M]):
    """The tries of one request: another server first, the same one after a pause."""

    def __init__(self, pool: Pool[M], conversation: str, places: Sequence[Place[M]]) -> None:
        self._pool = pool
        self._conversation = conversation
        self._places = places
        self._tried: list[Lease[M]] = []

    def __aiter__(self) -> Attempts[M]:
        return self

    async def __anext__(self) -> Lease[M]:
        places = self._places
        if len(self._tried) >= max(self._pool.patience.tries, len(places)):
            raise self._gave_up()
        tried = [lease.place for lease in self._tried]
        fresh = [place for place in places if place not in tried]
        again = [p for p in places if p not in fresh and self._may_be_asked_again(p)]
        if not (fresh or again):
            raise self._gave_up()
        place = self._pool.choose(self._conversation, fresh or again)
        pause = self._pause(place)
        if pause:
            await self._pool.sleep(pause)
        lease = Lease(self._pool, place)
        self._tried.append(lease)
        return lease

    def _may_be_asked_again(self, place: Place[M]) -> bool:
        return all(t.failure is None or t.failure.again for t in self._tried if t.place is place)

    def _pause(self, place: Place[M]) -> float:
        patience = self._pool.patience
        failures = [t.failure for t in self._tried if t.place is place and t.failure]
        if not failures:  # one that failed is tried at once, one that is too busy is not
            return 0.0 if place.failures else self._pool.rests_for(place)
        growth = 2.0 ** (len(failures) - 1)
        backoff = patience.pause * growth * random.uniform(0.5, 1.0)  # noqa: S311
        return min(max(failures[-1].after, backoff), patience.longest_pause)

    def _gave_up(self) -> EngineFailed:
        failures = [lease.failure for lease in self._tried if lease.failure]
        if len(self._places) == 1 and failures and not failures[-1].again:
            return failures[-1]
        reasons = dict.fromkeys(str(failure) for failure in failures)
        return EngineFailed(f"no server answers: {'; '.join(reasons)}")
