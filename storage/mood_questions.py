"""What may be asked about moods: how a person's messages were read, and how they were meant.

Knows: which question is a read and which a write. Does not know: SQL (that is in `people` and
`corrections`), who asks, what a label means.
"""

from __future__ import annotations

from datetime import datetime

from storage import corrections, people
from storage.door import Door
from storage.reading import Reading
from storage.records import SENTIMENT, Mood


class MoodQuestions(Door):
    """The part of a Store that is about one person's moods."""

    async def moods(
        self,
        platform: str,
        user_id: str,
        since: datetime,
        conversation_id: int | None = None,
        task: str = SENTIMENT,
        *,
        corrected: bool = False,
    ) -> list[Mood]:
        """How a person's messages since then were read, in the order they were sent.

        With `conversation_id`, only of that conversation: what was said in private stays there.
        With `corrected`, as the person says they were meant: that is for their own eyes and their
        private conversations. Anybody else is given what the model read.

        Raises:
            ValueError: `since` has no time zone.
        """
        return await self._database.read(
            lambda c: people.moods(
                c, platform, user_id, since, conversation_id, task, corrected=corrected
            )
        )

    async def readings(self, platform: str, user_id: str, since: datetime) -> list[Reading]:
        """A person's labelled messages since then, with words and corrections, as they were sent.

        From private and other conversations alike: each says which, and the caller shows no private
        one in front of others. For that person alone.

        Raises:
            ValueError: `since` has no time zone.
        """
        return await self._database.read(
            lambda c: corrections.readings(c, platform, user_id, since)
        )

    async def reading(self, platform: str, user_id: str, turn_id: int) -> Reading | None:
        """One labelled message of a person; None where they have none with that id."""
        found = await self._database.read(
            lambda c: corrections.readings(c, platform, user_id, None, turn_id)
        )
        return found[0] if found else None

    async def correct(
        self, platform: str, user_id: str, turn_id: int, label: str, valence: float
    ) -> bool:
        """Keep how a person's message was meant, beside its label; a later word replaces it.

        False, and nothing kept, where the person has no labelled message with that id.
        """
        now = self._now()
        return await self._database.write(
            lambda c: corrections.correct(c, platform, user_id, turn_id, label, valence, now)
        )
