"""A server with people in it, on a memory that knows servers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from adapters.messages import Person, Scope
from storage.records import CLEAR, SENTIMENT, GroupMood
from tests.unit.bot.asking import PersonalStore

HOME = "900"
HERE = Scope("discord", "10")
MANAGED: dict[str, Any] = {
    "scope": HERE,
    "person": Person("discord", "1", "Ann"),
    "private": False,
    "server": HOME,
    "manages": True,
    "ephemeral": True,
}
"""What makes a message a slash command of somebody who manages the server."""


class ServerStore(PersonalStore):
    """`servers` holds what was set for each, `felt` the moods of the one server there is."""

    def __init__(self, felt: Sequence[GroupMood] = ()) -> None:
        super().__init__()
        self.servers: dict[tuple[str, str], dict[str, Any]] = {}
        self.felt = list(felt)

    async def server_settings(self, platform: str, server_id: str) -> dict[str, Any]:
        self._asked("server_settings", server_id)
        return self.servers.get((platform, server_id), {})

    async def set_server_settings(
        self, platform: str, server_id: str, settings: dict[str, Any]
    ) -> None:
        self._asked("set_server_settings", server_id)
        self.servers[platform, server_id] = settings

    async def group_moods(
        self,
        platform: str,
        server_id: str,
        since: datetime,
        chat_id: str = "",
        task: str = SENTIMENT,
    ) -> list[GroupMood]:
        self._asked("group_moods", f"{platform} {server_id} {chat_id or 'all'}")
        return [m for m in self.felt if m.day >= since.date() and chat_id in ("", m.chat_id)]


def mood(person: int, day: date, valence: float, chat_id: str = "10") -> GroupMood:
    """One message of that day."""
    return GroupMood(person, day, chat_id, 1, valence, valence > CLEAR, valence < -CLEAR)


def days_of(
    today: date, ago: Sequence[int], people: int = 5, valence: float = 0.0, chat_id: str = "10"
) -> list[GroupMood]:
    """A message of each of the people on each of those days."""
    return [
        mood(person, today - timedelta(days=days), valence, chat_id)
        for days in ago
        for person in range(people)
    ]
