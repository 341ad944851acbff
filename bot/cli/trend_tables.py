"""How `warmline trends` prints: tables, CSV and JSON of trends that may be told.

Knows: columns and cells. Does not know: where a trend comes from, who may see it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cli.person import shown

if TYPE_CHECKING:
    from bot.group_scopes import PartTrend
    from bot.trends import Trend

Facts = Mapping[str, object]
"""One flat record; what cannot be told is None."""

_FORMULA = ("=", "+", "-", "@")
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class PersonTrend:
    """A person, as they are named, with their trend; None where there is too little."""

    person: str
    trend: Trend | None


def _part_facts(part: PartTrend, days: int) -> Facts:
    told = part.trend
    positive, neutral, negative = told.shares if told else (None, None, None)
    return {
        "scope": shown(part.name),
        "days": days,
        "first": str(told.first) if told else None,
        "last": str(told.last) if told else None,
        "mean": told.mean if told else None,
        "low": told.low if told else None,
        "high": told.high if told else None,
        "positive": positive,
        "neutral": neutral,
        "negative": negative,
        "people": told.people if told else None,
        "messages": told.messages if told else None,
        "change": str(told.direction) if told else None,
        "note": None if told else _why(part),
    }


def _why(part: PartTrend) -> str:
    return "moods are off there" if part.off else "too few people"


def _person_facts(found: PersonTrend) -> Facts:
    told = found.trend

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    return {
        "person": found.person,
        "days": told.days if told else None,
        "mean": rounded(told.mean) if told else None,
        "low": rounded(told.low) if told else None,
        "high": rounded(told.high) if told else None,
        "change": str(told.direction) if told else None,
        "note": None if told else "too few messages",
    }


_PART_COLUMNS = (
    *("scope", "days", "first", "last", "mean", "low", "high", "positive", "neutral", "negative"),
    *("people", "messages", "change", "note"),
)
_PERSON_COLUMNS = ("person", "days", "mean", "low", "high", "change", "note")


def _parts_table(parts: Sequence[PartTrend], days: int) -> str:
    rows = [(shown(part.name), *_part_cells(part)) for part in parts]
    head = (
        "scope",
        "mean",
        "95 % band",
        "positive/neutral/negative",
        "people",
        "messages",
        "change",
    )
    return _table(head, rows, f"last {days} days, valence from -1 to +1, numbers rounded")


def _part_cells(part: PartTrend) -> Sequence[str]:
    told = part.trend
    if told is None:
        return (_why(part), "", "", "", "", "")
    return (
        f"{told.mean:+.2f}",
        f"{told.low:+.2f} … {told.high:+.2f}",
        " / ".join(f"{share} %" for share in told.shares),
        f"{told.people}+",
        f"~{told.messages}",
        str(told.direction),
    )


def _person_table(found: PersonTrend) -> str:
    told = found.trend
    cells = ("too few messages", "", "")
    if told:
        band = f"{told.low:+.2f} … {told.high:+.2f}"
        cells = (f"{told.mean:+.2f}", band, str(told.direction))
    head = ("person", "mean", "95 % band", "change")
    return _table(head, [(found.person, *cells)], "last 30 days, valence from -1 to +1")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(*head, box=SIMPLE_HEAD, title=title)
    for row in rows:
        table.add_row(*row)
    out = io.StringIO()
    Console(file=out, markup=False, width=_WIDTH).print(table)
    return out.getvalue()


def _csv(columns: Sequence[str], rows: Sequence[Facts]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_spreadsheet_safe(row) for row in rows)
    return out.getvalue()


def _spreadsheet_safe(facts: Facts) -> Facts:
    """A name that a spreadsheet would run as a formula is shown as text."""
    return {
        key: f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
        for key, value in facts.items()
    }


def _json(records: object) -> str:
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


PARTS: Mapping[str, Callable[[Sequence[PartTrend], int], str]] = {
    "table": _parts_table,
    "csv": lambda parts, days: _csv(_PART_COLUMNS, [_part_facts(p, days) for p in parts]),
    "json": lambda parts, days: _json([_part_facts(part, days) for part in parts]),
}
"""The printers of parts, by the name of the format."""

PERSON: Mapping[str, Callable[[PersonTrend], str]] = {
    "table": _person_table,
    "csv": lambda found: _csv(_PERSON_COLUMNS, [_person_facts(found)]),
    "json": lambda found: _json([_person_facts(found)]),
}
"""The printers of one person."""
