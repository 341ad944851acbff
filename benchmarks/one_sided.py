"""Does a long, one-sided history bend the label of the next message?

    python -m benchmarks.one_sided FILE.jsonl… [--model default] [--engine llamacpp] [--rows 40]

The same rows (positive and negative ones of each language) are labelled alone, after twelve turns
of each label, and after twelve of any mood whose labels were not kept, with the shipped prompt and
calibration. The turns are messages of `benchmarks.replies`, each with a plain reply.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.engines import settings_with
from benchmarks.machine import machine
from benchmarks.replies.cases import cases
from bot import prompt
from bot.evaluation import SENTIMENT
from bot.labelled import BadRows, Row, drawn, read
from bot.models import find_model
from bot.prompt import Exchange
from bot.wiring import SENTIMENT as TASK
from bot.wiring import open_engine, tasks
from engine.base import Engine, EngineError
from engine.metrics import auc, share, wilson
from engine.tasks import LabelTask, classify

TURNS = 12
REPLIES = {"en": "I'm here with you.", "zh": "我在这里。"}
UNLABELLED = "unlabelled"
BEFORE = ("nothing", *SENTIMENT.labels, UNLABELLED)
"""What stands before a message: no turn, turns of one label, or turns whose label is not known."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row after some history: how far it leans to positive, and the label it got."""

    row: Row
    lean: float
    label: str


def history(language: str, label: str) -> list[Exchange]:
    """Twelve turns of one label, or of any mood without their labels; none for "nothing"."""
    own = [c for c in cases() if c.language == language and c.feels]
    if label == UNLABELLED:
        texts, label = [c.text for c in own[:: len(own) // TURNS]], ""
    else:
        texts = [c.text for c in own if c.feels == label]
    chosen = (texts * TURNS)[:TURNS] if texts else []
    reply = REPLIES[language]
    return [Exchange(number, text, reply, label) for number, text in enumerate(chosen, start=1)]


async def asked(
    engine: Engine, task: LabelTask, language: str, rows: Sequence[Row], before: str
) -> list[Asked]:
    """The rows of one language, each after the same history.

    Raises:
        EngineError.
    """
    found = []
    turns = history(language, before)
    for row in rows:
        built = prompt.build(task, language, turns, row.text, f"{language}-{before}")
        scores = await classify(engine, task, built.words, built.sentiment)
        p = scores.probabilities
        lean = p[SENTIMENT.first] - p[SENTIMENT.second]
        found.append(Asked(row, lean, scores.label))
    return found


def line(language: str, before: str, now: Sequence[Asked], alone: Sequence[Asked]) -> str:
    """One row of the table: how true, and how many labels are others than without a history."""
    positive = [one.row.label == SENTIMENT.first for one in now]
    right = [(one.lean >= 0) == truth for one, truth in zip(now, positive, strict=True)]
    low, high = wilson(sum(right), len(right))
    moved = [one.label != other.label for one, other in zip(now, alone, strict=True)]
    shift = sum(o.lean - a.lean for o, a in zip(now, alone, strict=True)) / len(now)
    return (
        f"| {language} | {before} | {len(now)} | {100 * share(right):.1f} "
        f"| {100 * low:.1f} to {100 * high:.1f} | {auc([o.lean for o in now], positive):.3f} "
        f"| {sum(moved)} | {shift:+.3f} |"
    )


async def measure(given: argparse.Namespace) -> list[str]:
    """The table.

    Raises:
        BadRows, EngineError.
    """
    rows = [r for r in read(given.files, SENTIMENT.labels) if r.label != "neutral"]
    rows = drawn(rows, given.rows)
    settings = settings_with(kind=given.engine, model=given.model)
    found = find_model(settings)
    task = tasks(settings)[TASK]
    lines = [
        f"{found.name}, {machine()}, {datetime.now(UTC):%Y-%m-%d}",
        "",
        f"| | {TURNS} turns before | rows | accuracy + / - | 95 % | AUC | other label | shift |",
        "|---|---|---|---|---|---|---|---|",
    ]
    async with open_engine(settings, found) as engine:
        for language in REPLIES:
            own = [row for row in rows if row.language == language]
            results = {
                before: await asked(engine, task, language, own, before) for before in BEFORE
            }
            lines += [line(language, b, now, results["nothing"]) for b, now in results.items()]
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--engine", default="llamacpp")
    parser.add_argument("--rows", type=int, default=40, help="of each file and language")
    given = parser.parse_args()
    try:
        lines = asyncio.run(measure(given))
    except (BadRows, EngineError) as error:
        sys.exit(str(error))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
