"""The memory opened and closed: what every question stands on.

Knows: the database, the clock, the tombstones beside it. Does not know: any question; those are in
the `…_questions`, and `store` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.address import Address, address_of
from storage.database import Database
from storage.tombstones import Tombstones

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock that a store uses unless it is given another."""
    return datetime.now(UTC)


def tombstones_of(address: Address, folder: Path | None) -> Tombstones | None:
    """Where erasures are noted; None for a server's database without a folder of ours."""
    beside = address.path.parent if address.path else None
    place = folder or beside
    return Tombstones(place) if place else None


class Door:
    """An open database with a clock beside it, and where there is a folder, tombstones."""

    def __init__(
        self, database: Database, clock: Clock = utc_now, tombstones: Tombstones | None = None
    ) -> None:
        self._database = database
        self._now = clock
        self._tombstones = tombstones

    @classmethod
    async def open(
        cls, url: str = "", *, folder: Path | None = None, clock: Clock = utc_now
    ) -> Self:
        """Open the database that `url` names; without one, warmline.sqlite3 in `folder`.

        Makes the file (mode 0600) and its folder (0700) where they are missing, and brings the
        tables up to date. `clock` must give aware times. What is forgotten is noted in `folder`;
        without one, beside the SQLite file.

        Raises:
            StorageError: one sentence that says what to do; see the tree in `errors`.
        """
        address = address_of(url, folder)
        return cls(await Database.open(address), clock, tombstones_of(address, folder))

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
