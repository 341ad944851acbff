"""Writing first: due check-ins and letters are sent, to people who asked for the one or allowed
what the other tells of; and an owner's digest is given its chance.

Knows: when a check-in is still in time, what becomes of it that was not sent, which was the last.
Does not know: how a platform is reached (`adapters.base.Reaches`), how a day's times are found
(`bot.day_clock`). Every process does this; whoever claims a check-in sends it, at most once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.answer import failure_report
from adapters.base import Reaches
from adapters.messages import Person, Scope
from adapters.outcome import NotSent, SendError, Unreachable
from bot import letters
from bot.day_clock import at_night, minute_of, next_time
from bot.texts.sentences import say
from storage.errors import StorageError

if TYPE_CHECKING:
    from storage.reaching_records import CheckIn, Letter
    from storage.store import Store

LOOK = timedelta(seconds=30)
LATEST = timedelta(hours=2)
"""A check-in that comes later than that is none: it is left out."""

MOST_UNANSWERED = 2
"""After so many that nobody answered, there is no next."""

TOGETHER = 8
"""So many people are written to side by side: a slow line to one delays few."""

ENDING_SECONDS = 10.0
"""How long a look that is under way may go on once Warmline stops."""

_ASKS = (1, 2, 3, 4)
"""The ways to ask, one a day in turn."""

_UNNAMED = "forbidden"
"""A refusal that may as well be a proxy's: by it alone nobody loses what they asked for."""

SendsDigest = Callable[[], Awaitable[None]]
"""Sends the owner's digest where it is due, and knows by itself whether it is."""

log = logging.getLogger("warmline.reaching_out")


class ReachingOut:
    """Looks every LOOK for as long as it runs."""

    def __init__(
        self,
        store: Store,
        reaches: Mapping[str, Reaches],
        lets_in: Callable[[Person], Awaitable[bool]],
        *,
        language: str = "auto",
        digest: SendsDigest | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`reaches` are the adapters by platform, `lets_in` says who may talk with Warmline, and
        `language` is the owner's setting."""
        self._store = store
        self._reaches = reaches
        self._lets_in = lets_in
        self._language = language
        self._digest = digest
        self._clock = clock
        self._together = asyncio.Semaphore(TOGETHER)
        self._closed = asyncio.Event()

    def close(self) -> None:
        """From now on nobody else is written to."""
        self._closed.set()

    async def run(self) -> None:
        """Until it is closed. A database that cannot be used now is asked again LOOK later."""
        while not self._closed.is_set():
            try:
                await self.step()
            except StorageError as error:
                log.warning("nobody is written to for now: %s", error)
            except Exception as error:  # noqa: BLE001 - one look fails, the next may not
                log.error("a look at what is due failed: %s", failure_report(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), LOOK.total_seconds())

    async def step(self) -> None:
        """Look once at everything."""
        for platform, adapter in self._reaches.items():
            if not adapter.can_reach:
                continue
            due = await self._store.due_checkins(platform)
            await self._each(self._check_in(adapter, one) for one in due)
            told = await self._store.take_letters(platform)
            await self._each(self._tell(adapter, one) for one in told)
        if self._digest is not None and not self._closed.is_set():
            await self._digest()

    async def _each(self, works: Iterable[Awaitable[None]]) -> None:
        """All of them, a few at a time; where one fails, the others are none the worse."""

        async def one(work: Awaitable[None]) -> None:
            async with self._together:
                try:
                    await work
                except StorageError as error:
                    log.warning("somebody is not written to for now: %s", error)
                except Exception as error:  # noqa: BLE001 - whatever it is, others wait
                    log.error("somebody is not written to: %s", failure_report(error))

        await asyncio.gather(*(one(work) for work in works))

    async def _check_in(self, adapter: Reaches, due: CheckIn) -> None:
        if self._closed.is_set():
            return
        if not await self._lets_in(Person(due.platform, due.user_id)):
            await self._end(due, "not let in")
            return
        now = self._clock()
        # Claimed before it is sent, and moved on when it is left out.
        claimed = await self._store.claim_checkin(due, next_time(due.minute, due.zone, now))
        if claimed is None:
            return  # another process has it, or the person wants it no more
        if now - due.next_at > LATEST or at_night(minute_of(now, due.zone)):
            log.info("a check-in is left out: it would come too late")
            await self._store.return_checkin(claimed, claimed.next_at)
        elif claimed.unanswered > MOST_UNANSWERED:
            await self._end(claimed, "unanswered")
        else:
            await self._send(adapter, claimed, due.next_at)

    async def _send(self, adapter: Reaches, claimed: CheckIn, due_at: datetime) -> None:
        scope = Scope(claimed.platform, claimed.user_id)
        try:
            await adapter.reach(scope, await self._question(claimed))
        except NotSent:
            await self._store.return_checkin(claimed, due_at)  # the next look tries again
        except Unreachable as error:
            if error.reason == _UNNAMED:
                log.warning("a check-in was refused, and is left out: %s", error)
            else:
                await self._end(claimed, error.reason)
        except SendError as error:
            log.warning("a check-in may not have arrived, and is not sent again: %s", error)

    async def _end(self, checkin: CheckIn, reason: str) -> None:
        log.info("check-ins with one person end: %s", reason)
        await self._store.end_checkin(checkin.platform, checkin.user_id)

    async def _question(self, checkin: CheckIn) -> str:
        language = await self._language_of(checkin.platform, checkin.user_id, checkin.language)
        number = _ASKS[checkin.next_at.toordinal() % len(_ASKS)]
        asked = say(language, f"checkin.ask_{number}")
        if checkin.unanswered < MOST_UNANSWERED:
            return asked
        return f"{asked}\n\n{say(language, 'checkin.last')}"

    async def _tell(self, adapter: Reaches, letter: Letter) -> None:
        language = await self._language_of(letter.platform, letter.user_id, "")
        words = letters.in_words(letter, language)
        if not words:
            return
        try:
            if self._closed.is_set():
                raise NotSent
            await adapter.reach(Scope(letter.platform, letter.user_id), words)
        except NotSent:
            await self._store.return_letter(letter)
        except SendError as error:
            what = "an alert" if letter.kind == letters.ALERT else "a letter"
            log.warning("%s did not arrive: %s", what, error)

    async def _language_of(self, platform: str, user_id: str, last: str) -> str:
        """The owner's setting, the person's choice, what they spoke at last; "" for unknown."""
        if self._language != "auto":
            return self._language
        chosen = ""
        with suppress(StorageError):  # what is claimed is rather said in the other language
            chosen = (await self._store.preferences(platform, user_id)).language
        return chosen or last


@asynccontextmanager
async def running(reaching_out: ReachingOut) -> AsyncIterator[None]:
    """While this lasts, people are written to. A look that is under way ends first."""
    task = asyncio.create_task(reaching_out.run())
    try:
        yield
    finally:
        reaching_out.close()
        await asyncio.wait([task], timeout=ENDING_SECONDS)
        task.cancel()
        await asyncio.wait([task])
