"""What may be asked about forgetting: a person, or a part of what is kept, once or once more.

Knows: in which order an erasure goes: the rows, the tombstone, the bytes. Does not know: SQL (that
is in `erasure`), files (`tombstones`, `sqlite`).
"""

from __future__ import annotations

import asyncio

from storage import erasure, people
from storage.database import unbroken
from storage.door import Door
from storage.errors import ErasureUnfinished, ErasureUnnoted, StorageError
from storage.receipts import Part, Receipt
from storage.records import Named
from storage.tombstones import Forgotten, Tombstone


class ErasureQuestions(Door):
    """The part of a Store that is about forgetting."""

    async def forget(self, platform: str, user_id: str, part: Part = Part.EVERYTHING) -> Receipt:
        """Erase a person, or a part of what is kept of them.

        MOOD: labels, corrections, trend notes, crises, the check-in. HISTORY: messages, replies,
        deliveries, commands, and all of that. EVERYTHING: choices and the name too, grants by and
        to the person, letters, and a pairing that nobody has approved; looks at or by them are
        then at or by "someone". An approved pairing stays, without its name, so that nobody locks
        themselves out by being forgotten: it holds the platform's id alone, which the permission
        needs; `unpair` deletes it. Conversations left empty go.

        A tombstone is written, so that a backup that is put back forgets it again. On SQLite the
        files are then rewritten, so that no byte of the words remains in them; on PostgreSQL that
        is left to the server's own vacuum, log and backups.

        Raises:
            ErasureUnfinished: deleted, but old bytes stay in the file for now; says why.
            ErasureUnnoted: deleted, but a backup that is put back will not forget it; says why.
        """
        return await unbroken(self._forget(platform, user_id, part))

    async def apply_tombstones(self) -> list[Receipt]:
        """Do every erasure once more, on rows that are not newer than it.

        For a database that was put back from a backup. A receipt for each that found anything,
        under the id of the first time; none the second time. Who has written since an erasure of
        everything is kept with that, and a no of theirs; other choices are asked for again.

        Raises:
            TombstonesDamaged: a line of the file cannot be read; nothing was done.
            ErasureUnfinished: done, but old bytes stay in the file for now; says why.
        """
        return await unbroken(self._apply_tombstones())

    async def _forget(self, platform: str, user_id: str, part: Part) -> Receipt:
        now = self._now()
        receipt = await self._database.write(
            lambda c: erasure.forget(c, platform, user_id, part, now)
        )
        unnoted = await self._note(receipt)
        unfinished = await self._scrub()
        if unnoted:
            raise ErasureUnnoted(" ".join(filter(None, (unnoted, unfinished))), receipt)
        if unfinished:
            raise ErasureUnfinished(unfinished, receipt)
        return receipt

    async def _apply_tombstones(self) -> list[Receipt]:
        forgotten = await self._forgotten()
        receipts = []
        for person in await self._database.read(people.everybody):
            for tombstone in forgotten.of(person.platform, person.user_id):
                receipt = await self._again(person, tombstone)
                receipts += [receipt] if receipt else []
        if receipts and (unfinished := await self._scrub()):
            raise ErasureUnfinished(unfinished, receipts[-1])
        return receipts

    async def _again(self, person: Named, tombstone: Tombstone) -> Receipt | None:
        now = self._now()
        return await self._database.write(
            lambda c: erasure.again(c, person.platform, person.user_id, tombstone, now)
        )

    async def _forgotten(self) -> Forgotten:
        if self._tombstones is None:
            return Forgotten(b"", ())
        try:
            return await asyncio.to_thread(self._tombstones.read)
        except OSError as error:
            raise StorageError(
                f"{self._tombstones.path} cannot be read ({error.strerror}): change its owner or "
                "mode."
            ) from error

    async def _note(self, receipt: Receipt) -> str:
        """Write the tombstone; why that failed, or ""."""
        if self._tombstones is None:
            return ""
        try:
            await asyncio.to_thread(self._tombstones.add, receipt)
        except OSError as error:
            reason = f"{self._tombstones.path} cannot be written ({error.strerror})."
        except StorageError as error:
            reason = str(error)
        else:
            return ""
        return (
            "The words are deleted, but that is not noted for backups: one that is put back "
            f"brings them back, and has to be told to forget again. {reason}"
        )

    async def _scrub(self) -> str:
        """Clear the bytes; why that must wait, or ""."""
        try:
            await self._database.scrub()
        except StorageError as error:
            return (
                "The words are deleted, but old bytes of them stay in the file until Warmline "
                f"starts again. {error}"
            )
        return ""
