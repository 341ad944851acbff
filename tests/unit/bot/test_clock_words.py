"""A time of the day as people type it, in two languages, and what else they typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock_words import read


@pytest.mark.parametrize(
    ("typed", "time", "rest"),
    [
        ("20:00", "20:00", ""),
        ("20", "20:00", ""),
        ("daily 20:00", "20:00", ""),
        ("every day at 8 pm", "20:00", ""),
        ("8pm", "20:00", ""),
        ("8 PM", "20:00", ""),
        ("8:30 p.m. Europe/Berlin", "20:30", "Europe/Berlin"),
        ("8 am", "08:00", ""),
        ("12 pm", "12:00", ""),
        ("12am", "00:00", ""),
        ("9 o'clock", "09:00", ""),
        ("20h30", "20:30", ""),
        ("20.15", "20:15", ""),
        ("24:00", "00:00", ""),
        ("Daily 20:00 UTC+2", "20:00", "UTC+2"),
        ("20:00 +2", "20:00", "+2"),
        ("20:00, Europe/Berlin", "20:00", "Europe/Berlin"),
        ("Europe/Berlin 20:00", "20:00", "Europe/Berlin"),
        ("UTC+8 8 pm", "20:00", "UTC+8"),
        ("20:00 New York", "20:00", "New York"),
        ("每天 20:00", "20:00", ""),
        ("每天20:00", "20:00", ""),
        ("每天２０：００", "20:00", ""),
        ("每日 20点", "20:00", ""),
        ("每天20:00（北京）", "20:00", "北京"),
        ("晚上8点", "20:00", ""),
        ("每晚8点", "20:00", ""),
        ("每天晚上八点半 Asia/Shanghai", "20:30", "Asia/Shanghai"),
        ("晚上 8:15", "20:15", ""),
        ("上午十点十五分", "10:15", ""),
        ("早上九点整", "09:00", ""),
        ("下午3点", "15:00", ""),
        ("下午两点", "14:00", ""),
        ("中午12点", "12:00", ""),
        ("中午一点", "13:00", ""),
        ("傍晚六点二十", "18:20", ""),
        ("二十点", "20:00", ""),
        ("二十一點", "21:00", ""),
        ("凌晨1点", "01:00", ""),
        ("夜里2点", "02:00", ""),
        ("晚上12点", "00:00", ""),
        ("8点钟", "08:00", ""),
    ],
)
def test_a_time_is_found_and_the_rest_is_left(typed, time, rest):
    hour, minute = time.split(":")
    assert read(typed) == (int(hour) * 60 + int(minute), rest)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "daily",
        "每天",
        "later",
        "25:00",
        "20:60",
        "13 pm",
        "0 am",
        "2000",
        "-8",
        "8:5",
        "三十点",
    ],
)
def test_what_is_no_time_is_none(typed):
    assert read(typed)[0] is None


@pytest.mark.parametrize("typed", ["Europe/Berlin", "UTC+2", "daily UTC+2", "每天 北京"])
def test_a_zone_alone_is_left_as_it_is(typed):
    assert read(typed) == (None, typed.split()[-1])


@given(st.integers(0, 23), st.integers(0, 59), st.sampled_from(["", "daily ", "每天", "/ ", "at "]))
def test_every_minute_of_the_day_can_be_typed(hour, minute, before):
    assert read(f"{before}{hour:02}:{minute:02}")[0] == hour * 60 + minute


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(typed):
    minute, _ = read(typed)
    assert minute is None or 0 <= minute < 1440
