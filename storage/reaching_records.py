"""What a person is told without having asked, and whom they let see their mood: frozen values.

Knows: check-ins and letters as plain values; every time is aware and in UTC. Does not know: when
anything is sent, tables, SQL. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A question that a person asked to be asked once a day, and where.

    `minute` is that of the day in `zone`, 0 to 1439. `unanswered` counts those sent since the
    person last wrote anything; as `claim_checkin` gives it, with the one that is claimed.
    """

    platform: str
    user_id: str
    chat_id: str
    thread_id: str
    minute: int
    zone: str
    next_at: datetime
    unanswered: int
    language: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be told to a person, by its kind ("looked", "digest") and facts.

    The sentence is made of them when it is sent; facts hold nobody's words.
    """

    id: int
    platform: str
    user_id: str
    kind: str
    facts: Mapping[str, str]
    created_at: datetime
