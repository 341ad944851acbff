"""How true are the labels, with a word list (VADER) and a naive Bayes model (SnowNLP) beside them?

    python -m benchmarks.accuracy FILE.jsonl… [--model default] [--engine llamacpp] [--rows N]
                                  [--alone] [--no-model] [--json FILE]

Rows are those of `warmline eval`. VADER (English) and SnowNLP (Chinese) are in the extra "bench";
both are as published, with no threshold fitted. Rows without a word that VADER knows count as
positive where only two labels may be said, and as neutral where three may. SnowNLP has no neutral.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.engines import settings_with
from benchmarks.machine import machine
from bot.evaluation import SENTIMENT, Judged, by_model
from bot.evaluation_table import as_json, confusion, mistakes, table
from bot.labelled import BadRows, Row, drawn, read
from bot.models import find_model
from bot.wiring import SENTIMENT as TASK
from bot.wiring import open_engine, tasks
from engine.base import EngineError

NEUTRAL_BAND = 0.05
"""VADER's own: a compound score nearer to 0 is neutral."""

Lean = Callable[[str], float]
"""From a text to -1 (negative) … 1 (positive)."""


class ExtraMissing(Exception):
    """A library of the extra "bench" is not installed."""


def vader() -> Lean:
    """VADER's compound score (Hutto and Gilbert 2014).

    Raises:
        ExtraMissing.
    """
    analyzer = _module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return lambda text: float(analyzer.polarity_scores(text)["compound"])


def snownlp() -> Lean:
    """SnowNLP's probability of positive, from -1 to 1. It was trained on shop reviews.

    Raises:
        ExtraMissing.
    """
    reader = _module("snownlp").SnowNLP
    return lambda text: 2 * float(reader(text).sentiments) - 1


BASELINES: dict[str, tuple[str, Callable[[], Lean], float]] = {
    "VADER": ("en", vader, NEUTRAL_BAND),
    "SnowNLP": ("zh", snownlp, 0.0),
}
"""By name: its language, how it is loaded, and its neutral band."""


def by_baseline(name: str, rows: Iterable[Row]) -> list[Judged]:
    """What a baseline says of the rows in its language.

    Raises:
        ExtraMissing.
    """
    language, load, band = BASELINES[name]
    own = [row for row in rows if row.language == language]
    if not own:
        return []
    lean = load()
    return [_judged(row, lean(row.text), band) for row in own]


def _judged(row: Row, lean: float, band: float) -> Judged:
    if abs(lean) < band:
        return Judged(row, "neutral", lean)
    return Judged(row, SENTIMENT.first if lean >= 0 else SENTIMENT.second, lean)


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ExtraMissing('install the baselines first: pip install -e ".[bench]"') from error


async def labelled(given: argparse.Namespace, rows: list[Row]) -> tuple[str, list[Judged]]:
    """The model's name, and what it says of every row.

    Raises:
        EngineError.
    """
    settings = settings_with(kind=given.engine, model=given.model)
    found = find_model(settings)
    task = tasks(settings)[TASK]
    async with open_engine(settings, found) as engine:
        answers = by_model(
            engine, task, rows, context=not given.alone, width=settings.engine.parallel
        )
        return found.name, [one async for one in answers]


def summary(by_judge: dict[str, list[Judged]]) -> Iterator[str]:
    """Markdown: one table of all judges; confusion and worst mistakes of the first."""
    yield f"{machine()}, {datetime.now(UTC):%Y-%m-%d}"
    yield ""
    yield from table(by_judge, SENTIMENT)
    for name, judged in list(by_judge.items())[:1]:
        yield from ("", name, "", *confusion(judged, SENTIMENT), "")
        yield from (f"    {line}" for line in mistakes(judged, SENTIMENT))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--engine", default="llamacpp")
    parser.add_argument("--rows", type=int, help="of each file and language; all unless told")
    parser.add_argument("--alone", action="store_true", help="leave out earlier turns")
    parser.add_argument("--no-model", action="store_true", help="the baselines alone")
    parser.add_argument("--json", type=Path, dest="target")
    given = parser.parse_args()
    try:
        rows = read(given.files, SENTIMENT.labels)
        rows = drawn(rows, given.rows) if given.rows else rows
        beside = {name: by_baseline(name, rows) for name in BASELINES}
        ours = {} if given.no_model else dict([asyncio.run(labelled(given, rows))])
    except (BadRows, EngineError, ExtraMissing) as error:
        sys.exit(str(error))
    by_judge = ours | {name: judged for name, judged in beside.items() if judged}
    if given.target:
        found = [{"judge": name, **as_json(j, SENTIMENT)} for name, j in by_judge.items()]
        given.target.write_text(json.dumps(found, indent=1, ensure_ascii=False))
    sys.stdout.write("\n".join(summary(by_judge)) + "\n")


if __name__ == "__main__":
    main()
