"""Finds a sentence by key and language. The sentences themselves are in the TOML files beside it.

Knows: the languages there are. Does not know: when a sentence is said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")


def say(language: str, key: str, **fields: object) -> str:
    """The sentence for a key such as "turn.empty", with its fields filled in.

    An unknown language falls back to English.

    Raises:
        KeyError: there is no such sentence: a programmer's mistake, found by the tests.
    """
    section, name = key.split(".")
    return section_of(language, section)[name].format(**fields)


def lines(language: str, key: str) -> tuple[str, ...]:
    """All the sentences of a key such as "moves.night", of which one is said; () where there are
    none."""
    section, name = key.split(".")
    found: Any = section_of(language, section).get(name, ())
    return tuple(found)


def section_of(language: str, section: str) -> Mapping[str, str]:
    """All sentences of a section, unfilled."""
    return _load(language if language in LANGUAGES else "en")[section]


@cache
def _load(language: str) -> Mapping[str, Mapping[str, str]]:
    text = Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
