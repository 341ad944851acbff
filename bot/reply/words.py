"""The words that the rules of a reply look for, out of `rules.toml`.

Knows: how they are written down and matched. Does not know: what a match means. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bot.rules import Rules, any_of, rules_of


def spotted(name: str, text: str) -> str:
    """The words of a text that a list names, "" for none. Exceptions are taken out first."""
    return _list(name).found(text)


@cache
def families(name: str) -> Mapping[str, re.Pattern[str]]:
    """The patterns of a list by the name of their family, all languages together."""
    return {family: any_of(patterns) for family, patterns in _table()[name].items()}


@cache
def nouns(name: str) -> Mapping[str, frozenset[str]]:
    """The words of a list by what they mean."""
    return {meaning: frozenset(found) for meaning, found in _table()[name].items()}


@cache
def word_set(name: str) -> frozenset[str]:
    """The words of a list that has no patterns."""
    return frozenset(_table()[name]["words"])


@cache
def _list(name: str) -> Rules:
    return rules_of(_table()[name])


@cache
def _table() -> dict[str, Any]:
    file = Path(__file__).with_name("rules.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
