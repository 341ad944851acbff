"""What an erasure is given and gives back: frozen values.

Knows: which parts there are, what is counted. Does not know: tables, SQL. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """How much of what is kept of a person is erased."""

    MOOD = "mood"
    """How their messages were read, corrections, trend notes; what was said stays."""
    HISTORY = "history"
    """What was said and answered, with its moods; what they chose stays."""
    EVERYTHING = "everything"
    """The person."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What `forget` deleted. `person` is "platform:user_id"; `id` is random, for reference.

    `turns` counts messages: commands are deleted with them, and not counted.
    """

    person: str
    turns: int
    labels: int
    conversations: int
    at: datetime
    id: str
    part: Part = Part.EVERYTHING
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class Swept:
    """What `sweep` deleted; `turns` are rows, with commands and what was joined.

    `touched` are the conversations that it was in, `conversations` how many of these are gone.
    `unfinished` says why old bytes stay in the file for now, "" where none do. `id` is random, ""
    where nothing was deleted.
    """

    turns: int = 0
    labels: int = 0
    conversations: int = 0
    touched: frozenset[int] = frozenset()
    id: str = ""
    unfinished: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What `end_conversations` ended: turns `deleted`, and others `blanked` that stay for the mood.

    A mark that stays without a word counts as deleted.
    `touched` are the conversations that it was in, `conversations` how many of these are gone.
    `unfinished` says why old bytes stay in the file for now, "" where none do. `id` is random, ""
    where nothing was ended.
    """

    deleted: int = 0
    blanked: int = 0
    conversations: int = 0
    touched: frozenset[int] = frozenset()
    id: str = ""
    unfinished: str = ""
