"""The memory's door: every question the rest of Warmline may ask, one method each.

Knows: which question is a read and which a write. Does not know: SQL (that is in `turns`,
`people`, `erasure`), models, platforms, what a person may see. Text is stored as `models.storable`
leaves it. Any method may raise what stands under DatabaseUnavailable in `errors`, and StoreClosed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from storage import erasure, people, turns
from storage.address import address_of
from storage.database import Database
from storage.errors import ErasureUnfinished, StorageError
from storage.records import (
    SENTIMENT,
    Inbound,
    Known,
    Label,
    Mood,
    Receipt,
    Received,
    Turn,
    Unfinished,
)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock that a store uses unless it is given another."""
    return datetime.now(UTC)


class Store:
    """People, conversations, turns and labels. `async with await Store.open(…) as store`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._now = clock

    @classmethod
    async def open(
        cls, url: str = "", *, folder: Path | None = None, clock: Clock = utc_now
    ) -> Self:
        """Open the database that `url` names; without one, warmline.sqlite3 in `folder`.

        Makes the file (mode 0600) and its folder (0700) where they are missing, and brings the
        tables up to date. `clock` must give aware times.

        Raises:
            StorageError: one sentence that says what to do; see the tree in `errors`.
        """
        return cls(await Database.open(address_of(url, folder)), clock)

    async def close(self) -> None:
        """Let running questions end and close. Closing twice is harmless."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def receive(self, inbound: Inbound) -> Received:
        """Write a message down before anything else. A redelivery gives the turn that is there.

        Once this returns, killing the process does not lose the message. A changed name of the
        person is noted.
        """
        now = self._now()
        return await self._database.write(lambda c: turns.receive(c, inbound, now))

    async def begin(self, turn_id: int) -> Turn:
        """Mark a turn as being answered and count the attempt.

        A turn that is answered or declined already comes back as it is: look at its state.

        Raises:
            TurnGone: its person was forgotten.
        """
        return await self._database.write(lambda c: turns.begin(c, turn_id))

    async def complete(self, turn_id: int, reply: str, label: Label | None, note: str = "") -> bool:
        """Write the reply, the label and the trend note down, all or nothing.

        False, and nothing written, when the turn was final already or has been forgotten.
        """
        now = self._now()
        return await self._database.write(
            lambda c: turns.complete(c, turn_id, reply, label, note, now)
        )

    async def fail(self, turn_id: int, failure: str) -> bool:
        """Give a turn up under a short code. It can be begun again. False as in `complete`.

        Raises:
            ValueError: the code has spaces or is longer than 64 characters.
        """
        return await self._database.write(lambda c: turns.fail(c, turn_id, failure))

    async def decline(self, turn_id: int, failure: str, reply: str = "") -> bool:
        """End a turn without the model, for good; `reply` is the fixed line that was sent.

        Such a turn is in no history. False as in `complete`; ValueError as in `fail`.
        """
        now = self._now()
        return await self._database.write(lambda c: turns.decline(c, turn_id, failure, reply, now))

    async def history(self, conversation_id: int, before: int, limit: int) -> list[Turn]:
        """The last `limit` answered turns of this conversation before turn `before`, oldest first.

        Nothing of any other conversation, whoever wrote it.
        """
        return await self._database.read(lambda c: turns.history(c, conversation_id, before, limit))

    async def unfinished(self, platform: str | None = None) -> list[Unfinished]:
        """What still needs an answer after a restart, oldest first; on one platform or on all."""
        return await self._database.read(lambda c: turns.unfinished(c, platform))

    async def moods(
        self,
        platform: str,
        user_id: str,
        since: datetime,
        conversation_id: int | None = None,
        task: str = SENTIMENT,
    ) -> list[Mood]:
        """How a person's messages since then were read, in the order they were sent.

        With `conversation_id`, only of that conversation: what was said in private stays there.

        Raises:
            ValueError: `since` has no time zone.
        """
        return await self._database.read(
            lambda c: people.moods(c, platform, user_id, since, conversation_id, task)
        )

    async def people(self) -> list[Known]:
        """Everybody who has written, the latest first. For the owner's eyes."""
        return await self._database.read(people.known)

    async def language(self, platform: str, user_id: str) -> str:
        """The language that a person chose, "" for none."""
        return await self._database.read(lambda c: people.language(c, platform, user_id))

    async def set_language(self, platform: str, user_id: str, language: str) -> None:
        """Remember a choice of language, also before the first message; "" takes it back."""
        now = self._now()
        await self._database.write(
            lambda c: people.set_language(c, platform, user_id, language, now)
        )

    async def conversations_of(self, platform: str, user_id: str) -> list[int]:
        """The ids of the conversations that a person has written in. An id is never used twice."""
        return await self._database.read(lambda c: people.conversations_of(c, platform, user_id))

    async def forget(self, platform: str, user_id: str) -> Receipt:
        """Erase a person: messages, replies, labels, the name, conversations left empty.

        On SQLite the files are then rewritten, so that no byte of the words remains in them;
        on PostgreSQL that is left to the server's own vacuum, log and backups.

        Raises:
            ErasureUnfinished: deleted, but old bytes stay in the file for now; says why.
        """
        now = self._now()
        receipt = await self._database.write(lambda c: erasure.forget(c, platform, user_id, now))
        try:
            await self._database.scrub()
        except StorageError as error:
            raise ErasureUnfinished(
                f"The words are deleted, but old bytes of them stay in the file until Warmline "
                f"starts again. {error}",
                receipt,
            ) from error
        return receipt
