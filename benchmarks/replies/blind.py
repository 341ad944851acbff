"""A blind reading of two sheets of replies: which of them met the mood?

    python -m benchmarks.replies.blind make A.jsonl B.jsonl JUDGING.jsonl KEY.json [--seed 1]
    python -m benchmarks.replies.blind score JUDGING.jsonl KEY.json

`make` shuffles the replies of both sheets to the judged messages into one file, and writes apart
which reply is whose. Whoever judges fills in "met" with true or false on each line, and does not
see the key. `score` puts the two together. A reply that both sheets have alike is judged twice: it
shows how steady the judge is.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.replies.sheet import BadSheet, Line, read
from engine.metrics import wilson

_SHUFFLE = 7


@dataclass(frozen=True, slots=True)
class Judged:
    """One reply with the judge's word on it."""

    sheet: str
    case: str
    language: str
    met: bool


def make(
    sheets: Mapping[str, Sequence[Line]], seed: int
) -> tuple[list[dict[str, Any]], dict[str, dict[str, str]]]:
    """The judging sheet, and the key to it by the number of a line.

    Raises:
        BadSheet: a sheet lacks a reply that the other has.
    """
    drawn = {name: _judged(lines, seed) for name, lines in sheets.items()}
    together = set.union(*(set(found) for found in drawn.values()))
    for name, found in drawn.items():
        if missing := together - set(found):
            raise BadSheet(f"{name} has no reply with seed {seed} to {sorted(missing)[0]}")
    if not together:
        raise BadSheet(f"there are no judged replies with seed {seed} in these sheets")
    pairs = [(name, found[case]) for name, found in drawn.items() for case in sorted(together)]
    random.Random(_SHUFFLE).shuffle(pairs)
    rows, key = [], {}
    for number, (name, line) in enumerate(pairs, start=1):
        before = [list(pair) for pair in zip(line.said, line.replies, strict=True)]
        rows.append(
            {"n": number, "before": before, "text": line.text, "reply": line.reply, "met": None}
        )
        key[str(number)] = {"sheet": name, "case": line.id, "language": line.language}
    return rows, key


def judged(rows: Sequence[Mapping[str, Any]], key: Mapping[str, Mapping[str, str]]) -> list[Judged]:
    """What the judge said of whose reply.

    Raises:
        BadSheet: a line is not judged, or the key is another sheet's.
    """
    unjudged = [str(row.get("n")) for row in rows if not isinstance(row.get("met"), bool)]
    if unjudged:
        raise BadSheet(f'"met" must be true or false; it is not in line {", ".join(unjudged[:10])}')
    if {str(row["n"]) for row in rows} != set(key):
        raise BadSheet("the key is of another judging sheet")
    return [Judged(**key[str(row["n"])], met=row["met"]) for row in rows]


def table(found: Sequence[Judged]) -> Iterator[str]:
    """Markdown: how many replies of each sheet met the mood, and where the two differ."""
    names = sorted({one.sheet for one in found})
    yield "| sheet | en | zh | all | 95 % |"
    yield "|---|---|---|---|---|"
    for name in names:
        cells = [_percent([o.met for o in found if o.sheet == name and o.language in part])
                 for part in (("en",), ("zh",), ("en", "zh"))]  # fmt: skip
        met = [one.met for one in found if one.sheet == name]
        low, high = wilson(sum(met), len(met))
        yield f"| {name} | {' | '.join(cells)} | {100 * low:.1f} to {100 * high:.1f} |"
    by_name = {name: {one.case: one.met for one in found if one.sheet == name} for name in names}
    for name, other in ((a, b) for a in names for b in names if a != b):
        only = sorted(c for c, met in by_name[name].items() if met and not by_name[other].get(c))
        yield f"\nmet by {name} and not by {other}: {len(only)} ({', '.join(only)})"


def _judged(lines: Sequence[Line], seed: int) -> dict[str, Line]:
    return {line.id: line for line in lines if line.judged and line.seed == seed}


def _percent(met: Sequence[bool]) -> str:
    return f"{100 * sum(met) / len(met):.1f}" if met else "-"


def main() -> None:
    """Make a judging sheet, or score one."""
    parser = argparse.ArgumentParser(description=__doc__)
    does = parser.add_subparsers(dest="does", required=True)
    making, scoring = does.add_parser("make"), does.add_parser("score")
    for name in ("first", "second", "judging", "key"):
        making.add_argument(name, type=Path)
    making.add_argument("--seed", type=int, default=1)
    for name in ("judging", "key"):
        scoring.add_argument(name, type=Path)
    given = parser.parse_args()
    try:
        lines = _make(given) if given.does == "make" else _score(given)
    except (BadSheet, OSError) as error:
        sys.exit(str(error))
    sys.stdout.write("\n".join(lines) + "\n")


def _make(given: argparse.Namespace) -> list[str]:
    if given.judging.exists() or given.key.exists():
        raise BadSheet("the judging sheet or the key is there already: name other files")
    if given.first.stem == given.second.stem:
        raise BadSheet("the two sheets must have different names")
    sheets = {file.stem: read(file) for file in (given.first, given.second)}
    rows, key = make(sheets, given.seed)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    given.judging.write_text(text, encoding="utf-8")
    given.key.write_text(json.dumps(key, indent=1), encoding="utf-8")
    return [f"{len(rows)} replies are in {given.judging}; do not look into {given.key} before"]


def _score(given: argparse.Namespace) -> list[str]:
    try:
        lines = given.judging.read_text(encoding="utf-8").split("\n")
        rows = [json.loads(line) for line in lines if line.strip()]
        key = json.loads(given.key.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadSheet("the judging sheet or the key is not JSON any more") from error
    return list(table(judged(rows, key)))


if __name__ == "__main__":
    main()
