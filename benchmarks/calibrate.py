"""Fits one additive bias per label and language, and shows what it changes.

    python -m benchmarks.calibrate FILE.jsonl… [--model default] [--rows 120] [--json SCORES]

Every row (see `benchmarks.rows`) is scored alone, with the shipped prompt and no bias; then a grid
of biases is searched for balanced recall and macro-F1, averaged over the files, so that a large
file counts no more than a small one.
The result is printed as TOML for `engine/tasks.toml`. The figures are on the rows that were fitted:
with two numbers to fit that flatters little, yet it flatters.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from benchmarks.rows import LABELS, drawn
from bot.config import load as load_settings
from bot.wiring import SENTIMENT, find_model, open_engine, tasks
from engine.metrics import macro_f1, wilson
from engine.tasks import alone

NEGATIVE_GRID = [step / 4 for step in range(-16, 25)]
NEUTRAL_GRID = [step / 2 for step in range(-4, 13)]


@dataclass(frozen=True, slots=True)
class Scored:
    """A row with the model's log-probabilities, before any bias."""

    source: str
    language: str
    label: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a bias does on some rows. NaN where there is nothing to count."""

    rows: int
    correct: int
    binary_rows: int
    recall_positive: float
    recall_negative: float
    macro_f1: float

    @property
    def binary(self) -> float:
        """Accuracy on positive and negative rows, the neutral label left out."""
        return self.correct / self.binary_rows if self.binary_rows else math.nan


async def score(files: Sequence[Path], model: str, rows: int) -> tuple[str, list[Scored]]:
    """The model's name, and `rows` rows of each file and language, in a fixed random order."""
    settings = load_settings(None)
    engine_settings = settings.engine.model_copy(update={"model": model})
    settings = settings.model_copy(update={"engine": engine_settings})
    found = find_model(settings)
    task = tasks(settings)[SENTIMENT]
    scored = []
    async with open_engine(settings, found) as engine:
        for row in chain.from_iterable(drawn(files, rows)):
            words = task.words(row.language)
            raw = await engine.score(alone(words, row.text), list(words.labels.values()))
            scores = {name: raw[word] for name, word in words.labels.items()}
            scored.append(Scored(row.source, row.language, row.label, scores))
    return found.name, scored


def fit(rows: Sequence[Scored]) -> dict[str, float]:
    """The best biases of one language; positive stays at zero."""
    grid = [
        {"positive": 0.0, "neutral": neutral, "negative": negative}
        for negative in NEGATIVE_GRID
        for neutral in NEUTRAL_GRID
    ]
    return max(grid, key=lambda biases: _worth(rows, biases))


def _worth(rows: Sequence[Scored], biases: Mapping[str, float]) -> float:
    """Balanced recall, less its imbalance, and half of macro-F1; a file of one label by recall."""
    total = 0.0
    for _, part in _by_source(rows):
        found = figures(part, biases)
        recalls = [r for r in (found.recall_positive, found.recall_negative) if not math.isnan(r)]
        balanced = sum(recalls) / len(recalls)
        total += balanced - 0.2 * (max(recalls) - min(recalls))
        total += 0.5 * (balanced if math.isnan(found.macro_f1) else found.macro_f1)
    return total


def figures(rows: Sequence[Scored], biases: Mapping[str, float]) -> Figures:
    """What the biases make of these rows."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    correct = binary = 0
    recalls: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        biased = {label: row.scores[label] + biases[label] for label in LABELS}
        counts[row.label, max(biased, key=biased.__getitem__)] += 1
        if row.label != "neutral":
            said = "positive" if biased["positive"] >= biased["negative"] else "negative"
            recalls[row.label].append(said == row.label)
            binary += 1
            correct += said == row.label
    neutral = any(label == "neutral" for label, _ in counts)
    return Figures(
        rows=len(rows),
        correct=correct,
        binary_rows=binary,
        recall_positive=_mean(recalls["positive"]),
        recall_negative=_mean(recalls["negative"]),
        macro_f1=macro_f1(counts, LABELS) if neutral else math.nan,
    )


def _by_source(rows: Sequence[Scored]) -> list[tuple[str, list[Scored]]]:
    parts: dict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        parts[row.source].append(row)
    return sorted(parts.items())


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else math.nan


def table(rows: Sequence[Scored], biases: Mapping[str, float]) -> Iterator[str]:
    """One line a file: without the biases, and with them."""
    none = dict.fromkeys(LABELS, 0.0)
    yield "| file | rows | no bias | with bias | 95 % | recall + / - | macro-F1 |"
    yield "|---|---|---|---|---|---|---|"
    for source, part in _by_source(rows):
        raw, now = figures(part, none), figures(part, biases)
        low, high = wilson(now.correct, now.binary_rows)
        recalls = f"{_percent(now.recall_positive)} / {_percent(now.recall_negative)}"
        f1 = "" if math.isnan(now.macro_f1) else f"{now.macro_f1:.2f}"
        yield (
            f"| {source} | {now.rows} | {_percent(raw.binary)} | {_percent(now.binary)} "
            f"| {_percent(low)}-{_percent(high)} | {recalls} | {f1} |"
        )


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{100 * share:.0f}"


def main() -> None:
    """Score, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--rows", type=int, default=120)
    parser.add_argument("--json", type=Path, dest="target", help="write every row's scores here")
    given = parser.parse_args()
    name, rows = asyncio.run(score(given.files, given.model, given.rows))
    if given.target:
        lines = [json.dumps([r.source, r.language, r.label, dict(r.scores)]) for r in rows]
        given.target.write_text("\n".join(lines) + "\n")
    for language in sorted({row.language for row in rows}):
        part = [row for row in rows if row.language == language]
        biases = fit(part)
        words = ", ".join(f"{label} = {value}" for label, value in biases.items())
        lines = [f"[{SENTIMENT}.{language}.biases]", f'"{name}" = {{ {words} }}', ""]
        sys.stdout.write("\n".join([*lines, *table(part, biases), "", ""]))


if __name__ == "__main__":
    main()
