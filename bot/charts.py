"""Pictures of trends, as PNG: numbers, dates and signs alone, so that one serves every language.

Knows: how to draw a mean with its band over days, with a calendar (`bot.calendar_chart`) or
without. Does not know: whose it is, what may be shown, sentences: those stand beside the picture.
Matplotlib draws without a display and is loaded at the first picture. The background is opaque, so
that it reads the same in a dark chat and a light one.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Protocol

from bot import calendar_chart as calendar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEAR_DAYS = 8
"""Neighbours that end at most so far apart are joined by a line."""

_INCHES, _DPI = (8.0, 4.0), 125
_PAPER, _INK, _GRID = "#ffffff", "#1a1a1a", "#d0d0d0"
# Blue of Okabe and Ito's palette, told from grey by every kind of eye; the band is lighter, so
# that the line stands out without colour too.
_LINE, _BAND = "#0072b2", "#b5d8ea"
_LEVELS = {-1.0: "−1", -0.5: "−0.5", 0.0: "0", 0.5: "+0.5", 1.0: "+1"}
_MOST_DATES = 8
_ONE_AT_A_TIME = threading.Lock()


class Point(Protocol):
    """A mean and its band, of some days: all three on the scale from -1 to 1."""

    @property
    def last(self) -> date: ...
    @property
    def mean(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def trend_png(points: Sequence[Point], first: date, last: date) -> bytes:
    """The points, oldest first, over the days from first to last: 1000 by 500 pixels.

    Takes some tenths of a second, the first time one more: not for the event loop. The same points
    give the same bytes.
    """
    with _figure(_INCHES) as figure:
        _draw_line(figure.add_subplot(facecolor=_PAPER), points, first, last)
        return _png(figure)


def mood_png(
    days: Sequence[calendar.Day], points: Sequence[Point], first: date, last: date
) -> bytes:
    """A calendar of the days, weeks from Monday on, above the line of the points; as `trend_png`.

    A day's square is blue with + or orange with -, and the larger the more messages it is of.
    """
    weeks = calendar.weeks(first, last)
    wide, high = _INCHES
    above = calendar.INCHES_A_WEEK * weeks
    with _figure((wide, above + high)) as figure:
        grid = figure.add_gridspec(2, 1, height_ratios=(above, high))
        calendar.draw(figure.add_subplot(grid[0], facecolor=_PAPER), days, first, last)
        _draw_line(figure.add_subplot(grid[1], facecolor=_PAPER), points, first, last)
        return _png(figure)


@contextmanager
def _figure(inches: tuple[float, float]) -> Iterator[Figure]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _ONE_AT_A_TIME:  # matplotlib's fonts are not made for several threads
        figure = Figure(inches, _DPI, facecolor=_PAPER, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DPI, facecolor=_PAPER, metadata={"Software": None})
    return file.getvalue()


def _draw_line(axes: Axes, points: Sequence[Point], first: date, last: date) -> None:
    axes.axhline(0, color=_INK, linewidth=1, zorder=3)
    for run in _runs(points):
        days = [point.last.toordinal() for point in run]
        low, high = [point.low for point in run], [point.high for point in run]
        axes.fill_between(days, low, high, color=_BAND, linewidth=0, zorder=2)
        axes.vlines(days, low, high, color=_LINE, linewidth=1.2, zorder=4)
        means = [point.mean for point in run]
        axes.plot(days, means, color=_LINE, linewidth=2.4, marker="o", markersize=6, zorder=5)
    axes.set_xlim(first.toordinal() - 0.7, last.toordinal() + 0.7)
    axes.set_ylim(-1.08, 1.08)
    shown = _dates(first, last)
    axes.set_xticks([day.toordinal() for day in shown], [f"{day:%m-%d}" for day in shown])
    axes.set_yticks([*_LEVELS], [*_LEVELS.values()])
    axes.grid(color=_GRID, linewidth=0.8, zorder=0)
    axes.tick_params(colors=_INK, labelsize=13, length=0, labelfontfamily="DejaVu Sans")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points in runs of neighbours: over a gap nothing is known, so nothing is drawn."""
    run: list[Point] = []
    for point in points:
        if run and (point.last - run[-1].last).days > NEAR_DAYS:
            yield run
            run = []
        run.append(point)
    if run:
        yield run


def _dates(first: date, last: date) -> list[date]:
    """Days to name on the axis: evenly apart, at most _MOST_DATES, the last one among them."""
    apart = -(-((last - first).days + 1) // _MOST_DATES)
    return [date.fromordinal(day) for day in range(last.toordinal(), first.toordinal() - 1, -apart)]
