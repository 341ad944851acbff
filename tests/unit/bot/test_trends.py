"""The mathematics of moods: properties that hold for every history, and some histories by hand."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.trends import (
    MATTERS,
    MIN_MESSAGES,
    STEADY_WITHIN,
    Day,
    Direction,
    Trend,
    bucket_by_day,
    summarise,
    t_975,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
SWAPPED = {Direction.RISING: Direction.FALLING, Direction.FALLING: Direction.RISING}

valences = st.floats(-1, 1, allow_subnormal=False)
ages = st.integers(-86_400, 40 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
histories = st.lists(st.tuples(ages.map(lambda age: NOW - age), valences), max_size=30)
for_all = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
windows = st.sampled_from([1, 7, 30])


def days_ago(*pairs: tuple[float, float]) -> list[tuple[datetime, float]]:
    return [(NOW - timedelta(days=age), valence) for age, valence in pairs]


def daily(valence_of, days: int = 7) -> list[tuple[datetime, float]]:
    return days_ago(*((age + 0.5, valence_of(age)) for age in range(days)))


def known(points, days: int = 7) -> Trend:
    trend = summarise(points, NOW, days)
    assert trend is not None
    return trend


# --- for every history


@for_all
@given(histories, windows)
def test_a_trend_stays_within_its_bounds(points, days):
    trend = summarise(points, NOW, days)
    inside = [valence for at, valence in points if NOW - at <= timedelta(days=days)]
    if len(inside) < MIN_MESSAGES:
        assert trend is None
        return
    assert trend is not None
    assert (trend.days, trend.n) == (days, len(inside))
    assert -1 <= trend.low <= trend.mean <= trend.high <= 1
    assert min(inside) - 1e-12 <= trend.level <= max(inside) + 1e-12
    assert 0 <= trend.deviation <= 2
    assert (trend.change is None) == (trend.change_margin is None)
    if trend.change is not None and trend.change_margin is not None:
        assert -2 <= trend.change <= 2
        assert trend.change_margin >= 0


@for_all
@given(histories, windows, st.randoms())
def test_the_order_of_messages_does_not_matter(points, days, random):
    shuffled = list(points)
    random.shuffle(shuffled)
    assert summarise(shuffled, NOW, days) == summarise(points, NOW, days)


@for_all
@given(histories, windows)
def test_the_opposite_mood_gives_the_mirrored_trend(points, days):
    trend = summarise(points, NOW, days)
    mirrored = summarise([(at, -valence) for at, valence in points], NOW, days)
    if trend is None or mirrored is None:
        assert trend is mirrored
        return
    assert (mirrored.mean, mirrored.level) == (-trend.mean, -trend.level)
    assert (mirrored.low, mirrored.high) == (-trend.high, -trend.low)
    assert (mirrored.deviation, mirrored.change_margin) == (trend.deviation, trend.change_margin)
    assert mirrored.change == (None if trend.change is None else -trend.change)
    assert mirrored.direction == SWAPPED.get(trend.direction, trend.direction)


@for_all
@given(
    histories,
    windows,
    st.timedeltas(timedelta(-5000), timedelta(5000)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai"]),
)
def test_moving_every_time_with_now_or_to_another_zone_changes_nothing(points, days, shift, zone):
    tz = ZoneInfo(zone)
    moved = [((at + shift).astimezone(tz), valence) for at, valence in points]
    later = (NOW + shift).astimezone(tz)
    assert summarise(moved, later, days) == summarise(points, NOW, days)


@for_all
@given(st.lists(ages, min_size=MIN_MESSAGES, max_size=40), valences)
def test_a_mood_that_never_differs_is_steady_where_two_halves_can_be_compared(some_ages, valence):
    trend = summarise([(NOW - age, valence) for age in some_ages], NOW, 50)
    assert trend is not None
    assert trend.deviation == 0
    assert trend.low == trend.mean == trend.high == pytest.approx(valence)
    if trend.change is None:  # one half holds too little to compare
        assert trend.direction is Direction.UNCLEAR
    else:
        assert (trend.change, trend.change_margin) == (0, 0)
        assert trend.direction is Direction.STEADY


@for_all
@given(histories, windows)
def test_a_word_is_only_given_with_evidence(points, days):
    trend = summarise(points, NOW, days)
    if trend is None:
        return
    if trend.change is None or trend.change_margin is None:
        assert trend.direction is Direction.UNCLEAR
    elif trend.direction in SWAPPED:
        assert abs(trend.change) >= MATTERS
        assert abs(trend.change) > trend.change_margin
        assert (trend.change > 0) == (trend.direction is Direction.RISING)
    elif trend.direction is Direction.STEADY:
        assert abs(trend.change) + trend.change_margin <= STEADY_WITHIN


@for_all
@given(histories, st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]))
def test_days_hold_every_message_once_in_order(points, zone):
    buckets = bucket_by_day(points, ZoneInfo(zone))
    assert sum(day.n for day in buckets) == len(points)
    assert [day.date for day in buckets] == sorted({day.date for day in buckets})
    assert all(-1 <= day.mean <= 1 for day in buckets)


# --- histories by hand


def test_mean_deviation_and_band_are_those_of_the_book():
    trend = known(days_ago((1, 0.1), (2, 0.3), (3, -0.2), (4, 0.4), (5, 0.4)))
    assert trend.mean == pytest.approx(0.2)
    assert trend.deviation == pytest.approx(math.sqrt(0.26 / 4))
    margin = 2.7764451052 * math.sqrt(0.26 / 4) / math.sqrt(5)
    assert trend.low == pytest.approx(0.2 - margin)
    assert trend.high == pytest.approx(0.2 + margin)


def test_a_message_weighs_half_after_one_half_life():
    points = days_ago((0, 1.0), (3, -1.0), (3, -1.0), (6, 1.0), (6, 1.0))
    assert known(points).level == pytest.approx((1 - 2 * 0.5 + 2 * 0.25) / (1 + 1 + 0.5))


def test_the_shortest_half_life_leaves_the_newest_message():
    trend = summarise(daily(lambda age: 0.5 if age == 0 else -0.5), NOW, 7, half_life_days=1e-9)
    assert trend is not None
    assert trend.level == 0.5


def test_a_better_half_is_rising_and_a_worse_one_falling():
    better = daily(lambda age: 0.4 - 0.15 * age)
    worse = daily(lambda age: -0.4 + 0.15 * age)
    assert known(better).direction is Direction.RISING
    assert known(worse).direction is Direction.FALLING


def test_a_sure_change_that_is_too_small_to_matter_is_steady():
    trend = known(daily(lambda age: (0.1 if age < 3 else 0.0) + 0.01 * (age % 2)))
    assert trend.change is not None
    assert trend.change_margin is not None
    assert abs(trend.change) > trend.change_margin
    assert trend.direction is Direction.STEADY


def test_a_restless_week_is_unclear():
    trend = known(daily(lambda age: 0.9 if age % 2 else -0.9))
    assert trend.direction is Direction.UNCLEAR


def test_one_bad_evening_is_no_falling_mood_however_much_was_said():
    calm = daily(lambda age: 0.3 + 0.1 * (age % 3))
    evening = [(NOW - timedelta(minutes=m), -0.8) for m in range(40)]
    assert known(calm + evening).direction is Direction.UNCLEAR


def test_messages_of_one_evening_show_no_change():
    trend = known(days_ago(*((0.01 * i, 0.1 * i) for i in range(10))))
    assert (trend.change, trend.change_margin) == (None, None)
    assert trend.direction is Direction.UNCLEAR


def test_the_window_ends_at_its_edge_and_a_fast_clock_counts_as_now():
    edge = days_ago((7, 0.1), (7.0001, -1), (-2, 0.1), (0, 0.1), (1, 0.1))
    assert summarise(edge, NOW, 7) is None
    assert known([*edge, *days_ago((2, 0.6))]).n == MIN_MESSAGES
    ahead, present = days_ago((-2, 0.5)), days_ago((0, 0.5))
    calm = daily(lambda age: 0.1 * age)
    assert summarise(calm + ahead, NOW, 7) == summarise(calm + present, NOW, 7)


def test_days_are_those_of_the_zone():
    points = [
        (datetime(2026, 3, 30, 15, 59, tzinfo=UTC), -0.5),
        (datetime(2026, 3, 30, 16, 0, tzinfo=UTC), 0.5),
        (datetime(2026, 3, 30, 17, 0, tzinfo=UTC), 1.0),
    ]
    assert bucket_by_day(points, ZoneInfo("Asia/Shanghai")) == [
        Day(date(2026, 3, 30), 1, -0.5),
        Day(date(2026, 3, 31), 2, 0.75),
    ]


@pytest.mark.parametrize("valence", [1.01, -2.0, math.nan, math.inf])
def test_a_valence_off_the_scale_is_refused(valence):
    with pytest.raises(ValueError, match="valence"):
        summarise([(NOW, valence)], NOW, 7)


def test_a_time_without_a_zone_and_a_window_of_nothing_are_refused():
    with pytest.raises(ValueError, match="zone"):
        summarise([(NOW.replace(tzinfo=None), 0.0)], NOW, 7)
    with pytest.raises(ValueError, match="above 0"):
        summarise([], NOW, 0)
    with pytest.raises(ValueError, match="above 0"):
        summarise([], NOW, 7, half_life_days=0)


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    # scipy.stats.t.ppf(0.975, freedom)
    [
        (1, 12.706204736174694),
        (2, 4.302652729749462),
        (4, 2.7764451051977934),
        (9, 2.262157162798205),
        (10, 2.228138851986274),
        (12, 2.1788128296672284),
        (30, 2.0422724563012378),
        (100, 1.9839715185235518),
        (100000, 1.9599877075346095),
    ],
)
def test_the_quantile_of_student_is_right_to_five_digits(freedom, quantile):
    assert t_975(freedom) == pytest.approx(quantile, abs=1e-5)
