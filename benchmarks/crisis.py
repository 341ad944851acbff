"""How many dangers the crisis rules see, and how often they see one where there is none.

    python -m benchmarks.crisis FILE.jsonl… [--alarms] [--missed] [--json FILE] [--limit N]
                                [--model default] [--threshold en=0.9 zh=0.9]

Rows are those of `benchmarks.crisis_rows`. Shares come with their Wilson 95 % interval. The time is
that of one look at each row, and at texts of 4,000 characters made of the rows that are no danger.
`--alarms` and `--missed` show the words of rows: mind who reads along.

With `--model` the model's own label is asked of every row too, and joined with the rules as in the
product. The curve is that of the first file. The threshold of each language is chosen there, and on
the ordinary rows (labelled with a sentiment) of all files: the least at which both together give
few enough false alarms. Every file is then counted at it, or at what `--threshold` says:

    python -m benchmarks.crisis tests/crisis/tuning.jsonl tests/crisis/heldout.jsonl ROWS.jsonl…
                                --model default
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import crisis_label
from benchmarks.crisis_label import At, Looked, at, chosen, of_language, ranking, read_by
from benchmarks.crisis_rows import Seen, drawn, looked_at, share
from benchmarks.engines import settings_with
from bot.crisis.finding import find
from bot.crisis.rulebook import LANGUAGES, rulebook
from bot.models import find_model
from bot.wiring import CRISIS, open_engine, tasks
from engine.base import EngineError

LONG = 4_000

Files = Mapping[str, Sequence[Seen]]


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
            f"| {line.name} | {line.language or 'all'} | {share(line.seen, line.dangers)} "
            f"| {share(line.alarms, line.others)} | {f'{right} of {known}' if known else '-'} |"
        )


async def read_all(files: Files, model: str) -> tuple[str, dict[str, list[Looked]]]:
    """The model's name, and all rows as it reads them.

    Raises:
        EngineError.
    """
    settings = settings_with(model=model)
    found = find_model(settings)
    known = tasks(settings)
    async with open_engine(settings, found) as engine:
        read = {name: [row async for row in read_by(engine, known, files[name])] for name in files}
    return f"{found.name}, question {known[CRISIS].version}", read


def joined(
    read: Mapping[str, Sequence[Looked]], wanted: Mapping[str, float]
) -> tuple[list[str], list[At]]:
    """The lines of a report on the label, and its figures: the curve first, then every file."""
    report, lines = [], []
    first, *_ = read
    for language in LANGUAGES:
        rows = {name: of_language(part, language) for name, part in read.items()}
        tuned = [row for part in rows.values() for row in part if row.seen.ordinary]
        tuned += [row for row in rows[first] if not row.seen.ordinary]
        best = chosen(tuned) if tuned else None
        report += [f"{language}: {name}: {ranking(part)}" for name, part in rows.items() if part]
        report.append(f"{language}: the threshold that is chosen is {best or 'none'}")
        lines += [at(first, language, rows[first], t) for t in crisis_label.THRESHOLDS]
        threshold = wanted.get(language, best)
        if threshold is not None:
            lines += [at(name, language, part, threshold) for name, part in rows.items() if part]
    return report, lines


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
    parser.add_argument("--limit", type=int, help="rows of each file and language, at random")
    parser.add_argument("--model", help="ask this one too, such as default or tiny")
    parser.add_argument("--threshold", nargs="*", default=[], type=_threshold, metavar="en=0.9")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args(arguments)
    try:
        files = {path.name.removesuffix(".jsonl"): looked_at(path) for path in options.files}
        if options.limit:
            files = {name: drawn(rows, options.limit) for name, rows in files.items()}
        asked = asyncio.run(read_all(files, options.model)) if options.model else None
    except (OSError, ValueError, EngineError) as error:
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
    report, label = joined(asked[1], dict(options.threshold)) if asked else ([], [])
    if asked:
        print("", f"label: {asked[0]}", *report, "", *crisis_label.table(label), sep="\n")
    if options.json:
        written: list[dict[str, Any]] = [*map(asdict, lines), *map(asdict, label)]
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return 0


def _lines(name: str, rows: Sequence[Seen]) -> Iterator[Figures]:
    yield figures(name, "", rows)
    languages = sorted({row.language for row in rows})
    if len(languages) > 1:
        for language in languages:
            yield figures(name, language, [row for row in rows if row.language == language])


def _threshold(given: str) -> tuple[str, float]:
    language, _, value = given.partition("=")
    if language not in LANGUAGES:
        raise argparse.ArgumentTypeError("write en=0.9 or zh=0.9")
    return language, float(value)


def _show_times(what: str, taken: Sequence[float]) -> None:
    if taken:
        half, most = statistics.median(taken), max(taken)
        print(f"{what}: median {half:.2f} ms, longest {most:.2f} ms ({len(taken)} looks)")


if __name__ == "__main__":
    sys.exit(main())
