"""How a mood moved: pure mathematics over (time, valence) points.

Knows: means, bands, an exponentially weighted level, change and the one word for it.
Does not know: persons, SQL, sentences, pictures. Standard library only; nothing depends on the
order of the points, on the clock or on the local time zone.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Literal

MIN_MESSAGES = 5
"""Below this many messages in the window nothing is said."""

PIECES = 14
"""Equal parts of the window, half of them old and half new: see `_change`."""

MATTERS = 0.15
"""The smallest change of valence that gets a word, on the scale from -1 to 1."""

STEADY_WITHIN = 0.3
"""A mood is called steady when its change is surely smaller than this."""

NOTABLE = 0.15
"""A mean that is nearer to 0 is called neither positive nor negative."""

Feeling = Literal["positive", "neutral", "negative"]

Point = tuple[datetime, float]
"""When (aware) and how: valence in [-1, 1]."""


class Direction(StrEnum):
    """The word for a change. Only `unclear` may be said without evidence."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Trend:
    """A mood over the last `days`. All but `days` and `n` are on the scale of valence.

    `deviation` is the sample standard deviation. `low` and `high` are the 95 % band of `mean`
    (Student's t, messages taken as independent; those of one evening are not, so the true band is
    rather wider). `level` is the mean weighted by age, as of now. `change` is the newer half of
    the window minus the older, `change_margin` half the width of its 95 % interval; both are None
    where a half holds too little to compare, and `direction` is then unclear.
    """

    days: int
    n: int
    mean: float
    deviation: float
    low: float
    high: float
    level: float
    change: float | None
    change_margin: float | None
    direction: Direction


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one local day: how many, and their mean valence."""

    date: date
    n: int
    mean: float


def summarise(
    points: Iterable[Point], now: datetime, days: int, half_life_days: float = 3.0
) -> Trend | None:
    """The trend of the `days` before `now`, or None below MIN_MESSAGES in them.

    Points outside the window are ignored; a point after `now` (a clock that runs fast) counts as
    said now. A message loses half of its weight in `level` every `half_life_days`.

    Raises:
        ValueError: a naive time, a valence outside [-1, 1], or days or half-life not above 0.
    """
    if not (days > 0 and half_life_days > 0):
        raise ValueError("days and half_life_days must be above 0")
    window = timedelta(days=days)
    aged = [(age, valence) for age, valence in _ages(points, now) if age <= window]
    if len(aged) < MIN_MESSAGES:
        return None
    valences = [valence for _, valence in aged]
    n = len(valences)
    mean, low, high = band(valences)
    deviation = statistics.stdev(valences)
    change, change_margin = _change(aged, window)
    if change is not None and deviation == 0:
        change = change_margin = 0.0  # whatever the last digit of the means of pieces says
    return Trend(
        days=days,
        n=n,
        mean=mean,
        deviation=deviation,
        low=low,
        high=high,
        level=_level(aged, half_life_days),
        change=change,
        change_margin=change_margin,
        direction=direction_of(change, change_margin),
    )


def band(valences: Sequence[float]) -> tuple[float, float, float]:
    """The mean of two valences or more, and the ends of its 95 % band: as in `Trend`."""
    mean = statistics.fmean(valences)
    freedom = len(valences) - 1
    margin = t_975(freedom) * statistics.stdev(valences) / math.sqrt(len(valences))
    return mean, _clip(mean - margin), _clip(mean + margin)


def bucket_by_day(points: Iterable[Point], tz: tzinfo) -> list[Day]:
    """The days in `tz` that have messages, oldest first."""
    by_day: dict[date, list[float]] = {}
    for at, valence in points:
        by_day.setdefault(_utc(at).astimezone(tz).date(), []).append(valence)
    return [Day(day, len(found), statistics.fmean(found)) for day, found in sorted(by_day.items())]


def feeling_of(mean: float) -> Feeling:
    """The word for a mean."""
    if abs(mean) < NOTABLE:
        return "neutral"
    return "positive" if mean > 0 else "negative"


def direction_of(change: float | None, margin: float | None) -> Direction:
    """The word for a change: it must be sure and matter; steady must be as sure."""
    if change is None or margin is None:
        return Direction.UNCLEAR
    if abs(change) > margin and abs(change) >= MATTERS:
        return Direction.RISING if change > 0 else Direction.FALLING
    if abs(change) + margin <= STEADY_WITHIN:
        return Direction.STEADY
    return Direction.UNCLEAR


def t_975(freedom: int) -> float:
    """The 0.975 quantile of Student's t with `freedom` degrees of freedom, 1 or more.

    A table up to 9, then the Cornish-Fisher expansion about the normal quantile: Abramowitz and
    Stegun, Handbook of Mathematical Functions, 26.7.5. Off by less than 1e-5 everywhere.
    """
    if freedom <= len(_T_975_SMALL):
        return _T_975_SMALL[freedom - 1]
    z = _Z_975
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(
        term / math.pow(freedom, power) for power, term in enumerate(terms, start=1)
    )


_DAY = timedelta(days=1)
_Z_975 = 1.959963984540054
_T_975_SMALL = (
    12.706205,
    4.302653,
    3.182446,
    2.776445,
    2.570582,
    2.446912,
    2.364624,
    2.306004,
    2.262157,
)


def _ages(points: Iterable[Point], now: datetime) -> list[tuple[timedelta, float]]:
    # In UTC: two times of one zone are otherwise subtracted by the clock on the wall, which
    # jumps twice a year.
    present = _utc(now)
    aged = []
    for at, valence in points:
        if not -1 <= valence <= 1:
            raise ValueError("a valence must be within [-1, 1]")
        aged.append((max(present - _utc(at), timedelta()), valence))
    return aged


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("a time must know its zone")
    return at.astimezone(UTC)


def _level(aged: Sequence[tuple[timedelta, float]], half_life_days: float) -> float:
    # Weighted from the newest message on, not from now: the ratio is the same, and the weights
    # cannot all vanish when the half-life is short.
    newest = min(age for age, _ in aged)
    weights = [math.exp2((newest - age) / _DAY / half_life_days) for age, _ in aged]
    total = math.fsum(w * valence for w, (_, valence) in zip(weights, aged, strict=True))
    return _clip(total / math.fsum(weights))


def _change(
    aged: Sequence[tuple[timedelta, float]], window: timedelta
) -> tuple[float | None, float | None]:
    """The newer half of the window minus the older, and half of its 95 % interval's width.

    Messages of one talk share its mood, so twenty of them are not twenty pieces of evidence.
    Hence the window is cut into PIECES equal pieces (half a day each in a week), each that has
    messages counts once, by its mean, and the two halves' pieces are compared by Student's t with
    a pooled variance. Each half needs two pieces. Simulated with talks of about eight messages
    and no change of mood: counting each message finds one in 36 weeks of 100, this in 5, as a
    95 % interval should. The price is that more of the true changes stay unclear.
    """
    pieces: dict[int, list[float]] = {}
    for age, valence in aged:
        pieces.setdefault(min(age * PIECES // window, PIECES - 1), []).append(valence)
    newer = [statistics.fmean(found) for piece, found in pieces.items() if piece < PIECES // 2]
    older = [statistics.fmean(found) for piece, found in pieces.items() if piece >= PIECES // 2]
    if min(len(newer), len(older)) < 2:
        return None, None
    change = statistics.fmean(newer) - statistics.fmean(older)
    freedom = len(newer) + len(older) - 2
    squares = sum((len(half) - 1) * statistics.variance(half) for half in (newer, older))
    error = math.sqrt(squares / freedom * (1 / len(newer) + 1 / len(older)))
    return change, t_975(freedom) * error


def _clip(valence: float) -> float:
    return max(-1.0, min(1.0, valence))
