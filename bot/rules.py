"""Rules over a person's words: patterns that mean something, and phrases that only look so.

Knows: how rules are written down (TOML) and matched. Does not know: what a match leads to. Pure.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_READ_CHARACTERS = 5_000
_SPACES = re.compile(r"\s+")
_GROUP = re.compile(r"(?<!\\)\((?!\?)")


@dataclass(frozen=True, slots=True)
class Rules:
    """`exceptions` are taken out of the text first; then any of `patterns` decides."""

    patterns: re.Pattern[str]
    exceptions: re.Pattern[str]

    def match(self, text: str) -> bool:
        """Whether the text says it. Of a very long text its beginning and its end are read."""
        if len(text) > 2 * _READ_CHARACTERS:
            text = f"{text[:_READ_CHARACTERS]}\n{text[-_READ_CHARACTERS:]}"
        return bool(self._search(text))

    def found(self, text: str) -> str:
        """The words of the text that say it, "" for none. All of the text is read."""
        found = self._search(text)
        return found[0].strip() if found else ""

    def _search(self, text: str) -> re.Match[str] | None:
        return self.patterns.search(self.exceptions.sub(" ", plain(text)))


def plain(text: str) -> str:
    """The text as rules read it: one width, one case, no invisible marks, single spaces."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return _SPACES.sub(" ", text.replace("’", "'").replace("‘", "'")).strip()


@cache
def shipped(name: str) -> Rules:
    """The rules in `NAME.toml` beside this module, all languages together."""
    table = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    patterns, exceptions = (
        [part for parts in table[key].values() for part in parts]
        for key in ("patterns", "exceptions")
    )
    return Rules(any_of(patterns), any_of(exceptions))


def rules_of(table: Mapping[str, Sequence[str]]) -> Rules:
    """Rules out of a table with `en`, `zh` and perhaps `exceptions`."""
    return Rules(any_of([*table["en"], *table["zh"]]), any_of(table.get("exceptions", [])))


def any_of(parts: Sequence[str]) -> re.Pattern[str]:
    """One pattern for all of them; none matches nothing."""
    joined = "|".join(f"({part})" for part in parts) or r"(?!)"
    return re.compile(_GROUP.sub("(?:", joined))  # groups that capture are eight times slower
