"""Do llama.cpp and torch say the same of the same words, on the same weights?

    python -m benchmarks.agreement FILE.jsonl… [--rows 200] [--model default] [--json FILE]

Each row is labelled alone, with the shipped prompt and biases: first by llama.cpp, then, once that
is closed, by torch on the same GGUF unpacked to fp32 (needs `pip install gguf`). llama.cpp also
rounds what the weights are multiplied with, which is where the two part. Rows are those of
`warmline eval`; the same number from each file, as far as it goes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.engines import settings_with
from benchmarks.machine import machine
from benchmarks.published import LABELS, shortened
from bot.labelled import BadRows, Row, drawn, read
from bot.models import find_model
from bot.wiring import SENTIMENT, open_engine, tasks
from engine.base import EngineError
from engine.metrics import wilson
from engine.tasks import Scores, alone, classify

POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near two engines are on one language's rows; differences are of P(positive)."""

    rows: int
    same_label: int
    mean_difference: float
    most_difference: float


def evenly(rows: Sequence[Row], limit: int) -> dict[str, list[Row]]:
    """At most `limit` rows of each language at random, as evenly from the files as they allow."""
    parts: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in drawn(rows, limit):
        parts[row.language][row.file].append(row)
    return {
        language: [row for turn in zip_longest(*files.values()) for row in turn if row][:limit]
        for language, files in sorted(parts.items())
    }


async def labelled(kind: str, model: str, rows: Sequence[Row]) -> tuple[str, list[Scores]]:
    """The model's name, and what an engine says of each row.

    Raises:
        EngineError.
    """
    settings = settings_with(kind=kind, model=model, device="cpu", dtype="float32")
    found = find_model(settings)
    task = tasks(settings)[SENTIMENT]
    said = []
    async with open_engine(settings, found) as engine:
        for row in rows:
            words = task.words(row.language)
            said.append(await classify(engine, task, words, alone(words, row.text)))
    return found.name, said


def compared(ours: Sequence[Scores], reference: Sequence[Scores]) -> Agreement:
    """The agreement over the same rows in the same order; at least one."""
    pairs = list(zip(ours, reference, strict=True))
    apart = [abs(a.probabilities[POSITIVE] - b.probabilities[POSITIVE]) for a, b in pairs]
    same = sum(a.label == b.label for a, b in pairs)
    return Agreement(len(pairs), same, fmean(apart), max(apart))


def summary(result: Mapping[str, Any]) -> Iterator[str]:
    """The result as lines of a Markdown table."""
    yield f"{result['model']}, llama.cpp against torch fp32, {result['machine']}, {result['date']}"
    yield ""
    yield "| language | rows | same label | 95 % | difference of P(positive): mean | most |"
    yield "|---|---|---|---|---|---|"
    for language, found in result["languages"].items():
        low, high = wilson(found["same_label"], found["rows"])
        share = found["same_label"] / found["rows"]
        yield (
            f"| {language} | {found['rows']} | {100 * share:.1f} % "
            f"| {100 * low:.1f}-{100 * high:.1f} "
            f"| {found['mean_difference']:.4f} | {found['most_difference']:.4f} |"
        )


async def measure(files: Sequence[Path], rows: int, model: str) -> dict[str, Any]:
    """Both engines over the same rows.

    Raises:
        EngineError, BadRows.
    """
    by_language = evenly(shortened(read(files, LABELS)), rows)
    every = [row for part in by_language.values() for row in part]
    name, ours = await labelled("llamacpp", model, every)
    _, reference = await labelled("huggingface", model, every)
    languages = {}
    for language in by_language:
        places = [place for place, row in enumerate(every) if row.language == language]
        found = compared([ours[p] for p in places], [reference[p] for p in places])
        languages[language] = asdict(found)
    date = f"{datetime.now(UTC):%Y-%m-%d}"
    return {"model": name, "machine": machine(), "date": date, "languages": languages}


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rows", type=int, default=200, help="of each language")
    parser.add_argument("--model", default="default", help="a catalogue name or a .gguf file")
    parser.add_argument("--json", type=Path, dest="target")
    given = parser.parse_args()
    if given.rows < 1:
        parser.error("--rows goes from 1")
    try:
        result = asyncio.run(measure(given.files, given.rows, given.model))
    except (EngineError, BadRows) as error:
        sys.exit(str(error))
    if given.target:
        given.target.write_text(json.dumps(result, indent=1))
    sys.stdout.write("\n".join(summary(result)) + "\n")


if __name__ == "__main__":
    main()
