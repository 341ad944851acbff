"""`warmline eval`: how true the labels are on rows that people labelled.

Knows: arguments, what goes to stdout. Does not know: how a row is judged, formulas, tables.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, ModelOption, settings_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.evaluation import Judged
    from bot.labelled import Row


class Task(StrEnum):
    """What can be measured."""

    SENTIMENT = "sentiment"
    CRISIS = "crisis"


class EngineKind(StrEnum):
    """Which engine labels."""

    LLAMACPP = "llamacpp"
    HUGGINGFACE = "huggingface"
    REMOTE = "remote"


def evaluate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help='Lines with "text" and "label".')
    ],
    task: Annotated[Task, typer.Option("--task", help="Moods, or words of crisis.")] = (
        Task.SENTIMENT
    ),
    engine: Annotated[
        EngineKind | None, typer.Option("--engine", help="Instead of the settings' engine.")
    ] = None,
    model: ModelOption = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="Rows of each file and language, drawn at random."),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help='Leave out the turns before a row ("context").')
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Measure how true the labels are on rows that people labelled."""
    from bot.evaluation import QUESTIONS
    from bot.evaluation_table import as_json as in_json
    from bot.labelled import BadRows, drawn, read

    question = QUESTIONS[task]
    try:
        rows = read(files, question.readable)
    except BadRows as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    if not rows:
        typer.echo("there are no rows in there", err=True)
        raise typer.Exit(1)
    if limit is not None:
        rows = drawn(rows, limit)
    if task is Task.CRISIS:
        name, judged = _crisis(rows)
    else:
        name, judged = _sentiment(_chosen(settings_of(config, model), engine), rows, not alone)
    if as_json:
        found = {"judge": name, **in_json(judged, question)}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print(name, judged, task)


def _chosen(settings: Settings, engine: EngineKind | None) -> Settings:
    if engine is None:
        return settings
    return settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"kind": engine.value})}
    )


def _crisis(rows: list[Row]) -> tuple[str, list[Judged]]:
    from bot.evaluation import by_rules

    return "rules", list(by_rules(rows))


def _sentiment(settings: Settings, rows: list[Row], context: bool) -> tuple[str, list[Judged]]:
    from bot.wiring import SENTIMENT, find_model, tasks

    task = tasks(settings)[SENTIMENT]
    found = find_model(settings)

    async def labelled() -> list[Judged]:
        from rich.console import Console
        from rich.progress import Progress

        from bot.evaluation import by_model
        from bot.wiring import open_engine

        judged = []
        width = settings.engine.parallel
        async with open_engine(settings, found) as engine:
            answers = by_model(engine, task, rows, context=context, width=width)
            with Progress(console=Console(stderr=True)) as progress:
                bar = progress.add_task(task.name, total=len(rows))
                async with aclosing(answers):
                    async for one in answers:
                        progress.advance(bar)
                        judged.append(one)
        return judged

    return f"{found.name}, prompt {task.version}", asyncio.run(labelled())


def _print(name: str, judged: list[Judged], task: Task) -> None:
    from bot.evaluation import QUESTIONS
    from bot.evaluation_table import confusion, mistakes, table

    question = QUESTIONS[task]
    for line in (
        f"{task} by {name}",
        "",
        *table({name: judged}, question),
        "",
        *confusion(judged, question),
        "",
        "The worst mistakes:",
        *mistakes(judged, question),
    ):
        typer.echo(line)
