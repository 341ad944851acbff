"""What people chose, as a memory in lists keeps it: the half of `MemoryStore` that is about them.

Knows: choices, and how to write questions down (`log`). Does not know: turns.
"""

from __future__ import annotations

from storage.records import Preferences

Who = tuple[str, str]


class MemoryPeople:
    """`broken` names questions that raise, and what."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.languages: dict[Who, str] = {}
        self.choices: dict[Who, str] = {}
        self.carded: set[Who] = set()
        self.broken: dict[str, Exception] = {}

    async def preferences(self, platform: str, user_id: str) -> Preferences:
        if "preferences" in self.broken:
            raise self.broken["preferences"]
        who = (platform, user_id)
        choice = self.choices.get(who, "")
        return Preferences(self.languages.get(who, ""), choice, who in self.carded)

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

    async def set_carded(self, platform: str, user_id: str) -> None:
        self._asked("set_carded", user_id)
        self.carded.add((platform, user_id))

    def _forget_choices(self, who: Who) -> None:
        self.languages.pop(who, None)
        self.choices.pop(who, None)
        self.carded.discard(who)

    def _asked(self, question: str, about: object) -> None:
        self.log.append(f"{question} {about}")
        if question in self.broken:
            raise self.broken[question]
