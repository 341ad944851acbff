"""Which means the picture shows: none of too few messages, days in UTC, whole weeks."""

from __future__ import annotations

import io
import statistics
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from bot import calendar_chart
from bot.charts import mood_png
from bot.mood_picture import running, weekly
from bot.own_days import OwnDays, own_days
from bot.trends import MIN_MESSAGES, Day, band, bucket_by_day, summarise
from storage.records import Preferences

SUNDAY = datetime(2026, 3, 29, 12, tzinfo=UTC)
TODAY = SUNDAY.date()
BLUE, ORANGE, PAPER = (0, 114, 178), (213, 94, 0), (255, 255, 255)

histories = st.lists(
    st.tuples(st.integers(0, 29), st.floats(-1, 1)), min_size=MIN_MESSAGES, max_size=40
)


def at(days_ago: float, valence: float = 0.2) -> tuple[datetime, float]:
    return SUNDAY - timedelta(days=days_ago), valence


@given(histories)
def test_every_mean_is_of_enough_messages_and_within_its_band(history):
    points = [at(days, valence) for days, valence in history]
    for stretches in (running(points), weekly(points, TODAY)):
        assert stretches
        assert all(one.n >= MIN_MESSAGES for one in stretches)
        assert all(-1 <= one.low <= one.mean <= one.high <= 1 for one in stretches)
        assert [one.last for one in stretches] == sorted({one.last for one in stretches})
        assert stretches[-1].last <= TODAY


@given(histories)
def test_a_running_mean_is_of_the_week_or_of_the_last_five(history):
    points = sorted(at(days, valence) for days, valence in history)
    for one in running(points):
        before = [(when.date(), v) for when, v in points if when.date() <= one.last]
        week = [v for day, v in before if (one.last - day).days < 7]
        expected = max(week, [v for _, v in before[-MIN_MESSAGES:]], key=len)
        assert one.n == len(expected)
        assert one.mean == pytest.approx(statistics.fmean(expected))


@given(histories)
def test_each_message_is_in_one_week_bucket(history):
    points = [at(days, valence) for days, valence in history]
    stretches = weekly(points, TODAY)
    assert sum(one.n for one in stretches) == len(points)
    for one, other in pairwise(stretches):
        assert one.last.weekday() == 6
        assert one.last < other.first


def test_a_quiet_week_goes_to_the_next_and_the_rest_to_the_last():
    ago = [20, 19, 18, 12, 11, 5, 5, 4, 3, 2, 0]
    assert [(one.first, one.last, one.n) for one in weekly([at(d) for d in ago], TODAY)] == [
        (date(2026, 3, 9), date(2026, 3, 22), 5),
        (date(2026, 3, 24), TODAY, 6),
    ]
    few = [*(at(9 + d / 10) for d in range(5)), at(1)]
    assert [(one.last, one.n) for one in weekly(few, TODAY)] == [(TODAY, 6)]


def test_days_are_those_of_utc():
    east = timezone(timedelta(hours=8))
    points = [(datetime(2026, 3, 29, 7, minute, tzinfo=east), 0.1) for minute in range(5)]
    assert [one.last for one in running(points)] == [date(2026, 3, 28)]


def test_days_are_those_of_the_persons_own_clock_once_they_told_it():
    berlin = own_days(Preferences(zone="Europe/Berlin"))
    spring = [datetime(2026, 3, 28, 23, minute, tzinfo=UTC) for minute in range(5)]
    points = [(when, 0.1) for when in spring]
    assert [one.last for one in running(points)] == [date(2026, 3, 28)]
    assert [one.last for one in running(points, berlin)] == [date(2026, 3, 29)]
    assert [one.first for one in weekly(points, TODAY, berlin)] == [date(2026, 3, 29)]
    assert berlin.name == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["", "Nowhere/Atall", "../secrets", "not a zone"])
def test_without_a_zone_that_this_machine_knows_days_are_those_of_utc(zone):
    assert own_days(Preferences(zone=zone)) == OwnDays(UTC, "UTC")


def test_the_band_is_that_of_the_trend():
    valences = [-0.9, -0.5, -0.4, -0.6, -0.2, 0.1]
    trend = summarise([at(0, valence) for valence in valences], SUNDAY, 7)
    assert trend is not None
    assert band(valences) == (trend.mean, trend.low, trend.high)


# --- the calendar


def drawn(days: list[Day], length: int = 30) -> bytes:
    return mood_png(days, [], TODAY - timedelta(days=length), TODAY)


def colours(png: bytes) -> set[tuple[int, ...]]:
    pixels = (imread(io.BytesIO(png), format="png") * 255).round().astype(int)
    assert (pixels[:, :, 3] == 255).all()
    return {tuple(map(int, c)) for c in np.unique(pixels[:, :, :3].reshape(-1, 3), axis=0)}


def test_bright_days_are_blue_and_low_ones_orange_on_opaque_paper():
    found = colours(drawn([Day(TODAY, 5, 1.0), Day(TODAY - timedelta(days=8), 5, -1.0)]))
    assert {BLUE, ORANGE, PAPER} <= found
    assert not {BLUE, ORANGE} & colours(drawn([Day(TODAY, 5, 0.0)]))


@pytest.mark.parametrize(
    ("mean", "sign"), [(0.15, "+"), (0.14, "0"), (-0.14, "0"), (-0.15, "−"), (1.0, "+")]
)
def test_a_sign_says_without_colour_what_the_colour_says(mean, sign):
    assert calendar_chart.sign(mean) == sign


def test_a_day_of_one_message_is_drawn_smaller_than_one_of_five():
    def blue(n: int) -> int:
        pixels = (imread(io.BytesIO(drawn([Day(TODAY, n, 1.0)]))) * 255).round()[:, :, :3]
        return int((pixels == BLUE).all(axis=2).sum())

    assert blue(1) * 2 < blue(5) == blue(9)


@pytest.mark.parametrize("length", [1, 6, 7, 13, 30])
def test_it_is_small_and_the_same_each_time(length):
    points = [at(days, 0.5) for days in range(length + 1) for _ in range(3)]
    days = bucket_by_day(points, UTC)
    first = TODAY - timedelta(days=length)
    png = mood_png(days, running(points), first, TODAY)
    assert png == mood_png(days, running(points), first, TODAY)
    assert len(png) < 200_000
