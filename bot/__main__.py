"""`warmline`: the command line. Knows which commands there are; each lives in `bot.cli`.

An error that the owner can mend is one sentence on stderr and exit status 1, never a traceback.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from adapters.base import AdapterError
from bot.cli import (
    admin_link,
    audit,
    calibrate,
    chat,
    config,
    doctor,
    eval,
    export,
    forget,
    label,
    model,
    pair,
    restore,
    serve,
    trends,
)
from bot.config_errors import ConfigError
from engine.base import EngineError
from engine.tasks import TaskError
from storage.errors import StorageError

OWNERS_ERRORS = (AdapterError, ConfigError, EngineError, StorageError, TaskError)

app = typer.Typer(
    name="warmline",
    help="A self-hosted companion: one small language model feels, answers and remembers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(chat.chat)
app.command()(serve.serve)
app.command()(serve.run)
app.command()(label.label)
app.command("eval")(eval.evaluate)
app.command()(calibrate.calibrate)
app.command()(trends.trends)
app.command()(audit.audit)
app.command()(admin_link.admin_link)
app.command()(export.export)
app.command()(forget.forget)
app.command()(restore.restore)
app.command()(pair.pair)
app.command()(doctor.doctor)
app.add_typer(model.app, name="model")
app.add_typer(config.app, name="config")


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    if version:
        from bot.version import VERSION

        typer.echo(f"warmline {VERSION}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    try:
        app()
    except OWNERS_ERRORS as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line is where one prints
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
