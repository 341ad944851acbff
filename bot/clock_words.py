"""A time of the day as people type it: "20:00", "8 pm", "晚上8点半", with a zone or without.

Knows: the ways to write a time in English and Chinese. Pure. Does not know: zones, what it is for.
"""

from __future__ import annotations

import re
import unicodedata

_DAILY = re.compile(r"(?:daily|every ?day|at|每天|每日|每(?=[早晚]))(?:\s+|(?=[^\x00-\x7f]|\d)|$)")

_ENGLISH = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s*(?:h|uhr|o'clock)?"
    r"\s*(?P<half>[ap])?(?(half)\.?m\.?)(?![\w:.])"
)
_CHINESE = re.compile(
    r"(?P<part>凌晨|清晨|早上|早晨|上午|早|中午|下午|傍晚|晚上|夜里|晚|夜)?\s*"
    r"(?P<hour>\d{1,2}|[一二两三四五六七八九十]{1,3})\s*"
    r"(?:[点點时時](?:钟|鐘|整|(?P<half>半)|(?P<minute>\d{1,2}|[一二三四五六七八九十]{1,3})分?)?"
    r"|:(?P<colon>\d{2}))(?!\d)"
)
_LATER = ("下午", "傍晚", "晚上", "夜里", "晚", "夜")
_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_BETWEEN = " ,;，、；()（）"


def read(typed: str) -> tuple[int | None, str]:
    """The minute of the day (None: there is none, or no such time), and what else was typed."""
    words = unicodedata.normalize("NFKC", typed).split()
    for place in range(len(words)):
        rest = _without_daily(" ".join(words[place:]))
        found = _ENGLISH.match(rest.casefold()) or _CHINESE.match(rest.casefold())
        if found:
            others = " ".join([*words[:place], rest[found.end() :].strip(_BETWEEN)])
            return _minute(found), _without_daily(others).strip(_BETWEEN)
    return None, _without_daily(" ".join(words)).strip(_BETWEEN)


def _without_daily(text: str) -> str:
    while found := _DAILY.match(text.casefold()):
        text = text[found.end() :].lstrip()
    return text


def _minute(found: re.Match[str]) -> int | None:
    named = found.groupdict()
    hour = _number(named["hour"])
    minute = _number(named.get("colon") or named["minute"] or "0")
    half = named["half"] or ""
    if half == "半":
        minute = 30
    elif half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    hour = _by_part(named.get("part") or "", hour)
    if (hour, minute) == (24, 0):
        return 0
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _by_part(part: str, hour: int) -> int:
    """Eight in the evening is 20; one at noon is 13; twelve at night is the day's beginning."""
    if part in _LATER and hour < 12:
        return hour if part in ("夜里", "夜") and hour < 6 else hour + 12
    if part == "中午":
        return hour + 12 if hour < 10 else hour
    if hour == 12 and part and part != "下午":
        return 0
    return hour


def _number(written: str) -> int:
    """A number from 0 to 99, in digits or in Chinese."""
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.partition("十")
    if not ten:
        return _DIGITS.get(written, 99)
    return (_DIGITS.get(tens, 99) if tens else 1) * 10 + (_DIGITS.get(ones, 99) if ones else 0)
