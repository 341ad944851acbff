"""What those who run or manage a Warmline may ask: frozen values.

Knows: looks, groups and counts as plain values; every time is aware and in UTC. Does not know:
who may ask, tables, SQL. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SOMEONE = "someone"
"""Stands in a look for a person who was erased."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at moods. `who` is "owner", "dashboard" or "platform:id".

    `about` says whose: a group's, or "platform:id". An erased person is SOMEONE.
    """

    at: datetime
    who: str
    what: str
    about: str


@dataclass(frozen=True, slots=True)
class Group:
    """A chat with others in which messages were read. `server_id` is "" for one of no server."""

    platform: str
    server_id: str
    chat_id: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened in the whole installation since some time; no commands, no joined messages.

    `waiting` is what is not answered yet, whenever it came; `people` are those who wrote.
    """

    turns: int
    answered: int
    failed: int
    waiting: int
    people: int
    crises: int
