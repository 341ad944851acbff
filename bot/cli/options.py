"""Options that several commands share, and the settings they lead to.

Knows: how an option is written. Does not know: what a command does with it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.config import Settings

ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The settings file.")
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="A name of `warmline model list`, or a .gguf."),
]


class EngineKind(StrEnum):
    """Which engine runs the model."""

    LLAMACPP = "llamacpp"
    HUGGINGFACE = "huggingface"
    REMOTE = "remote"


EngineOption = Annotated[
    EngineKind | None, typer.Option("--engine", help="Instead of the settings' engine.")
]
UserOption = Annotated[
    str | None, typer.Option("--user", metavar="NAME", help="Whose conversation it is.")
]


def settings_of(
    config: Path | None, model: str | None = None, engine: EngineKind | None = None
) -> Settings:
    """The settings of the file in force, with what the command line overrides.

    Raises:
        ConfigError: with every mistake, one line each.
    """
    from bot.config import find_file, load

    settings = load(find_file(config))
    start_log(settings.log.level)
    given = {"model": model, "kind": engine.value if engine else None}
    wanted = {key: value for key, value in given.items() if value is not None}
    return settings.model_copy(update={"engine": settings.engine.model_copy(update=wanted)})


def start_log(level: str) -> None:
    """Log to stderr. Libraries say only what is wrong: they write addresses, tokens and words."""
    import logging

    logging.basicConfig(
        level=max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for ours in ("warmline", "bot", "adapters", "engine", "storage"):
        logging.getLogger(ours).setLevel(level.upper())
