"""`warmline label`: a file of texts in, the same lines with labels out.

Knows: JSON lines. Does not know: how a label comes about.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.options import ConfigOption, ModelOption, settings_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.models import Model
    from engine.base import Engine
    from engine.tasks import LabelTask


def label(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help='Lines with a "text".')],
    target: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="Where the labels go.")],
    task: Annotated[str, typer.Option("--task", metavar="NAME", help="Which task.")] = "sentiment",
    config: ConfigOption = None,
    model: ModelOption = None,
) -> None:
    """Label every line of a file."""
    from bot.models import find_model
    from bot.wiring import tasks

    settings = settings_of(config, model)
    known = tasks(settings)
    if task not in known:
        raise typer.BadParameter(f"no task {task!r}; there are: {', '.join(sorted(known))}")
    if not source.is_file():
        raise typer.BadParameter(f"{source} is not a file")
    if target.exists() and target.samefile(source):
        raise typer.BadParameter("IN and OUT are the same file")
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise typer.BadParameter(f"{target} cannot be written: give a file in a folder that exists")
    found = find_model(settings)
    lines = source.read_bytes().splitlines()
    bad = asyncio.run(_label(settings, found, known[task], lines, target))
    if bad:
        typer.echo(f"{bad} lines could not be labelled; the rest is in {target}", err=True)
        raise typer.Exit(1)


async def _label(
    settings: Settings, model: Model, task: LabelTask, lines: list[bytes], target: Path
) -> int:
    """Write the labelled lines in order; the count of those that could not be."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.wiring import open_engine

    bad = 0
    part = target.with_name(target.name + ".part")
    async with open_engine(settings, model) as engine:
        console = Console(stderr=True)
        with Progress(console=console) as progress, part.open("w", encoding="utf-8") as out:
            bar = progress.add_task(task.name, total=len(lines))
            async for number, row in _labelled(engine, task, lines, settings.engine.parallel):
                progress.advance(bar)
                if isinstance(row, str):
                    bad += 1
                    console.print(f"line {number}: {row}", markup=False)
                elif row:
                    out.write(json.dumps(row) + "\n")
    part.replace(target)
    return bad


async def _labelled(
    engine: Engine, task: LabelTask, lines: list[bytes], width: int
) -> AsyncIterator[tuple[int, dict[str, Any] | str | None]]:
    """Line numbers with a labelled row, what is wrong with the line, or None for an empty one.

    `width` lines are under way at once; the order is kept.
    """
    running: list[asyncio.Task[dict[str, Any] | str | None]] = []
    numbers = iter(range(1, len(lines) + 1))
    for line in _ahead(lines):
        if line is not None:
            running.append(asyncio.ensure_future(_row(engine, task, line)))
        while running and (len(running) >= width or line is None):
            yield next(numbers), await running.pop(0)


def _ahead(lines: list[bytes]) -> Iterator[bytes | None]:
    """All lines, then one None: no more to come."""
    yield from lines
    yield None


async def _row(engine: Engine, task: LabelTask, line: bytes) -> dict[str, Any] | str | None:
    from bot.language import detect
    from bot.prompt import felt
    from engine.base import EngineError
    from engine.tasks import alone, classify

    if not line.strip():
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return "not JSON"
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return 'not an object with a "text"'
    if not row["text"].strip():
        return "the text is empty"
    language = row.get("lang") or detect(row["text"])
    words = task.words(str(language))
    text = felt(row["text"]) if task.name == "sentiment" else row["text"]
    try:
        scores = await classify(engine, task, words, alone(words, text))
    except EngineError as error:
        return str(error)
    found = {
        "label": scores.label,
        "probabilities": dict(scores.probabilities),
        "valence": scores.valence if task.valence else None,
    }
    return {**row, **found, "model": scores.model, "version": scores.version}
