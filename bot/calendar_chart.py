"""The calendar in a picture of moods: a row a week, a square a day, no words.

Knows: where a day stands, which colour and sign a mean has. Does not know: files, whose it is.
A square's colour runs from Okabe and Ito's orange over grey to their blue, which every kind of eye
tells apart; the sign says the same without colour, and the size says of how many messages it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.trends import MIN_MESSAGES, NOTABLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES_A_WEEK = 0.62

_INK, _GRID, _EDGE = "#1a1a1a", "#d0d0d0", "#6b6b6b"
_LOW, _EVEN, _BRIGHT = (213, 94, 0), (232, 232, 232), (0, 114, 178)
_LEAST_SIDE = 0.42
_FONT = "DejaVu Sans"


class Day(Protocol):
    """The messages of one day: how many, and their mean."""

    @property
    def date(self) -> date: ...
    @property
    def n(self) -> int: ...
    @property
    def mean(self) -> float: ...


def weeks(first: date, last: date) -> int:
    """How many rows the days from first to last take."""
    return (_monday(last) - _monday(first)).days // 7 + 1


def draw(axes: Axes, days: Sequence[Day], first: date, last: date) -> None:
    """Every day from first to last with its number, and what was said on it as a square."""
    top = _monday(first)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        row, column = divmod(ordinal - top.toordinal(), 7)
        _square(axes, (column, row), (1.0, 1.0), "none", _GRID)
        number = str(date.fromordinal(ordinal).day)
        axes.text(column + 0.05, row + 0.3, number, color=_INK, fontsize=10, family=_FONT)
    for day in days:
        row, column = divmod(day.date.toordinal() - top.toordinal(), 7)
        _day(axes, day, column + 0.6, row + 0.5)
    rows = weeks(first, last)
    axes.set_xlim(0, 7)
    axes.set_ylim(rows, 0)
    shown = [top + timedelta(days=7 * row) for row in range(rows)]
    axes.set_yticks([row + 0.5 for row in range(rows)], [f"{day:%m-%d}" for day in shown])
    axes.set_xticks([])
    axes.tick_params(colors=_INK, labelsize=13, length=0, labelfontfamily=_FONT)
    for spine in axes.spines.values():
        spine.set_visible(False)


def sign(mean: float) -> str:
    """What a square says without colour."""
    if abs(mean) < NOTABLE:
        return "0"
    return "+" if mean > 0 else "\u2212"


def colour(mean: float) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 1."""
    end, share = (_BRIGHT if mean > 0 else _LOW), min(1.0, abs(mean))
    mixed = [(even + (to - even) * share) / 255 for even, to in zip(_EVEN, end, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _day(axes: Axes, day: Day, x: float, y: float) -> None:
    # A mean of few messages is little to go by: it must not look like one of many.
    side = _LEAST_SIDE + (0.84 - _LEAST_SIDE) * min(1.0, (day.n - 1) / (MIN_MESSAGES - 1))
    wide, high = side * 0.85, side
    fill = colour(day.mean)
    _square(axes, (x - wide / 2, y - high / 2), (wide, high), fill, _EDGE)
    dark = 0.2126 * fill[0] + 0.7152 * fill[1] + 0.0722 * fill[2] < 0.42
    ink = "#ffffff" if dark else _INK
    axes.text(
        x, y, sign(day.mean), color=ink, fontsize=13, family=_FONT, weight="bold",
        ha="center", va="center_baseline",
    )  # fmt: skip


def _square(
    axes: Axes,
    corner: tuple[float, float],
    size: tuple[float, float],
    fill: str | tuple[float, float, float],
    edge: str,
) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle(corner, *size, facecolor=fill, edgecolor=edge, linewidth=0.9))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
