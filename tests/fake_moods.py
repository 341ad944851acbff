"""How messages were read and meant, as a memory in lists keeps it: that half of `MemoryStore`.

Knows: labels, and corrections beside them. Does not know: how a turn came to its label.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storage.reading import Reading
from storage.records import Mood
from tests.fake_people import MemoryPeople, Who

Row = dict[str, Any]


class MemoryMoods(MemoryPeople):
    """`turns` are rows by their ids; "meant" in a row is its person's own label and valence."""

    def __init__(self, log: list[str]) -> None:
        super().__init__(log)
        self.turns: dict[int, Row] = {}

    async def moods(
        self,
        platform: str,
        user_id: str,
        since: datetime,
        conversation_id: int | None = None,
        *,
        corrected: bool = False,
    ) -> list[Mood]:
        self._asked("moods", conversation_id or "all")
        return [
            Mood(one.at, one.counts if corrected else one.valence, one.confidence, "")
            for one in self._readings((platform, user_id))
            if one.at >= since and conversation_id in (None, self.turns[one.turn_id]["place"])
        ]

    async def readings(self, platform: str, user_id: str, since: datetime) -> list[Reading]:
        self._asked("readings", user_id)
        found = [one for one in self._readings((platform, user_id)) if one.at >= since]
        return sorted(found, key=lambda one: (one.at, one.turn_id))

    async def reading(self, platform: str, user_id: str, turn_id: int) -> Reading | None:
        self._asked("reading", turn_id)
        found = self._readings((platform, user_id))
        return next((one for one in found if one.turn_id == turn_id), None)

    async def correct(
        self, platform: str, user_id: str, turn_id: int, label: str, valence: float
    ) -> bool:
        self._asked("correct", f"{turn_id} {label}")
        if turn_id not in {one.turn_id for one in self._readings((platform, user_id))}:
            return False
        self.turns[turn_id]["meant"] = (label, valence)
        return True

    def _readings(self, who: Who) -> list[Reading]:
        return [
            Reading(
                number, row["in"].sent_at, row["text"], row["in"].private, row["in"].chat_id,
                row["in"].thread_id, row["label"].label, row["label"].valence,
                row["label"].confidence, *row.get("meant", ()),
            )
            for number, row in self.turns.items()
            if self._who(row) == who and row["label"]
        ]  # fmt: skip

    def _label(self, row: Row) -> str:
        """As a prompt has it: what was set right counts in private."""
        if not row["label"]:
            return ""
        label: str = row["label"].label
        return row["meant"][0] if "meant" in row and row["in"].private else label

    def _who(self, row: Row) -> Who:
        return row["in"].platform, row["in"].user_id
