"""How a group's mood moved, told so that nobody in it can be singled out: pure mathematics.

Knows: moods of people who let them be kept, the pieces that they are counted in, rounding.
Does not know: SQL, who may ask, sentences, pictures.

The smallest thing that is ever counted is a piece: a run of whole days (UTC) in one channel in
which at least `min_people` people wrote. Pieces do not overlap and do not depend on what is asked,
so whatever is subtracted from whatever, days or channels, what remains is made of whole pieces.
Messages that lie in none are counted nowhere, nor are those of the day that is not over.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.trends import Direction, direction_of, t_975

if TYPE_CHECKING:
    from storage.records import GroupMood

BLOCK_DAYS = 28
"""No piece reaches over the end of such a block, so that one need not read all there ever was."""

STEP = 0.05
"""Valences are rounded to it."""

PEOPLE_STEP = 5
MOST_DAYS_BY_DAY = 30
"""A longer window is drawn by the week."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Moods of at least `min_people` people from one channel, of all days from first to last."""

    first: date
    last: date
    moods: tuple[GroupMood, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The pieces that ended on one day or in one week: mean of people's means, its 95 % band."""

    first: date
    last: date
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GroupTrend:
    """What may be told. Each person counts once, however much they wrote.

    `mean`, `low` and `high` are rounded to STEP, the band outward. `people` is rounded down to
    PEOPLE_STEP, `messages` to two digits or to five. `shares` are percents of positive, neutral
    and negative that sum to 100. `stretches` are for the picture, oldest first.
    """

    first: date
    last: date
    mean: float
    low: float
    high: float
    people: int
    messages: int
    shares: tuple[int, int, int]
    direction: Direction
    stretches: tuple[Stretch, ...]


def first_day(today: date, days: int, keep_days: int | None = None) -> date:
    """The first day whose moods `summarise` needs: that of a block, so pieces are always alike.

    Where messages go after `keep_days`, only blocks count of which nothing has gone: a day that
    falls off a block's beginning would cut all its pieces anew, and could be found by subtraction.
    """
    start = today - timedelta(days=days)
    first = start - timedelta(days=_block_of(start)[1])
    if keep_days is None:
        return first
    whole = today - timedelta(days=keep_days - 1)
    return max(first, whole + timedelta(days=-_block_of(whole)[1] % BLOCK_DAYS))


def summarise(
    moods: Iterable[GroupMood], today: date, days: int, min_people: int
) -> GroupTrend | None:
    """The trend of the pieces that ended in the `days` before `today`; None where there are none.

    `moods` are all of the scope from `first_day` on, with the channels they were said in.
    """
    pieces = pieces_of(moods, today, days, min_people)
    if not pieces:
        return None
    counted = [mood for piece in pieces for mood in piece.moods]
    people = _by_person(counted)
    mean, low, high = _band([_mean(said) for said in people.values()])
    return GroupTrend(
        first=min(piece.first for piece in pieces),
        last=max(piece.last for piece in pieces),
        mean=mean,
        low=low,
        high=high,
        people=max(min_people, len(people) // PEOPLE_STEP * PEOPLE_STEP),
        messages=about(sum(mood.n for mood in counted)),
        shares=_shares(people),
        direction=_direction(pieces, today - timedelta(days=days // 2), min_people),
        stretches=_stretches(pieces, by_week=days > MOST_DAYS_BY_DAY),
    )


def pieces_of(
    moods: Iterable[GroupMood], today: date, days: int, min_people: int
) -> Sequence[Piece]:
    """The pieces that ended in the window, in the order of their ends."""
    by_channel: defaultdict[str, defaultdict[date, list[GroupMood]]]
    by_channel = defaultdict(lambda: defaultdict(list))
    for mood in moods:
        by_channel[mood.chat_id][mood.day].append(mood)
    start = today - timedelta(days=days)
    found = [
        piece
        for channel in by_channel.values()
        for piece in _cut({day: channel[day] for day in sorted(channel) if day < today}, min_people)
        if piece.last >= start
    ]
    return sorted(found, key=lambda piece: piece.last)


def _cut(by_day: Mapping[date, list[GroupMood]], min_people: int) -> Iterable[Piece]:
    """Days are gathered until enough people wrote in them; a block's rest is left out."""
    gathered: list[GroupMood] = []
    first = block = None
    for day, moods in by_day.items():
        if first is None or _block_of(day)[0] != block:
            gathered, first, block = [], day, _block_of(day)[0]
        gathered += moods
        if len({mood.person_id for mood in gathered}) >= min_people:
            yield Piece(first, day, tuple(gathered))
            gathered, first = [], None


def _block_of(day: date) -> tuple[int, int]:
    """The number of a day's block, and the day's place in it. Blocks begin on a Monday."""
    return divmod(day.toordinal() - 1, BLOCK_DAYS)


def _stretches(pieces: Sequence[Piece], *, by_week: bool) -> tuple[Stretch, ...]:
    gathered: defaultdict[date, list[Piece]] = defaultdict(list)
    for piece in pieces:
        monday = piece.last - timedelta(days=piece.last.weekday())
        gathered[monday if by_week else piece.last].append(piece)
    return tuple(_stretch(gathered[key]) for key in sorted(gathered))


def _stretch(pieces: Sequence[Piece]) -> Stretch:
    people = _by_person(mood for piece in pieces for mood in piece.moods)
    mean, low, high = _band([_mean(said) for said in people.values()])
    first, last = min(p.first for p in pieces), max(p.last for p in pieces)
    return Stretch(first, last, mean, low, high)


def _by_person(moods: Iterable[GroupMood]) -> Mapping[int, list[GroupMood]]:
    people: defaultdict[int, list[GroupMood]] = defaultdict(list)
    for mood in moods:
        people[mood.person_id].append(mood)
    return people


def _mean(said: Sequence[GroupMood]) -> float:
    """Of a person's messages."""
    return math.fsum(mood.total for mood in said) / sum(mood.n for mood in said)


def _band(means: Sequence[float]) -> tuple[float, float, float]:
    """The mean of people's means and its 95 % band (Student's t, people independent), rounded."""
    mean = statistics.fmean(means)
    margin = t_975(len(means) - 1) * statistics.stdev(means) / math.sqrt(len(means))
    # Of the steps, not of the valence: 0.15 / 0.05 is a little less than 3.
    steps = [round(value / STEP, 6) for value in (mean, mean - margin, mean + margin)]
    rounded = (round(steps[0]), math.floor(steps[1]), math.ceil(steps[2]))
    most = round(1 / STEP)
    told = [max(-most, min(most, step)) / most for step in rounded]
    return told[0], told[1], told[2]


def about(number: int) -> int:
    """A count of messages as it is told: to two digits, or to five where that is more."""
    step = max(5, int(10 ** (len(str(number)) - 2)))
    return max(step, round(number / step) * step)


def _shares(people: Mapping[int, Sequence[GroupMood]]) -> tuple[int, int, int]:
    """Percents by steps of five that sum to 100: the largest remainders are rounded up."""
    counted = [0.0, 0.0, 0.0]
    for said in people.values():
        n = sum(mood.n for mood in said)
        positive, negative = sum(mood.positive for mood in said), sum(m.negative for m in said)
        for kind, some in enumerate((positive, n - positive - negative, negative)):
            counted[kind] += 20 * some / n / len(people)
    counted = [round(share, 6) for share in counted]
    whole = [math.floor(share) for share in counted]
    by_remainder = sorted(range(3), key=lambda kind: whole[kind] - counted[kind])
    for kind in by_remainder[: 20 - sum(whole)]:
        whole[kind] += 1
    return whole[0] * 5, whole[1] * 5, whole[2] * 5


def _direction(pieces: Sequence[Piece], middle: date, min_people: int) -> Direction:
    """Whether people who wrote in both halves of the window changed: each with themselves."""
    older = _by_person(m for piece in pieces if piece.last < middle for m in piece.moods)
    newer = _by_person(m for piece in pieces if piece.last >= middle for m in piece.moods)
    changes = [
        _mean(newer[person]) - _mean(older[person]) for person in older.keys() & newer.keys()
    ]
    if len(changes) < min_people:
        return direction_of(None, None)
    margin = t_975(len(changes) - 1) * statistics.stdev(changes) / math.sqrt(len(changes))
    return direction_of(statistics.fmean(changes), margin)
