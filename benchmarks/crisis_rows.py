"""Rows of danger and of none, and what the crisis rules see in them.

Knows: files of one object a line with `text`, `label` and `lang`, perhaps `kind`; a row labelled
`crisis` is a danger, any other label, also a sentiment, is none. Does not know: models, tables.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.crisis.finding import Finding, find
from engine.metrics import wilson

CRISIS = "crisis"
_HARD = (CRISIS, "no_crisis")
_SEED = 7


@dataclass(frozen=True, slots=True)
class Seen:
    """A row and what the rules saw in it. `ordinary`: it was not written to look like danger."""

    text: str
    language: str
    danger: bool
    kind: str
    found: Finding | None
    ordinary: bool = False


def looked_at(path: Path) -> list[Seen]:
    """Every row of a file.

    Raises:
        ValueError: a line is no row; the message names the place and shows no text.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            text, label, language = str(row["text"]), row["label"], str(row.get("lang", ""))
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"{path.name}, line {number}: no row with text and label") from None
        kind = str(row.get("kind", ""))
        rows.append(Seen(text, language, label == CRISIS, kind, find(text), label not in _HARD))
    return rows


def drawn(rows: Sequence[Seen], limit: int) -> list[Seen]:
    """At most `limit` rows of each language, at random and the same every time."""
    parts: dict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        parts[row.language].append(row)
    for part in parts.values():
        random.Random(_SEED).shuffle(part)
    return [row for part in parts.values() for row in part[:limit]]


def share(part: int, whole: int) -> str:
    """Counted, as a share, with its Wilson 95 % interval."""
    if not whole:
        return "-"
    low, high = wilson(part, whole)
    return f"{part} of {whole}: {part / whole:.1%} ({low:.1%} to {high:.1%})"
