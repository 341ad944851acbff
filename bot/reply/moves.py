"""What a message does in a talk, where that is plain from its words: a goodbye, thanks, a question.

Knows: how `moves.toml` is written down and matched. Does not know: what is answered, how the model
reads it, the talk before. A move that is not plain is none: then the model answers. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.reply.text import READ_CHARACTERS
from bot.rules import Rules, rules_of

GOODBYES = frozenset({"goodbye", "night"})
"""The moves that end a talk."""

_LONGEST = 120
"""Letters of a question about the world, or of shouted news. More have somebody's life in them."""

_END = 90
"""Letters at the end of a message in which it asks, if it asks for anything."""

_AT_A_LOSS = 240
"""The same, of one who says that they do not know what to do."""

_ASKS = ("?", "？")
_QUOTED = re.compile('[「『“"][^「」『』“”"]{1,80}[」』”"]')
_HAN = re.compile("[\u3400-\u9fff]")
_CAPITALS = re.compile(r"\b[A-Z]{2,} [A-Z]{2,}\b")


@dataclass(frozen=True, slots=True)
class _Move:
    """`most`: letters that a message of this kind has at most."""

    rules: Rules
    most: int

    def made_by(self, text: str) -> bool:
        return _length(text) <= self.most and self.rules.match(text)


def move(text: str) -> str:
    """The name of what the message does; "" for none. Chinese is read in simplified characters.

    Words in quotation marks are somebody else's, or were said elsewhere: they make no move, and
    what is left beside them makes none that the whole would not.
    """
    name = _first("moves", text)
    beside = _QUOTED.sub(" ", text)
    return name if beside == text or _first("moves", beside) == name else ""


def counsel(text: str) -> str:
    """What words or small thing it asks for, of somebody in a hard time; "" for none."""
    end = text[-_END:] if text.isascii() else text[-_END // 2 :]
    if not (sign("asks", end) or sign("at_a_loss", text[-_AT_A_LOSS:])):
        return ""
    return _first("counsel", text)


def sign(name: str, text: str) -> bool:
    """Whether the text has that sign of `moves.toml` in it."""
    return _table()["signs"][name].made_by(text[:READ_CHARACTERS])


def asks(text: str) -> bool:
    """Whether it ends with a question."""
    return text.rstrip()[-1:] in _ASKS


def asks_the_world(text: str) -> bool:
    """Whether it is a question, and no more, of somebody who does not speak of themself."""
    if _length(text) > _LONGEST or not sign("asks", text):
        return False
    return not speaks_of_a_life(text)


def speaks_of_a_life(text: str) -> bool:
    """Whether it is about the person, somebody near to them, or something heavy."""
    return any(sign(name, text) for name in ("self", "heavy", "personal"))


def wants_a_fact(text: str) -> bool:
    """Whether a question has an answer that may be wrong, other than a name or a film."""
    return not sign("opinion", text)


def shouts(text: str) -> bool:
    """Whether there is a shout in it: a mark, a face, capitals."""
    return sign("shout", text) or bool(_CAPITALS.search(text))


def shouts_good_news(text: str) -> bool:
    """Whether it shouts of something that went well, whatever else is said with it."""
    short = _length(text) <= _LONGEST
    return short and shouts(text) and sign("good_news", text) and not sign("souring", text)


def _length(text: str) -> int:
    """Letters; a Chinese character says as much as two."""
    return len(text) + len(_HAN.findall(text))


def _first(group: str, text: str) -> str:
    read = text[:READ_CHARACTERS].strip()
    return next((name for name, found in _table()[group].items() if found.made_by(read)), "")


@cache
def _table() -> Mapping[str, Mapping[str, _Move]]:
    file = Path(__file__).with_name("moves.toml")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        group: {name: _read(found) for name, found in moves.items()}
        for group, moves in table.items()
    }


def _read(found: Mapping[str, Any]) -> _Move:
    return _Move(rules_of(found), found.get("most", READ_CHARACTERS))
