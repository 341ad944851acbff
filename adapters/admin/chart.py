"""Where the lines of a trend's picture lie: a drawing for the page, in the page's own colours.

Knows: geometry, in the units of the drawing. Does not know: colours (the stylesheet has them),
words, what may be shown. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from adapters.admin.dashboard import Stretch

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 72, 706, 18, 308
"""The edges of the plot: outside of them stand the numbers and dates."""

NEAR_DAYS = 8
"""Over a longer gap nothing is known, so no line is drawn."""

_MOST_DATES = 7
_LEVELS = ((1.0, "+1"), (0.5, "+0.5"), (0.0, "0"), (-0.5, "−0.5"), (-1.0, "−1"))


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at a height, or a date at a distance from the left."""

    at: float
    word: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A mean, and the ends of its band."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours that are joined. `band` and `line` are lists of points as SVG writes them."""

    band: str
    line: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    levels: tuple[Mark, ...]
    dates: tuple[Mark, ...]
    runs: tuple[Run, ...]


def chart_of(stretches: Sequence[Stretch], first: date, last: date) -> Chart:
    """The picture of the stretches, oldest first, over the days from first to last."""
    days = max((last - first).days, 1)

    def across(day: date) -> float:
        return round(LEFT + 14 + (RIGHT - LEFT - 28) * (day - first).days / days, 1)

    dots = [
        (s, Dot(across(s.last), _height(s.mean), _height(s.low), _height(s.high)))
        for s in stretches
    ]
    return Chart(
        WIDTH,
        HEIGHT,
        LEFT,
        RIGHT,
        TOP,
        BOTTOM,
        levels=tuple(Mark(_height(level), word) for level, word in _LEVELS),
        dates=tuple(Mark(across(day), f"{day:%m-%d}") for day in _dates(first, last)),
        runs=tuple(_run(run) for run in _runs(dots)),
    )


def _height(valence: float) -> float:
    return round(TOP + (BOTTOM - TOP) * (1 - valence) / 2, 1)


def _runs(dots: Sequence[tuple[Stretch, Dot]]) -> Iterator[list[Dot]]:
    run: list[Dot] = []
    before: date | None = None
    for stretch, dot in dots:
        if before and (stretch.first - before).days > NEAR_DAYS:
            yield run
            run = []
        run.append(dot)
        before = stretch.last
    if run:
        yield run


def _run(dots: Sequence[Dot]) -> Run:
    above = [(dot.x, dot.high) for dot in dots]
    below = [(dot.x, dot.low) for dot in reversed(dots)]
    return Run(
        band=_points([*above, *below]),
        line=_points([(dot.x, dot.y) for dot in dots]),
        dots=tuple(dots),
    )


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _dates(first: date, last: date) -> list[date]:
    """Days to name: evenly apart, the last one among them."""
    apart = -(-((last - first).days + 1) // _MOST_DATES)
    count = (last - first).days // apart
    return [last - timedelta(days=apart * step) for step in range(count, -1, -1)]
