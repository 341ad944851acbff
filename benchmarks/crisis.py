"""How many dangers the crisis rules see, and how often they see one where there is none.

    python -m benchmarks.crisis FILE.jsonl… [--alarms] [--missed] [--json FILE]

A row has `text`, `label` and `lang`, perhaps `kind`. A row labelled `crisis` is a danger; any other
label, also a sentiment, is none. Shares come with their Wilson 95 % interval. The time is that of
one look at each row, and at texts of 4,000 characters made of the rows that are no danger.
`--alarms` and `--missed` show the words of rows: mind who reads along.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.crisis.finding import Finding, find
from bot.crisis.rulebook import LANGUAGES, rulebook
from engine.metrics import wilson

CRISIS = "crisis"
LONG = 4_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A row and what the rules saw in it."""

    text: str
    language: str
    danger: bool
    kind: str
    found: Finding | None


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of the table. `kinds` are the dangers whose kind was told right, of those known."""

    name: str
    language: str
    dangers: int
    seen: int
    others: int
    alarms: int
    kinds: tuple[int, int]


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
        rows.append(Seen(text, language, label == CRISIS, str(row.get("kind", "")), find(text)))
    return rows


def figures(name: str, language: str, rows: Sequence[Seen]) -> Figures:
    """What the table says of some rows."""
    dangers = [row for row in rows if row.danger]
    known = [row for row in dangers if row.kind and row.found]
    return Figures(
        name=name,
        language=language,
        dangers=len(dangers),
        seen=sum(1 for row in dangers if row.found),
        others=len(rows) - len(dangers),
        alarms=sum(1 for row in rows if row.found and not row.danger),
        kinds=(sum(1 for r in known if r.found and r.found.kind == r.kind), len(known)),
    )


def table(lines: Sequence[Figures]) -> Iterator[str]:
    """The figures, as Markdown."""
    yield "| rows | language | dangers seen | false alarms | kind told right |"
    yield "|---|---|---|---|---|"
    for line in lines:
        right, known = line.kinds
        yield (
            f"| {line.name} | {line.language or 'all'} | {_share(line.seen, line.dangers)} "
            f"| {_share(line.alarms, line.others)} | {f'{right} of {known}' if known else '-'} |"
        )


def _share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    low, high = wilson(part, whole)
    return f"{part} of {whole}: {part / whole:.1%} ({low:.1%} to {high:.1%})"


def times(texts: Sequence[str]) -> list[float]:
    """Processor milliseconds of one look at each text, the faster of two."""
    taken = []
    for text in texts:
        both = []
        for _ in range(2):
            began = time.thread_time()
            find(text)
            both.append((time.thread_time() - began) * 1000)
        taken.append(min(both))
    return taken


def long_texts(texts: Sequence[str]) -> list[str]:
    """The texts one after the other, in pieces of 4,000 characters."""
    joined = "\n".join(texts)
    return [joined[start : start + LONG] for start in range(0, len(joined) - LONG, LONG)][:50]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--alarms", action="store_true", help="show each false alarm")
    parser.add_argument("--missed", action="store_true", help="show each danger not seen")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args(arguments)
    try:
        files = {path.name.removesuffix(".jsonl"): looked_at(path) for path in options.files}
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    lines = [line for name, rows in files.items() for line in _lines(name, rows)]
    everything = [row for rows in files.values() for row in rows]
    if len(files) > 1:
        lines.append(figures("together", "", everything))
    print(*table(lines), sep="\n")
    calm = [row.text for row in everything if not row.found]
    _show_times("a row", times([row.text for row in everything]))
    _show_times(f"a text of {LONG:,} characters", times(long_texts(calm)))
    print("rules:", ", ".join(f"{name} {rulebook(name).version}" for name in LANGUAGES))
    for row in everything:
        if row.found and not row.danger and options.alarms:
            print(f"alarm\t{row.found.kind}\t{row.found.rule}\t{row.text!r}")
        if row.danger and not row.found and options.missed:
            print(f"missed\t{row.kind}\t{row.text!r}")
    if options.json:
        written: list[dict[str, Any]] = [asdict(line) for line in lines]
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return 0


def _lines(name: str, rows: Sequence[Seen]) -> Iterator[Figures]:
    yield figures(name, "", rows)
    languages = sorted({row.language for row in rows})
    if len(languages) > 1:
        for language in languages:
            yield figures(name, language, [row for row in rows if row.language == language])


def _show_times(what: str, taken: Sequence[float]) -> None:
    if taken:
        half, most = statistics.median(taken), max(taken)
        print(f"{what}: median {half:.2f} ms, longest {most:.2f} ms ({len(taken)} looks)")


if __name__ == "__main__":
    sys.exit(main())
