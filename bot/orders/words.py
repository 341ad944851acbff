"""The words and shapes of orders to the labeller, out of `words.toml`.

Knows: how they are written down and put together. Does not know: what a match means. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_NAME = re.compile(r"\{([a-z_]+)\}")
_LETTERS = {"o": "[o0]", "i": "[i1!|]", "e": "[e3]", "a": "[a4@]", "s": "[s5$]"}
_GAP = r"[ .*_\-·]?"


@cache
def pattern(group: str, name: str) -> re.Pattern[str]:
    """The pattern `[group] name`, or any of them where it is a list."""
    found = _table()[group][name]
    parts = [found] if isinstance(found, str) else found
    return re.compile("|".join(f"(?:{_filled(part)})" for part in parts), re.IGNORECASE)


@cache
def anything() -> re.Pattern[str]:
    """A word or a mark without which a text holds no order."""
    words = ("english", "chinese_label", "soft_label", "near_label")
    parts = [*(_pieces()[word] for word in words), _table()["marks"]["any"]]
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE)


@cache
def word_set(group: str, name: str) -> frozenset[str]:
    """A list of plain words."""
    return frozenset(_table()[group][name])


@cache
def same_characters() -> Mapping[str, str]:
    """From a character to the one that the patterns are written in."""
    pairs = _table()["same"]
    same: dict[str, str] = {}
    for wrote, meant in zip(pairs[::2], pairs[1::2], strict=True):
        same.update(zip(wrote, meant, strict=True))
    return same


def _filled(part: str) -> str:
    return _NAME.sub(lambda found: _pieces()[found[1]], part)


@cache
def _pieces() -> dict[str, str]:
    """By name: the words as alternatives, then the shapes, which may hold what stands before."""
    table = _table()
    pieces = {name: _any(found) for name, found in table["words"].items()}
    pieces["english"] = _any(_disguised(word) for word in table["words"]["english_label"])
    pieces["tag"] = _any(table["marks"]["tag"])
    for kind, words in table["roles"].items():
        pieces[f"role_{kind}"] = _any(words)
    for name, shape in table["shapes"].items():
        pieces[name] = _NAME.sub(lambda found: pieces[found[1]], shape)
    return pieces


def _any(parts: Iterable[str]) -> str:
    return f"(?:{'|'.join(parts)})"


def _disguised(word: str) -> str:
    """Also with digits for letters, or with a sign between two of them."""
    return "(?<![a-z])" + _GAP.join(_LETTERS.get(letter, letter) for letter in word)


@cache
def _table() -> dict[str, Any]:
    file = Path(__file__).with_name("words.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
