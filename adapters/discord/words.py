"""The words of a Discord message as a reader sees them: names for ids, without the bot's own.

Knows: Discord's marks for people, roles, channels, emoji, commands and times. Pure. Does not know:
whom the ids name; that is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["user", "role", "channel"]
NameOf = Callable[[Kind, int], str]
"""The name behind an id, "" where it is not known."""

_MARK = re.compile(
    r"""
    <(?:  @!?(?P<user>\d{1,20}) | @&(?P<role>\d{1,20}) | \#(?P<channel>\d{1,20})
        | a?(?P<emoji>:\w{1,32}:)\d{1,20} | (?P<command>/[^:<>\n]{1,100}):\d{1,20}
        | t:(?P<time>-?\d{1,11})(?::[a-zA-Z])?
    )>
    """,
    re.VERBOSE,
)
_SIGNS: dict[Kind, str] = {"user": "@", "role": "@", "channel": "#"}
_BLANK = " \t"
_CLOSING = "\n,.!?;:，。！？；：、"
_VOCATIVE = ",:，：、"


def readable(text: str, name_of: NameOf) -> str:
    """The text with every mark of Discord's as words."""

    def words(found: re.Match[str]) -> str:
        for kind, sign in _SIGNS.items():
            if found[kind]:
                return sign + (one_line(name_of(kind, int(found[kind]))) or kind)
        return _time(int(found["time"])) if found["time"] else found["emoji"] or found["command"]

    return whole(_MARK.sub(words, text))


def unaddressed(text: str, names: str) -> str:
    """The text without the bot's own `names` (a pattern): blanks there made one, lines kept."""
    runs = re.compile(rf"[ \t]*(?:(?:{names})[ \t]*)+")
    text = text.strip()
    first = runs.match(text)
    if first:
        # "@Warmline, how are you?": the comma belongs to the name.
        text = text[first.end() :].lstrip(_VOCATIVE).lstrip()

    def gap(found: re.Match[str]) -> str:
        before, after = text[: found.start()], text[found.end() :]
        at_an_edge = before.endswith("\n") or not after or after[0] in _CLOSING
        return " " if not at_an_edge and set(_BLANK).intersection(found[0]) else ""

    return runs.sub(gap, text).strip()


def one_line(name: str) -> str:
    """A name as it can stand within a text: whole, without line breaks, blanks made one."""
    return " ".join(whole(name).split())


def whole(text: str) -> str:
    """The text with every half of a surrogate pair made U+FFFD: such a half can't be stored."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return str(seconds)
