"""What those who run or manage a Warmline may ask, and what is noted of their asking.

Knows: which question is a read and which a write. Does not know: SQL (that is in `admin` and
`overview`), who is one of them, how a key is made or hashed.
"""

from __future__ import annotations

from datetime import datetime

from storage import admin, overview
from storage.admin_records import Counts, Group, Look
from storage.door import Door


class AdminQuestions(Door):
    """The part of a Store that is about looks, the dashboard, groups, counts and crises."""

    async def note_look(
        self, who: str, what: str, about: str, platform: str = "", user_id: str = ""
    ) -> None:
        """Write down that somebody looked at moods: `who` is "owner", "dashboard", "platform:id".

        With a person, it was at that one alone: in the same transaction they get a letter of kind
        "looked" with the facts "who" and "what", if they are known, and unless one of the same
        `who` and day (UTC) waits already.
        """
        now = self._now()
        await self._database.write(
            lambda c: admin.note_look(c, who, what, about, platform, user_id, now)
        )

    async def looks(self, limit: int = 200) -> list[Look]:
        """The last looks, the newest first."""
        return await self._database.read(lambda c: admin.looks(c, limit))

    async def add_admin_key(self, kind: str, hashed: str, expires_at: datetime) -> None:
        """Keep the hash of a "link" or a "session" of the dashboard, till it expires.

        Raises:
            ValueError: another kind, or `expires_at` has no time zone.
        """
        now = self._now()
        await self._database.write(lambda c: admin.add_key(c, kind, hashed, expires_at, now))

    async def use_admin_link(self, hashed: str) -> bool:
        """Whether the link is good; it works once, for one caller over all processes."""
        now = self._now()
        return await self._database.write(lambda c: admin.use_link(c, hashed, now))

    async def admin_session(self, hashed: str) -> bool:
        """Whether there is such a session, and it has not expired."""
        now = self._now()
        return await self._database.read(lambda c: admin.has_session(c, hashed, now))

    async def end_admin_session(self, hashed: str) -> None:
        """End a session. Ending one twice is harmless."""
        await self._database.write(lambda c: admin.end_session(c, hashed))

    async def groups(self) -> list[Group]:
        """Each chat with others in which a message was read, once, by platform, server and id."""
        return await self._database.read(overview.groups)

    async def counts(self, since: datetime) -> Counts:
        """What happened since then in the whole installation.

        Raises:
            ValueError: `since` has no time zone.
        """
        return await self._database.read(lambda c: overview.counts(c, since))

    async def crises(self, since: datetime) -> int:
        """How many crises are noted since then, in the whole installation; errors as `counts`."""
        return await self._database.read(lambda c: overview.crises(c, since))

    async def note_crisis(self, platform: str, user_id: str, kind: str, at: datetime) -> None:
        """Note that a message was taken for a crisis: of which kind and when, never its words.

        Nothing is done for somebody who is not known.

        Raises:
            ValueError: `at` has no time zone.
        """
        await self._database.write(lambda c: admin.note_crisis(c, platform, user_id, kind, at))

    async def last_crisis(self, platform: str, user_id: str) -> tuple[datetime, str] | None:
        """When the person's last crisis was and of which kind; None where there was none."""
        return await self._database.read(lambda c: admin.last_crisis(c, platform, user_id))
