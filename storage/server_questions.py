"""What may be asked about servers, and the notes that Warmline keeps for itself.

Knows: which question is a read and which a write. Does not know: SQL (that is in `servers` and
`notes`), platforms, what a setting means, who may ask.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storage import notes, servers
from storage.door import Door
from storage.records import SENTIMENT, GroupMood


class ServerQuestions(Door):
    """The part of a Store that is about no single person."""

    async def server_settings(self, platform: str, server_id: str) -> dict[str, Any]:
        """What was set for a server; {} when nothing was."""
        return await self._database.read(lambda c: servers.settings(c, platform, server_id))

    async def set_server_settings(
        self, platform: str, server_id: str, settings: dict[str, Any]
    ) -> None:
        """Keep all settings of a server, in the place of those before.

        Raises:
            TypeError: they hold what JSON cannot.
        """
        now = self._now()
        await self._database.write(
            lambda c: servers.set_settings(c, platform, server_id, settings, now)
        )

    async def group_moods(
        self,
        platform: str,
        server_id: str,
        since: datetime,
        chat_id: str = "",
        task: str = SENTIMENT,
    ) -> list[GroupMood]:
        """How messages of that day (UTC) and later were read in a server's channels, in any order.

        With `chat_id`, only in that channel and its threads; a group of no server (server_id "") is
        asked for by its chat alone. Nothing that was said in private, and nothing of a person who
        does not let moods be kept now. Nobody is named, but a trend of two people tells on both: it
        is for the caller to show none of too few.

        Raises:
            ValueError: `since` has no time zone.
        """
        return await self._database.read(
            lambda c: servers.moods(c, platform, server_id, since, chat_id, task)
        )

    async def note(self, key: str) -> str:
        """What Warmline noted for itself under this key, "" for nothing."""
        return await self._database.read(lambda c: notes.note(c, key))

    async def set_note(self, key: str, value: str) -> None:
        """Note something for the next run, in the place of what was there. Never of a person."""
        await self._database.write(lambda c: notes.set_note(c, key, value))

    async def claim_note(self, key: str) -> bool:
        """Note that something is done that must be done once: true for exactly one caller.

        Over all processes, and for good. Never of a person.
        """
        now = self._now().isoformat()
        return await self._database.write(lambda c: notes.claim(c, key, now))
