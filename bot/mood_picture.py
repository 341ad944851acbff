"""The picture of a person's mood: which means it shows, and its words for who cannot see it.

Knows: days and weeks, how many messages a mean needs. Does not know: how it is drawn
(`bot.charts`), whose it is, on which clock the days are (`bot.own_days`). Up to MOST_DAYS_BY_DAY
days, a calendar and a line of running means; beyond that, a line of weeks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from adapters.messages import File
from bot import charts
from bot.command import Context
from bot.own_days import OwnDays
from bot.trends import MIN_MESSAGES, Point, band, bucket_by_day

MOST_DAYS_BY_DAY = 30
RUNNING_DAYS = 7
"""The mean of a day is that of the week it ends, or of as many days as hold MIN_MESSAGES."""

UTC_DAYS = OwnDays()

_Said = tuple[date, float]
"""On which day, and its valence."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The messages of some days, MIN_MESSAGES or more: their mean with its 95 % band."""

    first: date
    last: date
    n: int
    mean: float
    low: float
    high: float


async def drawn(
    context: Context, points: Sequence[Point], now: datetime, days: int, own: OwnDays
) -> File:
    """The picture of the `days` before `now`, drawn beside the loop. MIN_MESSAGES are there.

    A point after `now` (a clock that runs fast) counts as said now, as in `bot.trends`.
    """
    points = [(min(at, now), valence) for at, valence in points]
    today = own.day(now)
    first = today - timedelta(days=days)
    by_day = days <= MOST_DAYS_BY_DAY
    stretches = running(points, own) if by_day else weekly(points, today, own)

    def draw() -> bytes:
        if by_day:
            return charts.mood_png(bucket_by_day(points, own.zone), stretches, first, today)
        return charts.trend_png(stretches, first, today)

    means = [stretch.mean for stretch in stretches]
    caption = context.say(
        "mood_picture_days" if by_day else "mood_picture_weeks",
        first=first,
        last=today,
        zone=own.name,
        begin=means[0],
        end=means[-1],
        lowest=min(means),
        highest=max(means),
    )
    return File(f"mood-{today}.png", await asyncio.to_thread(draw), "image/png", caption)


def running(points: Sequence[Point], own: OwnDays = UTC_DAYS) -> list[Stretch]:
    """For each day with messages the mean of the days up to it, once there are enough."""
    said = _by_time(points, own)
    found = []
    for end, (day, _) in enumerate(said, start=1):
        if end < len(said) and said[end][0] == day:
            continue  # not the day's last message
        begin = next(i for i, (other, _) in enumerate(said) if (day - other).days < RUNNING_DAYS)
        begin = min(begin, max(0, end - MIN_MESSAGES))
        if end - begin >= MIN_MESSAGES:
            found.append(_stretch(said[begin:end], day))
    return found


def weekly(points: Sequence[Point], today: date, own: OwnDays = UTC_DAYS) -> list[Stretch]:
    """Whole weeks from Monday on, as many together as hold enough; the rest goes to the last."""
    said = _by_time(points, own)
    cuts = [0]
    for end in range(1, len(said) + 1):
        week_ends = end == len(said) or _monday(said[end][0]) > _monday(said[end - 1][0])
        if week_ends and end - cuts[-1] >= MIN_MESSAGES:
            cuts.append(end)
    cuts[-1] = len(said)
    return [
        _stretch(said[begin:end], min(today, _monday(said[end - 1][0]) + timedelta(days=6)))
        for begin, end in pairwise(cuts)
    ]


def _by_time(points: Sequence[Point], own: OwnDays) -> list[_Said]:
    # By the day first: a clock that is set back, or a move, never turns two days around.
    in_order = sorted(points, key=lambda point: (own.day(point[0]), point[0]))
    return [(own.day(at), valence) for at, valence in in_order]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _stretch(said: Sequence[_Said], last: date) -> Stretch:
    mean, low, high = band([valence for _, valence in said])
    return Stretch(said[0][0], last, len(said), mean, low, high)
