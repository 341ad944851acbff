"""What a label costs with many words in its place, beside three labels alone, in turns.

    python -m benchmarks.label [--model default] [--messages 19]

The same messages are read both ways, one after the other, each as a first message. The first of a
language is not counted: it makes the words into tokens. Nothing else should run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import UTC, datetime
from statistics import median

from benchmarks.engines import settings_with
from benchmarks.machine import machine
from benchmarks.messages import CHINESE, ENGLISH
from bot.models import find_model
from bot.prompt import build
from bot.wiring import SENTIMENT, open_engine, tasks
from engine.base import Engine
from engine.tasks import LabelTask, raw_scores, told_at_once


async def measured(
    engine: Engine, task: LabelTask, count: int
) -> dict[str, dict[str, list[float]]]:
    """Milliseconds by language and way; the first message of a language is not counted."""
    found: dict[str, dict[str, list[float]]] = {}
    for language, messages in (("en", ENGLISH), ("zh", CHINESE)):
        words = task.words(language)
        near = await told_at_once(engine, words)
        ways = {"labels": (), "words": near}
        found[language] = {way: [] for way in ways}
        for number, text in enumerate(messages[: count + 1]):
            for way, asked in ways.items():
                # A different end each time: what was just read would not be read again.
                prompt = build(task, language, [], f"{text} {way[0]}{number}", "").sentiment
                begun = time.perf_counter()
                await raw_scores(engine, words, prompt, asked)
                if number:
                    found[language][way].append(1000 * (time.perf_counter() - begun))
    return found


async def run(model: str, count: int) -> None:
    """Measure and print."""
    settings = settings_with(kind="llamacpp", model=model)
    async with open_engine(settings, find_model(settings)) as engine:
        found = await measured(engine, tasks(settings)[SENTIMENT], count)
    sys.stdout.write(f"{engine.model}, {machine()}, {datetime.now(UTC):%Y-%m-%d}\n\n")
    sys.stdout.write(
        "| | labels alone, ms | with words, ms | ratio of pairs |\n|---|---|---|---|\n"
    )
    for language, ways in found.items():
        pairs = [after / before for before, after in zip(*ways.values(), strict=True)]
        told = " | ".join(f"{median(times):.0f}" for times in ways.values())
        sys.stdout.write(f"| {language} | {told} | {median(pairs):.2f} |\n")


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default")
    parser.add_argument("--messages", type=int, default=19, help="of each language")
    given = parser.parse_args()
    asyncio.run(run(given.model, given.messages))


if __name__ == "__main__":
    main()
