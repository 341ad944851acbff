"""A store's answers about groups: which there are, and how it sounded in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from storage.admin_records import Group
from storage.records import GroupMood


class FeltGroups:
    """A store whose groups have these moods."""

    def __init__(self, felt: Mapping[Group, Sequence[GroupMood]], *off: str) -> None:
        """`off` are the servers that turned moods off."""
        self.felt = felt
        self.off = off

    async def server_settings(self, platform: str, server_id: str) -> dict[str, Any]:
        return {"moods": "off"} if server_id in self.off else {}

    async def groups(self) -> list[Group]:
        return list(self.felt)

    async def group_moods(
        self, platform: str, server_id: str, since: datetime, chat_id: str = ""
    ) -> list[GroupMood]:
        there = [
            moods
            for group, moods in self.felt.items()
            if (group.platform, group.server_id) == (platform, server_id)
            and chat_id in ("", group.chat_id)
        ]
        return [m for moods in there for m in moods if m.day >= since.date()]
