"""The crisis rules of one language, out of its TOML file, checked and compiled.

Knows: how a rule is written down. Does not know: how a text is read, what a hit leads to.

A file has `words` (names for parts of patterns: `<want>` stands for what `want` says), `idioms`
(what only sounds so: a hit must stand without them), `subjects` (who a sentence speaks of),
`contexts` (a sentence that only tells of danger) and `rules`. Every bracket only groups.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
KINDS = ("self", "friend", "others", "abuse", "eating")
"""What a message may be about, the most pressing first."""

UNSURE = "unsure"
"""What no rule saw and the model's own label did (`bot.crisis.second_look`): no rule has it."""

EITHER = "either"
"""A rule of oneself or of somebody else: the sentence's subject says which."""

_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_WORD = re.compile(r"<([a-z_]+)>")
_LATIN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """Any of its patterns is a hit. Without one of `needs` near by none can be found.

    `weak`: the words alone say little; any context makes them a story.
    """

    id: str
    kind: str
    weak: bool
    needs: tuple[str, ...]
    found: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Context:
    """Words of this kind tell of danger and are in none, unless `but` is among them too.

    `firm`: this counts also against clear words about oneself. `kinds`: of which dangers it tells.
    """

    name: str
    firm: bool
    kinds: tuple[str, ...]
    found: re.Pattern[str]
    but: re.Pattern[str]


Tried = tuple[str, tuple[int, ...]]
"""A need, and the rules that have it, by their place."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One language. `reports`: somebody else is quoted, whatever follows.

    `marks` finds, in one pass, the places where rules are worth trying; `tried` says which ones.
    """

    language: str
    version: str
    idioms: re.Pattern[str]
    first: re.Pattern[str]
    third: re.Pattern[str]
    reports: re.Pattern[str]
    contexts: tuple[Context, ...]
    rules: tuple[Rule, ...]
    marks: re.Pattern[str]
    tried: Mapping[str, tuple[Tried, ...]]


@dataclass(frozen=True, slots=True)
class _Common:
    """What nearly every text has. Characters with their place, 0 for the most frequent."""

    words: frozenset[str]
    places: Mapping[str, int]


@cache
def _common() -> _Common:
    text = Path(__file__).with_name("characters.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)["common"]
    characters = dict.fromkeys("".join(table["characters"]))
    places = {character: place for place, character in enumerate(characters)}
    return _Common(frozenset(table["words"].split()), places)


@cache
def rulebook(language: str) -> Rulebook:
    """The shipped rules of "en" or "zh".

    Raises:
        KeyError, ValueError: the file is not what it should be: found by the tests.
    """
    text = Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    words = _words(table["words"])
    subjects = table["subjects"]
    rules = tuple(_rule(language, row, words) for row in table["rules"])
    tried = _tried(rules)
    return Rulebook(
        language=language,
        version=table["version"],
        idioms=_any(table["idioms"], words),
        first=_any(subjects["first"], words),
        third=_any(subjects["third"], words),
        reports=_any(subjects["reports"], words),
        contexts=tuple(_context(name, row, words) for name, row in table["contexts"].items()),
        rules=rules,
        marks=_one_of(tried),
        tried=tried,
    )


def mark(need: str) -> str:
    """The part of a need that is looked for in the first pass: one word, or one rare character."""
    common = _common()
    words: list[str] = [word for word in _LATIN.findall(need) if len(word) > 1]
    rare = [word for word in words if word not in common.words] or words
    if rare:
        return max(rare, key=len)
    if not need.isalpha() or any(c.isascii() for c in need):
        return need
    return max(need, key=lambda c: common.places.get(c, len(common.places)))


def _tried(rules: Sequence[Rule]) -> dict[str, tuple[Tried, ...]]:
    """From a mark to what may be there: its own needs, and those of a shorter mark in it."""
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, rule in enumerate(rules):
        for need in rule.needs:
            places[mark(need)][need].append(place)
    return {
        long: tuple(
            (need, tuple(numbers))
            for short, needs in places.items()
            if _in(short, long)
            for need, numbers in needs.items()
        )
        for long in places
    }


def _in(short: str, long: str) -> bool:
    return long.startswith(short) if long.isascii() else short in long


def _one_of(marks: Iterable[str]) -> re.Pattern[str]:
    """Latin marks begin a word, others stand anywhere; of two the longer one is found."""
    ordered = sorted(marks, key=len, reverse=True)
    latin = _tree([m for m in ordered if m.isascii()])
    others = "|".join(m for m in ordered if not m.isascii() and len(m) > 1)
    single = "".join(m for m in ordered if not m.isascii() and len(m) == 1)
    parts = [rf"\b{latin}", *([others] if others else []), *([f"[{single}]"] if single else [])]
    return re.compile("|".join(parts), re.ASCII)


def _tree(words: Sequence[str]) -> str:
    """A pattern for any of these words that tries no letter twice."""
    after: dict[str, list[str]] = defaultdict(list)
    for word in words:
        if word:
            after[word[0]].append(word[1:])
    branches = "|".join(letter + _tree(rest) for letter, rest in sorted(after.items()))
    if not branches:
        return "" if words else "(?!)"
    return f"(?:{branches})" + ("?" if "" in words else "")


def _rule(language: str, row: Mapping[str, Any], words: Mapping[str, str]) -> Rule:
    if row["kind"] not in (*KINDS, EITHER):
        raise ValueError(f"rule {row['id']} has the kind {row['kind']!r}, which there is not")
    return Rule(
        id=f"{language}.{row['id']}",
        kind=row["kind"],
        weak=row.get("weak", False),
        needs=tuple(row["needs"]),
        found=_any(row["any"], words),
    )


def _context(name: str, row: Mapping[str, Any], words: Mapping[str, str]) -> Context:
    return Context(
        name=name,
        firm=row["firm"],
        kinds=tuple(row.get("kinds", KINDS)),
        found=_any(row["any"], words),
        but=_any(row.get("but", []), words),
    )


def _words(table: Mapping[str, str]) -> dict[str, str]:
    """Each name may use those above it."""
    words: dict[str, str] = {}
    for name, pattern in table.items():
        words[name] = f"(?:{_written_out(pattern, words)})"
    return words


def _written_out(pattern: str, words: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: words[found[1]], pattern)


def _any(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{_written_out(part, words)})" for part in patterns) or r"(?!)"
    # ASCII: between a Chinese and an English word there is a boundary.
    return re.compile(_GROUP.sub("(?:", joined), re.ASCII)
