"""What may be asked about people: what they chose, who may talk, what is kept of them.

Knows: which question is a read and which a write. Does not know: SQL (that is in `people`,
`pairings`, `export`), platforms, what a person may see.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storage import export, pairings, people
from storage.door import Door
from storage.records import Known, Named, Paired, Preferences


class PeopleQuestions(Door):
    """The part of a Store that is about people."""

    async def people(self) -> list[Known]:
        """Everybody who has written more than commands, the latest first. For the owner's eyes."""
        return await self._database.read(people.known)

    async def everybody(self) -> list[Named]:
        """Everybody of whom anything is kept, if only a choice or a pairing. For the owner."""
        return await self._database.read(people.everybody)

    async def conversations_of(self, platform: str, user_id: str) -> list[int]:
        """The ids of the conversations that a person has written in. An id is never used twice."""
        return await self._database.read(lambda c: people.conversations_of(c, platform, user_id))

    async def is_known(self, platform: str, user_id: str) -> bool:
        """Whether they wrote here or chose something, and were not forgotten since."""
        return await self._database.read(lambda c: people.is_known(c, platform, user_id))

    async def preferences(self, platform: str, user_id: str) -> Preferences:
        """What a person chose; the defaults for somebody who is not known."""
        return await self._database.read(lambda c: people.preferences(c, platform, user_id))

    async def language(self, platform: str, user_id: str) -> str:
        """The language that a person chose, "" for none."""
        return (await self.preferences(platform, user_id)).language

    async def set_language(self, platform: str, user_id: str, language: str) -> None:
        """Remember a choice of language, also before the first message; "" takes it back."""
        now = self._now()
        await self._database.write(
            lambda c: people.set_language(c, platform, user_id, language, now)
        )

    async def mood_memory(self, platform: str, user_id: str) -> str:
        """Whether a person lets their moods be kept: "on", "off", "" for no choice yet."""
        return (await self.preferences(platform, user_id)).mood_memory

    async def set_mood_memory(self, platform: str, user_id: str, choice: str) -> None:
        """Remember whether moods may be kept, also before the first message; "" takes it back.

        Raises:
            ValueError: the choice is none of "", "on", "off".
        """
        now = self._now()
        await self._database.write(
            lambda c: people.set_mood_memory(c, platform, user_id, choice, now)
        )

    async def set_history(self, platform: str, user_id: str, choice: str) -> None:
        """Remember whether words are kept beyond the running conversation; "" takes it back.

        Raises:
            ValueError: the choice is none of "", "on", "off".
        """
        now = self._now()
        await self._database.write(lambda c: people.set_history(c, platform, user_id, choice, now))

    async def set_zone(self, platform: str, user_id: str, zone: str) -> None:
        """Remember a person's time zone by its name; "" takes it back."""
        now = self._now()
        await self._database.write(lambda c: people.set_zone(c, platform, user_id, zone, now))

    async def set_carded(self, platform: str, user_id: str) -> None:
        """Remember that the card that asks for consent was shown, also before the first message."""
        now = self._now()
        await self._database.write(lambda c: people.set_carded(c, platform, user_id, now))

    async def pairing_code(
        self, platform: str, user_id: str, name: str, code: str, expires_at: datetime
    ) -> str:
        """The code that lets this person in once somebody approves it.

        The one that they have, while it has not expired; otherwise `code` becomes it. "" for
        somebody who is paired. Every request that has expired is deleted on the way.

        Raises:
            ValueError: `expires_at` has no time zone.
        """
        now = self._now()
        return await self._database.write(
            lambda c: pairings.ask(c, platform, user_id, name, code, expires_at, now)
        )

    async def approve(self, code: str) -> Paired | None:
        """Let in the person who holds this code, whatever its case. It works once.

        None when the code is unknown, expired or used, and when two people hold it: make codes
        long and random.
        """
        now = self._now()
        return await self._database.write(lambda c: pairings.approve(c, code, now))

    async def is_paired(self, platform: str, user_id: str) -> bool:
        """Whether the person was let in by `approve`."""
        return await self._database.read(lambda c: pairings.is_paired(c, platform, user_id))

    async def unpair(self, platform: str, user_id: str) -> bool:
        """Take the permission, or the request for it, back. False when there was neither."""
        return await self._database.write(lambda c: pairings.unpair(c, platform, user_id))

    async def export(self, platform: str, user_id: str) -> dict[str, Any]:
        """Everything that is stored about a person, and nothing of anybody else, ready for JSON.

        "format" is 2. "person" (with what they chose), "conversations" (each with its "turns",
        each of these with its "labels", its "corrections" and its "delivery"), "pairing",
        "checkin", "grants" (by the person), "granted" (to the person: when, not by whom), "alert"
        (that a responder may be told: since when, not who), "alerted" (as "granted"), "letters",
        "crises", "looks" (at the person), "looked" (by the person: at whom is not said):
        every column of every row under its own name. A joined turn stands there with its own
        words; one that is "ended" has none any more.
        """
        now = self._now()
        return await self._database.read(lambda c: export.export(c, platform, user_id, now))
