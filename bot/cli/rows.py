"""Labelled rows as commands are given them, and a bar that counts them.

Knows: how both are said in a terminal. Does not know: what is done with the rows.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from bot.evaluation import Question
    from bot.labelled import Row

T = TypeVar("T")

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help='Lines with "text" and "label".')
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Rows of each file and language, drawn at random."),
]


def rows_of(files: list[Path], question: Question, limit: int | None) -> list[Row]:
    """The rows of the files; what is wrong with them ends the command."""
    from bot.labelled import BadRows, drawn, read

    try:
        rows = read(files, question.readable)
    except BadRows as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    if not rows:
        typer.echo("there are no rows in there", err=True)
        raise typer.Exit(1)
    return rows if limit is None else drawn(rows, limit)


async def counted(answers: AsyncGenerator[T, None], name: str, total: int) -> AsyncGenerator[T]:
    """The same answers, with a bar on stderr."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(name, total=total)
        async with aclosing(answers):
            async for one in answers:
                progress.advance(bar)
                yield one
