"""`warmline calibrate`: what makes the labels of a model true, fitted on rows that people labelled.

Knows: arguments, what goes to stdout, that no row is asked twice. Does not know: how a row is
scored, how a calibration is fitted or kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, EngineOption, ModelOption, settings_of
from bot.cli.rows import FilesArgument, LimitOption, counted, rows_of

if TYPE_CHECKING:
    from bot.calibrating import Fitted
    from bot.config import Settings
    from bot.labelled import Row
    from bot.models import Model
    from bot.row_scores import Scored
    from engine.tasks import LabelTask

FoldsOption = Annotated[
    int, typer.Option("--folds", min=2, max=20, help="Parts, each held out of a fit once.")
]
ScoresOption = Annotated[
    Path | None,
    typer.Option("--scores", metavar="FILE", help="Keeps the raw scores; asked is what it lacks."),
]


def calibrate(
    files: FilesArgument,
    model: ModelOption = None,
    engine: EngineOption = None,
    limit: LimitOption = None,
    task: Annotated[str, typer.Option("--task", metavar="NAME", help="Which task.")] = "sentiment",
    folds: FoldsOption = 5,
    scores: ScoresOption = None,
    keep_feelings: Annotated[
        bool, typer.Option("--keep-feelings", help="Ask for no feelings: those of before stay.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write no calibration.")] = False,
    config: ConfigOption = None,
) -> None:
    """Fit a model's labels to rows that people labelled."""
    from bot.calibrating import TooFewRows
    from bot.calibrations import own_file
    from bot.evaluation import SENTIMENT
    from bot.score_file import BadScores

    if task != SENTIMENT.name:
        raise typer.BadParameter(f"only {SENTIMENT.name} can be calibrated, not {task!r}")
    rows = rows_of(files, SENTIMENT, limit)
    target = None if dry_run else own_file()
    try:
        given = settings_of(config, model, engine)
        fit(given, rows, folds, scores, target, feelings=not keep_feelings)
    except (BadScores, TooFewRows) as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None


def fit(
    settings: Settings,
    rows: Sequence[Row],
    folds: int,
    scores: Path | None,
    target: Path | None,
    *,
    feelings: bool = True,
) -> None:
    """Score, fit, print the figures, and write the calibrations to a file, if one is given.

    Without `feelings` none are asked for, and those of the calibrations before stay.

    Raises:
        BadScores, TooFewRows, EngineError, TaskError.
    """
    from bot.calibrating import fitted, usable
    from bot.calibrations import write
    from bot.models import find_model
    from bot.wiring import SENTIMENT, tasks
    from engine import verbalizing
    from engine.calibration import Key

    known = tasks(settings)[SENTIMENT]
    if any(words.near for words in known.languages.values()):
        verbalizing.check()
    spoken = usable(rows, known, folds)
    if len(spoken) < len(rows):
        left_out = len(rows) - len(spoken)
        typer.echo(
            f"{left_out} rows are left out: {SENTIMENT} does not speak their language", err=True
        )
    found = find_model(settings)
    scored = asyncio.run(_scored(settings, found, known, spoken, scores, feelings=feelings))
    result = fitted(scored, known, folds)
    _print(f"{SENTIMENT} by {found.name}, prompt {known.version}, {folds} folds", result)
    if target is None:
        typer.echo("Not written.")
        return
    new = {Key(SENTIMENT, one.language, found.name): one.calibration for one in result}
    for key, entry in write(target, new).items():
        typer.echo(f"Written to {target}: {key.language}, version {entry.version}.")


async def _scored(
    settings: Settings,
    model: Model,
    task: LabelTask,
    rows: Sequence[Row],
    path: Path | None,
    *,
    feelings: bool,
) -> list[Scored]:
    """The rows with their scores; the model is opened only for those that no file has."""
    from bot.row_scores import scored
    from bot.score_file import ScoreFile
    from bot.wiring import open_engine

    file = ScoreFile(path, task, model.name) if path else None
    known = file.known(rows, feelings=feelings) if file else {}
    missing = [row for row in rows if row not in known]
    if missing:
        async with open_engine(settings, model) as engine:
            width = settings.engine.parallel
            answers = scored(engine, task, missing, feelings=feelings, width=width)
            async with aclosing(counted(answers, task.name, len(missing))) as found:
                async for one in found:
                    known[one.row] = one
                    if file:
                        file.add(one)
    return [known[row] for row in rows]


def _print(name: str, result: Sequence[Fitted]) -> None:
    from bot.calibrating import said, tables

    for line in (name, "", *tables(result), "", *map(said, result), ""):
        typer.echo(line)
