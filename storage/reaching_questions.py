"""What may be asked about what a person is told unasked, and about whom they let see or be told.

Knows: which question is a read and which a write. Does not know: SQL (that is in `reaching`,
`grants` and `alerts`), platforms, when anything is sent, what a grant opens, what a danger is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from storage import alerts, grants, reaching
from storage.door import Door
from storage.reaching_records import CheckIn, Letter
from storage.records import Named


class ReachingQuestions(Door):
    """The part of a Store that is about check-ins, letters, grants and alerts."""

    async def set_checkin(
        self,
        platform: str,
        user_id: str,
        chat_id: str,
        thread_id: str,
        minute: int,
        zone: str,
        next_at: datetime,
        language: str,
    ) -> None:
        """Keep a person's daily check-in, in the place of the one before; nothing is unanswered.

        Raises:
            ValueError: `minute` is not one of a day, or `next_at` has no time zone.
        """
        now = self._now()
        wanted = CheckIn(platform, user_id, chat_id, thread_id, minute, zone, next_at, 0, language)
        await self._database.write(lambda c: reaching.set_checkin(c, wanted, now))

    async def checkin(self, platform: str, user_id: str) -> CheckIn | None:
        """A person's check-in, None where they have none."""
        return await self._database.read(lambda c: reaching.checkin(c, platform, user_id))

    async def end_checkin(self, platform: str, user_id: str) -> bool:
        """Delete a person's check-in. False when there was none."""
        return await self._database.write(lambda c: reaching.end_checkin(c, platform, user_id))

    async def due_checkins(self, platform: str) -> list[CheckIn]:
        """The check-ins of a platform whose time has come, the longest due first."""
        now = self._now()
        return await self._database.read(lambda c: reaching.due(c, platform, now))

    async def claim_checkin(self, checkin: CheckIn, next_at: datetime) -> CheckIn | None:
        """Move a due check-in on to its next time: who gets it back, and nobody else, sends it.

        `unanswered` of what comes back counts this one too: 1 when the person has written since the
        last, 2 when they have not. None when another process has it, or it changed or is gone.

        Raises:
            ValueError: `next_at` has no time zone.
        """
        return await self._database.write(lambda c: reaching.claim(c, checkin, next_at))

    async def return_checkin(self, claimed: CheckIn, next_at: datetime) -> bool:
        """A claimed check-in surely was not sent: it is not counted, and due again at `next_at`.

        False when it changed meanwhile, or is gone.

        Raises:
            ValueError: `next_at` has no time zone.
        """
        return await self._database.write(lambda c: reaching.give_back(c, claimed, next_at))

    async def write_letter(
        self, platform: str, user_id: str, kind: str, facts: Mapping[str, str]
    ) -> None:
        """Keep something to be told to a person. Nothing is done for somebody who is not known."""
        now = self._now()
        await self._database.write(
            lambda c: reaching.write_letter(c, platform, user_id, kind, facts, now)
        )

    async def take_letters(self, platform: str, user_id: str = "") -> list[Letter]:
        """Take what is to be told on a platform, or to one person there, the oldest first.

        Whoever takes a letter alone has it: it is told at most once.
        """
        return await self._database.write(lambda c: reaching.take_letters(c, platform, user_id))

    async def return_letter(self, letter: Letter) -> None:
        """Put a letter back that surely was not sent. A person who is gone by now gets none."""
        await self._database.write(
            lambda c: reaching.write_letter(
                c, letter.platform, letter.user_id, letter.kind, letter.facts, letter.created_at
            )
        )

    async def grant(self, platform: str, user_id: str, to_platform: str, to_user_id: str) -> None:
        """A person lets another one see their mood; ("owner", "") are the owners. Twice is once."""
        now = self._now()
        await self._database.write(
            lambda c: grants.grant(c, platform, user_id, to_platform, to_user_id, now)
        )

    async def revoke(self, platform: str, user_id: str, to_platform: str, to_user_id: str) -> bool:
        """Take a grant back. False when there was none."""
        to = (to_platform, to_user_id)
        return await self._database.write(lambda c: grants.revoke(c, platform, user_id, to)) == 1

    async def revoke_all(self, platform: str, user_id: str) -> int:
        """Take every grant of a person back; how many there were."""
        return await self._database.write(lambda c: grants.revoke(c, platform, user_id))

    async def grants_of(self, platform: str, user_id: str) -> list[Named]:
        """Whom a person lets see their mood, the first first; ("owner", "") are the owners."""
        return await self._database.read(lambda c: grants.given_by(c, platform, user_id))

    async def granted_to(self, to_platform: str, to_user_id: str) -> list[Named]:
        """Who lets this one see their mood, the first first."""
        return await self._database.read(lambda c: grants.given_to(c, to_platform, to_user_id))

    async def allow_alert(
        self, platform: str, user_id: str, to_platform: str, to_user_id: str
    ) -> None:
        """A person lets this responder be told of a danger, and no other one any more."""
        now, to = self._now(), (to_platform, to_user_id)
        await self._database.write(lambda c: alerts.allow(c, platform, user_id, to, now))

    async def end_alert(self, platform: str, user_id: str) -> bool:
        """Nobody is told of this person any more. False when nobody was."""
        return await self._database.write(lambda c: alerts.end(c, platform, user_id))

    async def alert_to(self, platform: str, user_id: str) -> tuple[str, str] | None:
        """Which responder a person lets be told, by platform and id; None for nobody."""
        return await self._database.read(lambda c: alerts.allowed_to(c, platform, user_id))

    async def write_alert(
        self,
        platform: str,
        user_id: str,
        to_platform: str,
        to_user_id: str,
        kind: str,
        at: datetime,
    ) -> bool:
        """Write the responder a letter of kind "alert" about a person, and note it as a look.

        Its facts are "who" ("platform:id"), "name" (as known here, or ""), "danger" (the kind) and
        "at" (ISO 8601, UTC): never words. False where nothing is written: the person does not allow
        this responder, or there was one within the hour, or the responder is not known.

        Raises:
            ValueError: `at` has no time zone.
        """
        now, to = self._now(), (to_platform, to_user_id)
        if at.utcoffset() is None:
            raise ValueError("a time without a zone cannot be told")
        return await self._database.write(
            lambda c: alerts.write(c, platform, user_id, to, kind, at, now)
        )
