"""Where the lines of the picture lie."""

from __future__ import annotations

from datetime import date, timedelta

from adapters.admin.chart import BOTTOM, LEFT, RIGHT, TOP, chart_of
from adapters.admin.dashboard import Stretch

FIRST = date(2026, 11, 1)


def stretch(day: int, mean: float) -> Stretch:
    at = FIRST + timedelta(days=day)
    return Stretch(at, at, mean, max(mean - 0.2, -1), min(mean + 0.2, 1))


def test_higher_means_lie_higher_and_later_days_further_right():
    chart = chart_of(
        [stretch(0, -1.0), stretch(4, 0.0), stretch(8, 1.0)], FIRST, FIRST + timedelta(8)
    )
    (run,) = chart.runs
    assert [dot.y for dot in run.dots] == [BOTTOM, (TOP + BOTTOM) / 2, TOP]
    xs = [dot.x for dot in run.dots]
    assert xs == sorted(xs)
    assert LEFT <= xs[0] < xs[-1] <= RIGHT
    assert all(dot.high <= dot.y <= dot.low for dot in run.dots)


def test_no_line_is_drawn_over_a_long_gap():
    chart = chart_of(
        [stretch(0, 0.1), stretch(8, 0.1), stretch(17, 0.1)], FIRST, FIRST + timedelta(17)
    )
    assert [len(run.dots) for run in chart.runs] == [2, 1]


def test_a_stretch_of_many_days_is_no_gap():
    week = Stretch(FIRST + timedelta(3), FIRST + timedelta(12), 0.1, 0.0, 0.2)
    assert len(chart_of([stretch(0, 0.1), week], FIRST, FIRST + timedelta(12)).runs) == 1


def test_a_single_day_is_drawn_too():
    chart = chart_of([stretch(0, 0.3)], FIRST, FIRST)
    assert len(chart.runs) == 1
    assert [mark.word for mark in chart.dates] == ["11-01"]


def test_few_dates_are_named_evenly_and_the_last_among_them():
    chart = chart_of([stretch(0, 0.0)], FIRST, FIRST + timedelta(89))
    assert 4 <= len(chart.dates) <= 7
    assert chart.dates[-1].word == "01-29"
