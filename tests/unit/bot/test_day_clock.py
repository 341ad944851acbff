"""When a time of the day comes next: whole days of a clock, walked through step by step."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.day_clock import at_night, begin_of, day_of, in_words, minute_of, next_time
from bot.servers import zone_of

ZONES = (
    "UTC", "UTC+05:45", "UTC-09:30", "Europe/Berlin", "Europe/London", "Europe/Dublin",
    "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Africa/Casablanca", "Asia/Tehran",
    "Asia/Shanghai", "Asia/Kolkata", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Apia",
    "Pacific/Chatham", "Antarctica/Troll",
)  # fmt: skip
"""With leaps of half an hour, of two hours, at midnight, and of a whole day (Apia, 2011)."""

STEP = timedelta(minutes=5)
zones = st.sampled_from(ZONES)
minutes = st.integers(0, 1439)
days = st.dates(date(1990, 1, 2), date(2035, 12, 30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walked(minute: int, zone: str, after: datetime) -> datetime:
    """By looking at the clock every STEP: when one of its days first shows that, or more."""
    where = zone_of(zone)
    begin = after.replace(second=0, microsecond=0) - timedelta(days=2)
    seen: dict[date, datetime] = {}
    for step in range(5 * 288):
        now = begin + step * STEP
        shown = now.astimezone(where).replace(tzinfo=None)
        for day in (shown.date() - timedelta(days=1), shown.date()):
            if day not in seen and shown >= datetime.combine(day, time(*divmod(minute, 60))):
                seen[day] = now
    # The walk begins in the middle of a day, of which it cannot tell the first time.
    first = begin.astimezone(where).date()
    return min(found for day, found in seen.items() if found > after and day > first)


@given(minutes, zones, days, minutes)
def test_it_is_what_the_clock_shows_and_comes_after(minute, zone, day, now):
    after = datetime.combine(day, time(*divmod(now, 60)), UTC)
    found = next_time(minute, zone, after)
    assert after < found <= after + timedelta(days=2, hours=1)
    assert found.tzinfo is UTC
    shown = found.astimezone(zone_of(zone))
    skipped = (found - timedelta(seconds=1)).astimezone(zone_of(zone)).utcoffset()
    assert minute_of(found, zone) == minute or skipped != shown.utcoffset()


@given(minutes, zones, days)
def test_one_day_has_it_once(minute, zone, day):
    found = [datetime.combine(day, time(), UTC)]
    for _ in range(4):
        found.append(next_time(minute, zone, found[-1]))
    gaps = {later - earlier for earlier, later in pairwise(found[1:])}
    assert all(timedelta(hours=20) <= gap <= timedelta(hours=49) for gap in gaps)
    where = [one.astimezone(zone_of(zone)).date() for one in found[1:]]
    assert where == sorted(where)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", "2026-03-29"),
        ("Europe/Berlin", "2026-10-25"),
        ("Australia/Lord_Howe", "2026-10-04"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("America/Sao_Paulo", "2018-11-04"),
        ("America/Sao_Paulo", "2018-02-18"),
    ],
)
@pytest.mark.parametrize("minute", [0, 30, 120, 150, 1200, 1410])
def test_a_walk_through_the_days_of_a_change_finds_the_same(zone, day, minute):
    for hours in (-3, 0, 1, 24):
        after = at(day) + timedelta(hours=hours)
        assert next_time(minute, zone, after) == walked(minute, zone, after)


def test_a_skipped_time_is_the_first_minute_after_the_gap():
    # 02:00 to 03:00 was left out in Berlin that night: at 01:00 UTC it was 03:00.
    assert next_time(150, "Europe/Berlin", at("2026-03-28T12:00")) == at("2026-03-29T01:00")
    assert next_time(150, "Europe/Berlin", at("2026-03-29T01:00")) == at("2026-03-30T00:30")


def test_a_repeated_time_comes_where_it_is_first_and_not_again():
    # 02:00 to 03:00 came twice: at 00:30 UTC and at 01:30 UTC it was 02:30.
    assert next_time(150, "Europe/Berlin", at("2026-10-24T12:00")) == at("2026-10-25T00:30")
    assert next_time(150, "Europe/Berlin", at("2026-10-25T00:30")) == at("2026-10-26T01:30")
    assert next_time(150, "Europe/Berlin", at("2026-10-25T01:00")) == at("2026-10-26T01:30")


def test_a_whole_day_that_was_skipped_has_its_time_at_the_end_of_the_gap():
    # Samoa went from the end of 29 December to the beginning of 31 December.
    found = next_time(1200, "Pacific/Apia", at("2011-12-30T07:00"))
    assert found == at("2011-12-30T10:00") == begin_of(date(2011, 12, 31), "Pacific/Apia")
    assert next_time(1200, "Pacific/Apia", found) == at("2011-12-31T06:00")


def test_eight_in_the_evening_stays_so_in_summer_and_winter():
    assert next_time(1200, "Europe/Berlin", at("2026-03-28T19:00")) == at("2026-03-29T18:00")
    assert next_time(1200, "Europe/Berlin", at("2026-10-24T18:00")) == at("2026-10-25T19:00")


def test_the_moment_itself_is_over():
    assert next_time(1200, "UTC", at("2026-01-01T20:00")) == at("2026-01-02T20:00")
    assert next_time(1200, "UTC", at("2026-01-01T19:59")) == at("2026-01-01T20:00")


@pytest.mark.parametrize(
    ("minute", "night"),
    [(0, True), (479, True), (480, False), (1319, False), (1320, True), (1439, True)],
)
def test_night_is_from_22_to_8(minute, night):
    assert at_night(minute) is night


def test_a_day_and_a_minute_are_those_of_the_place():
    moment = at("2026-01-01T23:30")
    assert (day_of(moment, "Asia/Shanghai"), minute_of(moment, "Asia/Shanghai")) == (
        date(2026, 1, 2),
        450,
    )
    assert begin_of(date(2026, 1, 2), "UTC+08:00") == at("2026-01-01T16:00")


@pytest.mark.parametrize(("minute", "words"), [(0, "00:00"), (485, "08:05"), (1200, "20:00")])
def test_a_minute_in_words(minute, words):
    assert in_words(minute) == words
