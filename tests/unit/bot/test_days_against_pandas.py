"""Days and weeks of moods against pandas, which counts them in its own way, in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.mood_picture import Stretch, running, weekly
from bot.own_days import OwnDays
from bot.trends import MIN_MESSAGES, Day, bucket_by_day
from tests.unit.bot.moods_at_random import (
    NOW,
    T_ERROR,
    ZONES,
    Points,
    for_all,
    histories,
    valences,
)

CLOCKS = st.sampled_from([OwnDays(), *(OwnDays(ZoneInfo(zone), zone) for zone in ZONES)])


# --- days


def expected_days(points: Points, zone: str) -> list[Day]:
    """The days as pandas counts them."""
    at = pd.DatetimeIndex(pd.to_datetime([at for at, _ in points], utc=True)).tz_convert(zone)
    said = pd.Series([valence for _, valence in points], index=at, dtype=float)
    by_day = said.groupby(at.date).agg(["count", "mean"])
    return [Day(day, int(row["count"]), row["mean"]) for day, row in by_day.iterrows()]  # type: ignore[arg-type]


@for_all
@given(
    st.lists(
        st.tuples(st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)), valences),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(ZONES),
)
def test_days_are_those_of_pandas_in_every_zone(said, zone):
    points = [(at.replace(tzinfo=UTC), valence) for at, valence in said]
    found = bucket_by_day(points, ZoneInfo(zone))
    known = expected_days(points, zone)
    assert [(day.date, day.n) for day in found] == [(day.date, day.n) for day in known]
    assert [day.mean for day in found] == pytest.approx([day.mean for day in known], abs=1e-12)


@pytest.mark.parametrize(
    ("zone", "day", "first", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00", 23),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00", 25),
        ("Europe/Berlin", date(2026, 10, 26), "2026-10-25T23:00", 24),
        # There midnight itself was skipped, and the hour before it came twice.
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00", 23),
        ("America/Sao_Paulo", date(2019, 2, 16), "2019-02-16T02:00", 25),
        ("America/Sao_Paulo", date(2026, 11, 1), "2026-11-01T03:00", 24),
        ("Asia/Kathmandu", date(2026, 3, 29), "2026-03-28T18:15", 24),
        # The clock is set by half an hour.
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00", 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30", 23.5),
    ],
)
def test_a_day_on_which_the_clock_is_set_has_all_its_hours(zone, day, first, hours):
    begins = datetime.fromisoformat(first).replace(tzinfo=UTC)
    ends = begins + timedelta(hours=hours)
    moment = timedelta(microseconds=1)
    within = [begins + timedelta(minutes=15 * n) for n in range(int(hours * 4))]
    points = [(at, 0.5) for at in (begins - moment, *within, ends - moment, ends)]
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    found = bucket_by_day(points, ZoneInfo(zone))
    assert [(one.date, one.n) for one in found] == [
        (before, 1), (day, len(within) + 1), (after, 1)
    ]  # fmt: skip
    assert found == expected_days(points, zone)


# --- the picture


def stretches_of(points: Points, own: OwnDays) -> pd.DataFrame:
    """The points in order, with the day that each is of."""
    frame = pd.DataFrame(points, columns=["at", "valence"])
    at = pd.DatetimeIndex(pd.to_datetime(frame["at"], utc=True)).tz_convert(own.name)
    frame["day"] = at.tz_localize(None).normalize()
    return frame.assign(at=at).sort_values("at", kind="stable").reset_index(drop=True)


def assert_stretch(found: Stretch, said: Any, first: Any, last: Any) -> None:
    margin = stats.t.ppf(0.975, len(said) - 1) * said.sem()
    assert (found.first, found.last, found.n) == (first.date(), last.date(), len(said))
    assert found.mean == pytest.approx(said.mean(), abs=1e-9)
    assert found.low == pytest.approx(max(-1, said.mean() - margin), abs=2 * T_ERROR)
    assert found.high == pytest.approx(min(1, said.mean() + margin), abs=2 * T_ERROR)


@for_all
@given(histories, CLOCKS)
def test_a_running_mean_is_of_the_week_it_ends_or_of_the_last_five(points, own):
    found = running(points, own)
    frame = stretches_of(points, own) if points else pd.DataFrame({"day": []})
    known = []
    for day in sorted(set(frame["day"])):
        up_to = frame[frame["day"] <= day]
        week = up_to[up_to["day"] > day - pd.Timedelta(days=7)]
        said = week if len(week) >= MIN_MESSAGES else up_to.tail(MIN_MESSAGES)
        if len(said) == max(len(week), MIN_MESSAGES):
            known.append((said["valence"], said["day"].iloc[0], day))
    assert len(found) == len(known)
    for one, (said, first, last) in zip(found, known, strict=True):
        assert_stretch(one, said, first, last)


@for_all
@given(histories, CLOCKS)
def test_a_bucket_is_of_as_many_weeks_as_hold_enough_and_the_rest_goes_to_the_last(points, own):
    points = [(min(at, NOW), valence) for at, valence in points]
    today = own.day(NOW)
    found = weekly(points, today, own)
    if len(points) < MIN_MESSAGES:
        assert found == []
        return
    frame = stretches_of(points, own)
    weeks = frame.groupby(frame["day"].dt.to_period("W-SUN"))
    bucket, number = {}, 0
    for week, said in weeks:
        bucket[week] = number
        held = sum(len(weeks.get_group(w)) for w, n in bucket.items() if n == number)
        number += held >= MIN_MESSAGES
        del said
    full = max(number - 1, 0)
    of_week = frame["day"].dt.to_period("W-SUN").map(bucket).clip(upper=full)
    known = list(frame.groupby(of_week))
    assert len(found) == len(known)
    for one, (_, said) in zip(found, known, strict=True):
        sunday = said["day"].iloc[-1].to_period("W-SUN").end_time
        last = min(sunday, pd.Timestamp(today))
        assert_stretch(one, said["valence"], said["day"].iloc[0], last)
