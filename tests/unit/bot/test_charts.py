"""The picture of a trend: small, quick, legible on any background, the same in every language."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from bot.charts import trend_png
from bot.group_trend import Stretch

LAST = date(2026, 3, 29)
LINE, BAND, PAPER = (0, 114, 178), (181, 216, 234), (255, 255, 255)


def points(ago: list[int], mean: float = 0.2) -> list[Stretch]:
    days = [LAST - timedelta(days=day) for day in ago]
    return [Stretch(day, day, mean, mean - 0.3, mean + 0.3) for day in days]


def picture(ago: list[int], days: int = 30, mean: float = 0.2) -> bytes:
    return trend_png(points(ago, mean), LAST - timedelta(days=days), LAST)


def pixels(png: bytes) -> Any:
    """Rows of pixels, each red, green, blue and opacity, 0 to 255."""
    from matplotlib.image import imread

    return (imread(io.BytesIO(png), format="png") * 255).round().astype(int)


def colours(png: bytes) -> set[tuple[int, ...]]:
    return {
        tuple(map(int, colour))
        for colour in np.unique(pixels(png)[:, :, :3].reshape(-1, 3), axis=0)
    }


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """As the Web Content Accessibility Guidelines 2.1 define it."""

    def light(colour: tuple[int, ...]) -> float:
        linear = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
            for c in (v / 255 for v in colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_it_is_opaque_with_its_own_light_background():
    png = picture([9, 8, 7, 3, 1])
    drawn = pixels(png)
    assert drawn.shape == (500, 1000, 4)
    assert (drawn[:, :, 3] == 255).all()
    assert (drawn[[0, 0, -1, -1], [0, -1, 0, -1], :3] == 255).all()
    assert {LINE, BAND, PAPER} <= colours(png)


def test_line_band_and_paper_are_told_apart_without_colour():
    assert contrast(LINE, PAPER) >= 4.5
    assert contrast(LINE, BAND) >= 3
    assert contrast((0x1A, 0x1A, 0x1A), PAPER) >= 7


def test_a_mean_that_is_higher_is_drawn_higher():
    def middle(mean: float) -> float:
        rows, _ = np.nonzero((pixels(picture([5], mean=mean))[:, :, :3] == LINE).all(axis=2))
        return float(rows.mean())

    assert middle(0.5) < middle(0.0) < middle(-0.5)


def test_over_a_gap_nothing_is_drawn():
    assert BAND in colours(picture([9, 8]))
    assert BAND not in colours(picture([29, 1]))


@pytest.mark.parametrize(
    ("ago", "days"),
    [([1], 1), (list(range(30, 0, -1)), 30), (list(range(91, 0, -7)), 91), ([0], 0)],
)
def test_it_is_small_and_the_same_each_time(ago, days):
    first = picture(ago, days)
    assert picture(ago, days) == first
    assert len(first) < 200_000


async def test_several_at_once_do_not_disturb_each_other():
    wanted = [picture([day + 1, day]) for day in range(3)]
    drawn = await asyncio.gather(*(asyncio.to_thread(picture, [day + 1, day]) for day in range(3)))
    assert drawn == wanted


def test_matplotlib_is_loaded_at_the_first_picture_and_without_a_display():
    code = (
        "import sys; from datetime import date; from bot import charts, commands\n"
        "assert 'matplotlib' not in sys.modules\n"
        "charts.trend_png([], date(2026, 3, 1), date(2026, 3, 2))\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
