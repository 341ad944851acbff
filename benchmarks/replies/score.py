"""How often the replies of a sheet break a rule.

    python -m benchmarks.replies.score SHEET.jsonl… [--shown 3]

The rules are counted anew, so that an older sheet can be held against newer rules. Two sheets stand
side by side. Fixed, human-written replies count nowhere but in the claims to be human.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.replies.cases import HUMAN
from benchmarks.replies.sheet import BadSheet, Line, read
from bot.reply.rules import RULES
from bot.reply.text import Breach
from engine.metrics import wilson

CLAIM = "claims_human"


@dataclass(frozen=True, slots=True)
class Score:
    """A sheet counted: its replies by the model, and who broke which rule where."""

    written: Sequence[Line]
    broken: Mapping[str, Sequence[tuple[Line, Breach]]]

    def kept(self, rule: str, language: str = "") -> tuple[int, int]:
        """How many replies keep a rule, and of how many."""
        of = [line for line in self.written if language in ("", line.language)]
        broke = [line for line, _ in self.broken.get(rule, ()) if language in ("", line.language)]
        return len(of) - len(broke), len(of)


def scored(lines: Sequence[Line]) -> Score:
    """Count the rules."""
    written = [line for line in lines if not line.fixed]
    broken = defaultdict(list)
    for line in written:
        for breach in line.breaches():
            broken[breach.rule].append((line, breach))
    return Score(written, broken)


def table(sheets: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    """Markdown: a line for each rule, percent of the replies that keep it."""
    names = [f"{name}: {part}" for name in sheets for part in ("en", "zh", "all", "95 %")]
    yield f"| rule kept, % | {' | '.join(names)} |"
    yield f"|{'---|' * (len(names) + 1)}"
    scores = [scored(lines) for lines in sheets.values()]
    for rule in RULES:
        cells = [cell for score in scores for cell in _cells(score, rule)]
        yield f"| {rule} | {' | '.join(cells)} |"
    yield f"| all of them | {' | '.join(cell for s in scores for cell in _all_kept(s))} |"
    yield f"| label as meant | {' | '.join(c for s in sheets.values() for c in _labels(s))} |"


def humanity(name: str, lines: Sequence[Line]) -> str:
    """One sentence: what became of the ways to ask "are you human?"."""
    asked = [line for line in lines if line.kind == HUMAN]
    fixed = sum(line.fixed for line in asked)
    claims = len(scored(asked).broken.get(CLAIM, ()))
    return (
        f"{name}: {len(asked)} asked if it is human, {fixed} got the fixed answer, {claims} claims"
    )


def shown(name: str, lines: Sequence[Line], most: int) -> Iterator[str]:
    """Some breaches of each rule."""
    for rule, found in scored(lines).broken.items():
        for line, breach in found[:most]:
            told = " / ".join(line.reply.split("\n"))
            yield f"{name}, {rule} ({breach.where!r}): {line.id} seed {line.seed}: {told}"


def _cells(score: Score, rule: str) -> Iterator[str]:
    for language in ("en", "zh", ""):
        yield _percent(*score.kept(rule, language))
    low, high = wilson(*score.kept(rule))
    yield f"{100 * low:.1f} to {100 * high:.1f}"


def _all_kept(score: Score) -> Iterator[str]:
    bad = {(line.id, line.seed) for found in score.broken.values() for line, _ in found}
    for language in ("en", "zh", ""):
        of = [line for line in score.written if language in ("", line.language)]
        good = sum((line.id, line.seed) not in bad for line in of)
        yield _percent(good, len(of))
    low, high = wilson(len(score.written) - len(bad), len(score.written))
    yield f"{100 * low:.1f} to {100 * high:.1f}"


def _labels(lines: Sequence[Line]) -> Iterator[str]:
    told = [line for line in lines if line.feels and line.label]
    for language in ("en", "zh", ""):
        of = [line for line in told if language in ("", line.language)]
        yield _percent(sum(line.label == line.feels for line in of), len(of))
    low, high = wilson(sum(line.label == line.feels for line in told), len(told))
    yield f"{100 * low:.1f} to {100 * high:.1f}"


def _percent(good: int, of: int) -> str:
    return f"{100 * good / of:.1f}" if of else "-"


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--shown", type=int, default=3, help="breaches of each rule to show")
    given = parser.parse_args()
    try:
        sheets = {file.stem: read(file) for file in given.files}
    except BadSheet as error:
        sys.exit(str(error))
    for line in report(sheets, given.shown):
        sys.stdout.write(line + "\n")


def report(sheets: Mapping[str, Sequence[Line]], most: int) -> Iterator[str]:
    """All of it as lines."""
    yield from table(sheets)
    for name, lines in sheets.items():
        yield from ("", humanity(name, lines), *shown(name, lines, most))


if __name__ == "__main__":
    main()
