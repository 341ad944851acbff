"""When a time of the day comes next on somebody's clock, and when that clock says night.

Knows: time zones, with hours that are skipped or come twice. Pure. Does not know: what happens
then. A minute is one of the local day, 0 to 1439; a zone is named as `bot.servers.zone_name` does.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.servers import zone_of

NIGHT_FROM, NIGHT_TO = 22 * 60, 8 * 60
"""From and to which minute nobody is written to first."""

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def next_time(minute: int, zone: str, after: datetime) -> datetime:
    """The next moment, later than `after` (aware), at which a clock there first shows that minute.

    In UTC. An hour that comes twice counts once, where it first comes; of a day on which the clock
    skips that minute it is the first moment beyond it.
    """
    where = zone_of(zone)
    day = after.astimezone(where).date() - _DAY
    while (at := _first(day, minute, where)) <= after:
        day += _DAY
    return at


def at_night(minute: int) -> bool:
    """Whether that minute of a day is for sleeping."""
    return minute >= NIGHT_FROM or minute < NIGHT_TO


def minute_of(at: datetime, zone: str) -> int:
    """Which minute a clock there shows at a time (aware)."""
    clock = at.astimezone(zone_of(zone))
    return clock.hour * 60 + clock.minute


def day_of(at: datetime, zone: str) -> date:
    """Which day it is there at a time (aware)."""
    return at.astimezone(zone_of(zone)).date()


def begin_of(day: date, zone: str) -> datetime:
    """The first moment of a day there, in UTC."""
    return _first(day, 0, zone_of(zone))


def in_words(minute: int) -> str:
    """A minute as a clock shows it: "20:05"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _first(day: date, minute: int, where: tzinfo) -> datetime:
    """When a clock there first shows that minute of that day, or a later one."""
    wanted = datetime.combine(day, time(*divmod(minute, 60)), where)
    first, second = (wanted.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first
    # A gap: its fold 0 counts on by the clock before it, and comes out behind the leap.
    before = wanted.utcoffset()
    while first - second > _SECOND:
        middle = second + (first - second) // 2
        if middle.astimezone(where).utcoffset() == before:
            second = middle
        else:
            first = middle
    return first.replace(microsecond=0)
