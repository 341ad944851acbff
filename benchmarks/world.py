"""An installation as it might be after a year: people, chats, turns and labels, all invented.

Knows: how many there are of what, and how skewed they are: a few servers, channels and people say
most. The same numbers give the same world. Does not know: databases (`benchmarks.filling`).

Half of the turns are said in private; the other half in the channels of servers. People talk in
talks of a few messages, some minutes apart. Every turn has its sentiment. Words are of the usual
length and say nothing.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PLATFORM = "discord"
SERVERS = 40
CHANNELS = 10
DAYS = 365
TALK = 5
"""Messages of a talk, on average."""

_WORDS = "a day like many others and then something that one wants to tell somebody about it all "


@dataclass(frozen=True, slots=True)
class Chat:
    """Where something is said: a channel of a server, or alone with a person (`server` "")."""

    id: int
    chat_id: str
    server: str

    @property
    def private(self) -> bool:
        """Whether only one person reads it."""
        return not self.server


@dataclass(frozen=True, slots=True)
class Said:
    """One turn with its reading; `id` is its place in the order of time, from 1."""

    id: int
    chat: int
    person: int
    at: datetime
    valence: float
    text: str


@dataclass(frozen=True, slots=True)
class World:
    """`people` have the ids from 1; the first half talks alone, the others in servers."""

    turns: int
    people: int
    until: datetime

    @property
    def alone(self) -> int:
        """How many people talk alone."""
        return self.people // 2

    def chats(self) -> list[Chat]:
        """All private chats, then all channels; the first server and channel are the biggest."""
        private = [Chat(n, f"dm{n}", "") for n in range(1, self.alone + 1)]
        channels = [
            Chat(self.alone + 1 + s * CHANNELS + c, f"{s + 1:02}{c + 1:02}", server_name(s))
            for s in range(SERVERS)
            for c in range(CHANNELS)
        ]
        return private + channels

    def said(self) -> Iterator[Said]:
        """All turns in the order they were said."""
        draw = random.Random(7)
        half = self.turns // 2
        talks = [*self._private(draw, half), *self._public(draw, self.turns - half)]
        one_by_one = sorted(itertools.chain.from_iterable(talks))
        for number, (at, chat, person, valence) in enumerate(one_by_one, start=1):
            yield Said(
                number,
                chat,
                person,
                self.until - timedelta(days=DAYS) + timedelta(seconds=at),
                valence,
                _WORDS[: 20 + number * 7919 % 60],
            )

    def _private(self, draw: random.Random, turns: int) -> Iterator[Sequence[_Drawn]]:
        people = range(1, self.alone + 1)
        weights = _skewed(self.alone)
        for length in _talks(draw, turns):
            (person,) = draw.choices(people, cum_weights=weights)
            yield _talk(draw, person, person, length)

    def _public(self, draw: random.Random, turns: int) -> Iterator[Sequence[_Drawn]]:
        members = _members(range(self.alone + 1, self.people + 1))
        servers, channels = _zipf(SERVERS), _zipf(CHANNELS)
        within = [_skewed(len(some)) for some in members]
        for length in _talks(draw, turns):
            (server,) = draw.choices(range(SERVERS), cum_weights=servers)
            (channel,) = draw.choices(range(CHANNELS), cum_weights=channels)
            (person,) = draw.choices(members[server], cum_weights=within[server])
            yield _talk(draw, self.alone + 1 + server * CHANNELS + channel, person, length)


_Drawn = tuple[float, int, int, float]
"""Seconds from the beginning, chat, person, valence."""


def server_name(number: int) -> str:
    """The id of a server, from 0: the biggest."""
    return f"server{number + 1:02}"


def _members(people: Sequence[int]) -> list[list[int]]:
    """Who is in which server: as unevenly as they talk, twenty at least."""
    weights = [1 / (number + 1) for number in range(SERVERS)]
    total = sum(weights)
    found, begin = [], 0
    for weight in weights:
        size = max(20, round(len(people) * weight / total))
        found.append([people[n % len(people)] for n in range(begin, begin + size)])
        begin += size
    return found


def _talk(draw: random.Random, chat: int, person: int, length: int) -> list[_Drawn]:
    at = draw.uniform(0, DAYS * 86_400 - 7_200)
    mood = draw.gauss(0.1, 0.4)
    return [
        (at + 120 * n, chat, person, round(max(-1, min(1, draw.gauss(mood, 0.2))), 4))
        for n in range(length)
    ]


def _talks(draw: random.Random, turns: int) -> Iterator[int]:
    """The lengths of talks, until they hold so many turns."""
    while turns > 0:
        length = min(turns, 1 + int(draw.expovariate(1 / (TALK - 0.5))))
        turns -= length
        yield length


def _zipf(number: int) -> list[float]:
    return list(itertools.accumulate(1 / (rank + 1) for rank in range(number)))


def _skewed(number: int) -> list[float]:
    return list(itertools.accumulate((rank + 20) ** -0.7 for rank in range(number)))


def now() -> datetime:
    """The end of the year that is invented: this hour, since commands ask for the last days."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
