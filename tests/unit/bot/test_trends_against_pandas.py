"""The mathematics of moods against pandas and scipy, which compute it in their own ways.

Only what a number is, not which word it gets: that is in `test_trends`.
"""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.mood_picture import running, weekly
from bot.trends import MIN_MESSAGES, PIECES, Trend, summarise, t_975
from tests.fake_store import MemoryStore
from tests.fakes import felt
from tests.unit.bot.moods_at_random import (
    NOW,
    T_ERROR,
    WEEK,
    ZONES,
    Points,
    edges,
    for_all,
    histories,
    valences,
)


def frame_of(points: Points, now: datetime = NOW) -> pd.DataFrame:
    """The points by age, a column each: `age` in microseconds, and `valence`."""
    at = pd.DatetimeIndex(pd.to_datetime([at for at, _ in points], utc=True)).as_unit("us")
    age = (pd.Timestamp(now).as_unit("us") - at).to_numpy().astype("int64").clip(0)
    valence = [valence for _, valence in points]
    frame = pd.DataFrame({"age": age, "valence": np.array(valence, dtype=float)})
    return frame.sort_values("age", ascending=False, kind="stable")


def expected(points: Points, days: int, now: datetime = NOW) -> dict[str, Any] | None:
    """A trend as pandas and scipy have it; None for too few messages."""
    window = int(pd.Timedelta(days=days) / pd.Timedelta(microseconds=1))
    frame = frame_of(points, now).query("age <= @window")
    if len(frame) < MIN_MESSAGES:
        return None
    said: Any = frame["valence"]
    band = said.iloc[0], said.iloc[0]
    if said.nunique() > 1:
        band = stats.t.interval(0.95, len(said) - 1, said.mean(), said.sem())
    times = pd.Timestamp(now) - pd.to_timedelta(frame["age"], unit="us")
    level = said.ewm(halflife="3D", times=pd.DatetimeIndex(times)).mean().iloc[-1]
    change, margin = expected_change(frame, window)
    return {
        "n": len(said),
        "mean": said.mean(),
        "deviation": said.std(ddof=1),
        "low": max(-1, band[0]),
        "high": min(1, band[1]),
        "level": level,
        "change": change,
        "change_margin": margin,
    }


def expected_change(frame: pd.DataFrame, window: int) -> tuple[float | None, float | None]:
    """The means of pieces, newer against older, by scipy's t-test of two samples."""
    piece = (frame["age"] * PIECES // window).clip(upper=PIECES - 1)
    means = frame["valence"].groupby(piece).mean()
    newer, older = means[means.index < PIECES // 2], means[means.index >= PIECES // 2]
    if min(len(newer), len(older)) < 2:
        return None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scipy, where nothing differs
        test = stats.ttest_ind(newer, older, equal_var=True)
        low, high = test.confidence_interval(0.95)
    change = float(newer.mean() - older.mean())
    return change, 0.0 if np.isnan(high) else float(high - low) / 2


def assert_same(found: Trend | None, known: dict[str, Any] | None) -> None:
    assert (found is None) == (known is None)
    if found is None or known is None:
        return
    # A band is as far off as the quantile times a standard error, which is 1 or less.
    near = dict.fromkeys(("low", "high", "change_margin"), 2 * T_ERROR)
    for name, value in known.items():
        told = getattr(found, name)
        if value is None:
            assert told is None, name
        else:
            assert told == pytest.approx(value, abs=near.get(name, 1e-9)), name


# --- trends


@for_all
@given(histories, st.sampled_from([1, 7, 30]))
def test_every_number_of_a_trend_is_that_of_pandas_and_scipy(points, days):
    assert_same(summarise(points, NOW, days), expected(points, days))


@for_all
@given(st.lists(st.tuples(edges, valences), min_size=MIN_MESSAGES, max_size=30))
def test_so_it_is_for_messages_on_the_edges_of_the_window_and_its_pieces(said):
    points = [(NOW - age, valence) for age, valence in said]
    assert_same(summarise(points, NOW, 7), expected(points, 7))


def test_the_edge_of_the_window_is_in_it_and_a_microsecond_before_is_not():
    points = [(NOW - WEEK + timedelta(hours=n), 0.1 * n) for n in range(MIN_MESSAGES)]
    found = summarise(points, NOW, 7)
    assert found is not None
    assert_same(found, expected(points, 7))
    early = [(points[0][0] - timedelta(microseconds=1), 0.0), *points[1:]]
    assert summarise(early, NOW, 7) is None
    assert expected(early, 7) is None


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_a_window_is_of_whole_hours_also_where_the_clock_is_set(zone, month):
    now = datetime(2018, month, 20, 0, 30, tzinfo=ZoneInfo(zone))
    points = [
        ((now.astimezone(UTC) - timedelta(hours=9 * n)).astimezone(now.tzinfo), (n % 7 - 3) / 3)
        for n in range(90)
    ]
    for days in (7, 30):
        assert_same(summarise(points, now, days), expected(points, days, now))
        assert summarise(points, now, days) == summarise(points, now.astimezone(UTC), days)


@for_all
@given(histories, st.floats(0.01, 400))
def test_the_level_is_pandas_exponentially_weighted_mean_for_every_half_life(points, half_life):
    found = summarise(points, NOW, 30, half_life)
    if found is None:
        return
    frame = frame_of(points).query("age <= 2_592_000_000_000")
    weights = np.exp2(-(frame["age"] - frame["age"].min()) / 86_400e6 / half_life)
    assert found.level == pytest.approx(np.average(frame["valence"], weights=weights), abs=1e-9)


def test_students_quantile_is_scipys_for_every_number_of_messages():
    freedom = np.array([*range(1, 3000), 10_000, 100_000, 1_000_000])
    found = np.array([t_975(int(n)) for n in freedom])
    assert np.abs(found - stats.t.ppf(0.975, freedom)).max() < T_ERROR


@pytest.mark.parametrize("points", [[], [(NOW - timedelta(days=8), 0.5)] * 50, [(NOW, 0.5)] * 4])
def test_an_empty_window_and_one_of_too_few_say_nothing(points):
    assert summarise(points, NOW, 7) is None
    assert expected(points, 7) is None
    assert len(running(points)) == len(weekly(points, NOW.date())) == (len(points) == 50)


def test_nothing_differs_and_yet_one_evening_alone_shows_no_change():
    """A corrected message is exactly -1, 0 or 1, so this happens; found by the test above."""
    evening = [(NOW - timedelta(minutes=n), -1.0) for n in range(9)]
    found = summarise(evening, NOW, 7)
    assert found is not None
    assert (found.deviation, found.change, found.change_margin) == (0, None, None)
    assert found.direction == "unclear"


async def test_what_is_corrected_late_counts_as_it_was_meant():
    store = MemoryStore()
    for n in range(40):
        await felt(store, (n % 9 - 4) / 4, days_ago=0.5 + 0.7 * n)
    since = datetime.now(UTC) - timedelta(days=365)
    readings = await store.readings("console", "ann", since)
    for reading in readings[::3]:
        assert await store.correct("console", "ann", reading.turn_id, "negative", -1.0)
    now = datetime.now(UTC)
    meant = [
        (one.at, -1.0 if number % 3 == 0 else one.valence) for number, one in enumerate(readings)
    ]
    for corrected, known in ((True, meant), (False, [(one.at, one.valence) for one in readings])):
        moods = await store.moods("console", "ann", since, corrected=corrected)
        points = [(mood.at, mood.valence) for mood in moods]
        for days in (7, 30):
            assert_same(summarise(points, now, days), expected(known, days, now))
