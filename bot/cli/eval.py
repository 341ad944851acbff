"""`warmline eval`: how true the labels are on rows that people labelled.

Knows: arguments, what goes to stdout. Does not know: how a row is judged, formulas, tables.
"""

from __future__ import annotations

import asyncio
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, EngineOption, ModelOption, settings_of
from bot.cli.rows import FilesArgument, LimitOption, counted, rows_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.evaluation import Judged
    from bot.labelled import Row


class Task(StrEnum):
    """What can be measured."""

    SENTIMENT = "sentiment"
    CRISIS = "crisis"


def evaluate(
    files: FilesArgument,
    task: Annotated[Task, typer.Option("--task", help="Moods, or danger as the rules see it.")] = (
        Task.SENTIMENT
    ),
    engine: EngineOption = None,
    model: ModelOption = None,
    limit: LimitOption = None,
    alone: Annotated[
        bool, typer.Option("--alone", help='Leave out the turns before a row ("context").')
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Measure how true the labels are on rows that people labelled."""
    from bot.evaluation import QUESTIONS
    from bot.evaluation_table import as_json as in_json

    question = QUESTIONS[task]
    rows = rows_of(files, question, limit)
    if task is Task.CRISIS:
        name, judged = _crisis(rows)
    else:
        name, judged = _sentiment(settings_of(config, model, engine), rows, not alone)
    if as_json:
        found = {"judge": name, **in_json(judged, question)}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print(name, judged, task)


def _crisis(rows: list[Row]) -> tuple[str, list[Judged]]:
    from bot.evaluation import by_rules

    return "rules", list(by_rules(rows))


def _sentiment(settings: Settings, rows: list[Row], context: bool) -> tuple[str, list[Judged]]:
    from bot.models import find_model
    from bot.wiring import SENTIMENT, tasks

    task = tasks(settings)[SENTIMENT]
    found = find_model(settings)

    async def labelled() -> list[Judged]:
        from bot.evaluation import by_model
        from bot.wiring import open_engine

        width = settings.engine.parallel
        async with open_engine(settings, found) as engine:
            answers = by_model(engine, task, rows, context=context, width=width)
            return [one async for one in counted(answers, task.name, len(rows))]

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
