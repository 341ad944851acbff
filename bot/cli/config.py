"""`warmline config`: which settings are in force and whether they are right.

Knows: how to say it in a terminal. Names of secrets are printed, values never.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at the settings.", no_args_is_help=True)


@app.callback()
def config() -> None:
    """Look at the settings."""


@app.command()
def check(
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="The settings file to check."),
    ] = None,
) -> None:
    """Say which file is used, which secrets are set, and every mistake with its line."""
    from bot.config import find_file, load
    from bot.config_errors import ConfigError
    from bot.config_secrets import variables_set
    from engine import task_table
    from engine.tasks import TaskError

    try:
        path = find_file(config)
        typer.echo(f"file: {path or 'none, every setting is at its default'}")
        typer.echo(f"secrets set: {', '.join(variables_set(os.environ)) or 'none'}")
        task_table.load(load(path).tasks)
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    except TaskError as error:
        typer.echo(f"{path}: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo("all good")
