"""What may be asked about the end of keeping: by age, and when a conversation is over.

Knows: which question is a read and which a write, and in which steps. Does not know: SQL (that is
in `retention` and `ending`), how long anything is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from storage import admin, ending, erasure, notes, retention
from storage.door import Door
from storage.errors import StorageError
from storage.people import CHOICES
from storage.receipts import Ended, Swept

SETTINGS = ("ask", *CHOICES[1:])


class EndingQuestions(Door):
    """The part of a Store that is about what is not kept any longer."""

    async def sweep(self, keep_days: int) -> Swept:
        """Delete every turn that was received more than `keep_days` days ago, with its labels.

        Joined turns, corrections and deliveries go with them, and conversations left empty. People
        stay, with what they chose. On SQLite the files are rewritten afterwards; where that must
        wait, `unfinished` says why, and the next sweep or start does it.
        """
        before = self._now() - timedelta(days=keep_days)
        swept = Swept()
        while turn_ids := await self._database.read(lambda c: retention.overdue(c, before)):
            some = await self._delete(turn_ids)
            swept = retention.together(swept, some)
        try:
            await self._database.scrub()
        except StorageError as error:
            return replace(swept, unfinished=str(error))
        return swept

    async def end_conversations(self, quiet_since: datetime, setting: str) -> Ended:
        """End what people said in conversations where they have written nothing since then.

        Of those whose words are not kept: their own choice, or without one the setting ("ask",
        "on", "off"). Their turns with a label stay, for the mood alone and without a word; the
        others are deleted, and conversations left empty. But the last message whose id is a plain
        number stays without a word, for `last_heard`. Nothing is touched that is still to be
        answered, or whose answer has been on its way to the person within the last day. On SQLite
        the files are rewritten afterwards, a large one once an hour at most.

        Raises:
            ValueError: another setting, or `quiet_since` has no time zone.
        """
        _check(setting)
        asked = (quiet_since, setting, self._now())
        ended = Ended()
        while turn_ids := await self._database.read(lambda c: ending.over(c, *asked)):
            some = await self._end(turn_ids, *asked)
            ended = ending.together(ended, some)
        try:
            await self._database.scrub(patient=True)
        except StorageError as error:
            return replace(ended, unfinished=str(error))
        return ended

    async def end_crises(self, setting: str, keep_days: int) -> int:
        """Delete the crises that are noted no longer; how many.

        Of those who do not let their moods be kept, by their own choice or without one the setting
        ("ask", "on", "off"), what is more than 24 hours old; of everybody what is more than 30 days
        old, or `keep_days` where that is less and not 0. On SQLite the old bytes go when the files
        are next rewritten, by `end_conversations` or `sweep`.

        Raises:
            ValueError: another setting.
        """
        _check(setting)
        now = self._now()
        return await self._database.write(lambda c: admin.end_crises(c, setting, keep_days, now))

    async def last_erasure(self) -> str:
        """The id of the last erasure, sweep or ending, by whatever process; "" for none."""
        return await self._database.read(lambda c: notes.note(c, erasure.ERASED))

    async def _delete(self, turn_ids: Sequence[int]) -> Swept:
        return await self._database.write(lambda c: retention.delete_turns(c, turn_ids))

    async def _end(
        self, turn_ids: Sequence[int], quiet_since: datetime, setting: str, now: datetime
    ) -> Ended:
        return await self._database.write(
            lambda c: ending.end(c, turn_ids, quiet_since, setting, now)
        )


def _check(setting: str) -> None:
    if setting not in SETTINGS:
        raise ValueError(f"the setting is one of {SETTINGS}")
