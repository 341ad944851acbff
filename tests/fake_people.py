"""What people chose, as a memory in lists keeps it: the half of `MemoryStore` that is about them.

Knows: choices, and how to write questions down (`log`). Does not know: turns.
"""

from __future__ import annotations

from datetime import datetime

from storage.records import Named, Preferences

Who = tuple[str, str]


class MemoryPeople:
    """`broken` names questions that raise, and what. With `everybody_told` nobody is to be told
    what is kept, so that no card comes."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.languages: dict[Who, str] = {}
        self.choices: dict[Who, str] = {}
        self.histories: dict[Who, str] = {}
        self.zones: dict[Who, str] = {}
        self.grants: dict[Who, list[Named]] = {}
        self.looks: list[tuple[str, str, str, str, str]] = []
        self.crises: list[tuple[str, str, str]] = []
        self.dangers: dict[Who, tuple[datetime, str]] = {}
        self.everybody_told = False
        self.carded: set[Who] = set()
        self.broken: dict[str, Exception] = {}

    async def preferences(self, platform: str, user_id: str) -> Preferences:
        if "preferences" in self.broken:
            raise self.broken["preferences"]
        who = (platform, user_id)
        return Preferences(
            self.languages.get(who, ""),
            self.choices.get(who, ""),
            self.everybody_told or who in self.carded,
            self.histories.get(who, ""),
            self.zones.get(who, ""),
        )

    async def language(self, platform: str, user_id: str) -> str:
        return (await self.preferences(platform, user_id)).language

    async def set_language(self, platform: str, user_id: str, language: str) -> None:
        self._asked("set_language", user_id)
        self.languages[platform, user_id] = language

    async def mood_memory(self, platform: str, user_id: str) -> str:
        return (await self.preferences(platform, user_id)).mood_memory

    async def set_mood_memory(self, platform: str, user_id: str, choice: str) -> None:
        self._asked("set_mood_memory", user_id)
        self.choices[platform, user_id] = choice

    async def set_history(self, platform: str, user_id: str, choice: str) -> None:
        self._asked("set_history", user_id)
        self.histories[platform, user_id] = choice

    async def set_zone(self, platform: str, user_id: str, zone: str) -> None:
        self._asked("set_zone", user_id)
        self.zones[platform, user_id] = zone

    async def grant(self, platform: str, user_id: str, to_platform: str, to_user_id: str) -> None:
        self._asked("grant", f"{user_id} {to_platform}:{to_user_id}")
        self.grants.setdefault((platform, user_id), []).append(Named(to_platform, to_user_id, ""))

    async def revoke(self, platform: str, user_id: str, to_platform: str, to_user_id: str) -> bool:
        self._asked("revoke", f"{user_id} {to_platform}:{to_user_id}")
        given = self.grants.get((platform, user_id), [])
        kept = [one for one in given if (one.platform, one.user_id) != (to_platform, to_user_id)]
        self.grants[platform, user_id] = kept
        return len(kept) < len(given)

    async def revoke_all(self, platform: str, user_id: str) -> int:
        self._asked("revoke_all", user_id)
        return len(self.grants.pop((platform, user_id), []))

    async def grants_of(self, platform: str, user_id: str) -> list[Named]:
        return self.grants.get((platform, user_id), [])

    async def granted_to(self, to_platform: str, to_user_id: str) -> list[Named]:
        to = (to_platform, to_user_id)
        return [
            Named(*who, "")
            for who, given in self.grants.items()
            if to in {(one.platform, one.user_id) for one in given}
        ]

    async def note_look(
        self, who: str, what: str, about: str, platform: str = "", user_id: str = ""
    ) -> None:
        self._asked("note_look", about)
        self.looks.append((who, what, about, platform, user_id))

    async def note_crisis(self, platform: str, user_id: str, kind: str, at: datetime) -> None:
        if "note_crisis" in self.broken:
            raise self.broken["note_crisis"]
        self.crises.append((platform, user_id, kind))
        self.dangers[platform, user_id] = (at, kind)

    async def last_crisis(self, platform: str, user_id: str) -> tuple[datetime, str] | None:
        return self.dangers.get((platform, user_id))

    async def set_carded(self, platform: str, user_id: str) -> None:
        self._asked("set_carded", user_id)
        self.carded.add((platform, user_id))

    def _forget_choices(self, who: Who) -> None:
        self.languages.pop(who, None)
        for chosen in (self.choices, self.histories, self.zones):
            chosen.pop(who, None)
        self.grants.pop(who, None)
        self.carded.discard(who)

    def _asked(self, question: str, about: object) -> None:
        self.log.append(f"{question} {about}")
        if question in self.broken:
            raise self.broken[question]
