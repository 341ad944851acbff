"""What the dashboard shows and whom it asks for it: plain values and one Protocol.

Knows: numbers that may be told, already rounded. Does not know: where they come from, who may be
told from them (that is for whoever implements `Dashboard`), pages, cookies. Standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from adapters.base import Health

DAYS = (7, 30, 90)
"""The windows that a trend may be asked for."""

USUAL_DAYS = 30


class NotReady(Exception):
    """The memory is not open yet, so nothing can be told and nobody can sign in."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How the whole installation is. `people` and `crises` are rounded down to fives; below five
    they are None, also where there were none at all.

    `answering` turns are at the model and `waiting` wait for it now; the other counts are of the
    last `days`, `crises` of the last `crisis_days`.
    """

    health: Health
    model: str
    answering: int
    places: int
    waiting: int
    longest: int
    days: int
    people: int | None
    messages: int
    answered: int
    failed: int
    unanswered: int
    groups: int
    crisis_days: int
    crises: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """A server, one of its channels, or a group of no server. `chat` is "" for a whole server."""

    platform: str
    server: str
    chat: str

    @property
    def kind(self) -> Literal["server", "channel", "group"]:
        """Which of the three."""
        if not self.chat:
            return "server"
        return "channel" if self.server else "group"

    @property
    def name(self) -> str:
        """Its own id: the chat's, or the server's."""
        return self.chat or self.server


@dataclass(frozen=True, slots=True)
class Mood:
    """How it sounds somewhere. `feeling` and `direction` are words of [admin], `mean` a valence."""

    feeling: Literal["positive", "neutral", "negative"]
    direction: Literal["rising", "falling", "steady", "unclear"]
    mean: float


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One line of the list. `mood` is "few" where too few people wrote, "off" where its managers
    turned moods off.
    """

    place: Place
    mood: Mood | Literal["few", "off"]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Lines of the list, the channels of a server right after it."""

    lines: Sequence[GroupLine]
    days: int
    min_people: int
    more: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A point of the picture: mean and 95 % band of what was said from first to last day."""

    first: date
    last: date
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Trend:
    """What may be told of a place. `people` means that many or more, `messages` about as many;
    `shares` are percents of positive, neutral and negative.
    """

    first: date
    last: date
    mood: Mood
    low: float
    high: float
    people: int
    messages: int
    shares: tuple[int, int, int]
    stretches: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class TrendPage:
    """A place and its trend, or why there is none: "few" or "off", as in `GroupLine`."""

    place: Place
    days: int
    min_people: int
    trend: Trend | Literal["few", "off"]


@dataclass(frozen=True, slots=True)
class LogLine:
    """Who looked at what, and when (aware, UTC)."""

    at: datetime
    who: str
    what: str
    about: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines of the audit log, newest first."""

    lines: Sequence[LogLine]
    more: bool


class Dashboard(Protocol):
    """Whoever knows the numbers and the keys. Each look is noted before it is answered.

    Every method may raise NotReady. Pages count from 1; one beyond the last is empty.
    """

    async def sign_in(self, key: str) -> str | None:
        """Spend the key of a one-time link: a new session, or None for a key that is no good."""
        ...

    async def admits(self, session: str) -> bool:
        """Whether the session has begun, has not ended and is not over."""
        ...

    async def sign_out(self, session: str) -> None:
        """End the session, if there is one."""
        ...

    async def overview(self) -> Overview: ...

    async def groups(self, page: int) -> GroupPage: ...

    async def trend(self, place: Place, days: int) -> TrendPage | None:
        """None where there is no such place."""
        ...

    async def log(self, page: int) -> LogPage: ...
