"""How much a feeling's word is worth that the model says: the numbers in `engine/tasks.toml`.

    python -m benchmarks.feelings FILE.jsonl… [--model default] [--engine llamacpp] [--rows 30]

Rows with the label of a guided manner are put to the model as in a reply. A word that it says of
any of them means less: half of a word's mean log-probability is taken off it ("contextual
calibration", Zhao et al. 2021, arXiv 2102.09690, by halves: some feelings are the more frequent
ones). Which feeling a row has is not known and not asked. Prints the lines to put into
`engine/tasks.toml`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.engines import settings_with
from benchmarks.machine import machine
from bot import prompt
from bot.evaluation import SENTIMENT
from bot.labelled import BadRows, Row, drawn, read
from bot.models import find_model
from bot.wiring import SENTIMENT as TASK
from bot.wiring import open_engine, tasks
from engine.base import Engine, EngineError
from engine.tasks import LabelTask, feeling_scores

TAKEN_OFF = 0.5
"""Of a word's mean log-probability."""


async def means(
    engine: Engine, task: LabelTask, language: str, label: str, rows: Sequence[Row]
) -> dict[str, float]:
    """The mean log-probability of each feeling of a manner, over its wordings and the rows.

    Raises:
        EngineError.
    """
    words = task.words(language)
    manner = words.manners[label]
    total = dict.fromkeys(manner.feelings, 0.0)
    for row in rows:
        turn = prompt.build(task, language, [], row.text, f"{language}-{label}")
        prompts = [turn.reply(label, "", "", asked) for asked in manner.asked]
        for table in await feeling_scores(engine, words, manner, prompts):
            for feeling, score in table.items():
                total[feeling] += score / len(prompts) / len(rows)
    return total


def worth(means: Mapping[str, float]) -> dict[str, float]:
    """What is added to each feeling; to the one that is said most, nothing."""
    most = max(means.values())
    return {feeling: round(TAKEN_OFF * (most - mean), 1) for feeling, mean in means.items()}


def line(language: str, label: str, found: Mapping[str, float]) -> str:
    """As it stands in `engine/tasks.toml`."""
    inside = ", ".join(f'"{feeling}" = {nats}' for feeling, nats in found.items())
    return f"[sentiment.{language}.manners.{label}]\nfeelings = {{ {inside} }}"


async def measure(given: argparse.Namespace) -> list[str]:
    """The lines.

    Raises:
        BadRows, EngineError.
    """
    rows = read(given.files, SENTIMENT.labels)
    settings = settings_with(kind=given.engine, model=given.model)
    found = find_model(settings)
    task = tasks(settings)[TASK]
    lines = [f"# {found.name}, {machine()}, {datetime.now(UTC):%Y-%m-%d}"]
    async with open_engine(settings, found) as engine:
        for language, label in guided(task):
            own = [row for row in rows if (row.language, row.label) == (language, label)]
            chosen = drawn(own, given.rows)
            if not chosen:
                raise BadRows(f"no {label} row in {language}: name a file that has some")
            said = await means(engine, task, language, label, chosen)
            lines.append(line(language, label, worth(said)))
    return lines


def guided(task: LabelTask) -> list[tuple[str, str]]:
    """Language and label of the manners that name a feeling."""
    return [
        (language, label)
        for language, words in task.languages.items()
        for label, manner in words.manners.items()
        if manner.feelings
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--engine", default="llamacpp")
    parser.add_argument("--rows", type=int, default=30, help="of each file, by language and label")
    given = parser.parse_args()
    try:
        lines = asyncio.run(measure(given))
    except (BadRows, EngineError) as error:
        sys.exit(str(error))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
