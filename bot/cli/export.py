"""`warmline export`: everything that is kept about a person, as files, for an owner who is asked.

Knows: options, where the files go. Does not know: what is in them (`bot.export`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.options import ConfigOption, settings_of
from bot.cli.person import PersonOption

if TYPE_CHECKING:
    from adapters.messages import File
    from bot.config import Settings


def export(
    user: PersonOption,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The folder that the files are put in.")
    ],
    config: ConfigOption = None,
) -> None:
    """Write everything that is kept about a person into two files, as /export does."""
    made = asyncio.run(_files(settings_of(config), user))
    for path in _saved(made, out):
        typer.echo(str(path))


async def _files(settings: Settings, user: str) -> list[File]:
    from bot.cli.person import person_of
    from bot.export import files
    from bot.wiring import open_store

    async with open_store(settings) as store:
        person = await person_of(store, user)
        kept = await store.export(person.platform, person.user_id)
    language = _language(kept, settings.companion.language)
    return files(kept, language, settings.privacy.keep_days or None)


def _language(kept: Mapping[str, Any], setting: str) -> str:
    """The owner's setting, the person's choice, or what they wrote in last."""
    person = kept["person"] or {}
    turns = [turn for place in kept["conversations"] for turn in place["turns"]]
    last = max(turns, key=lambda turn: str(turn["sent_at"]), default={"language": ""})
    chosen = "" if setting == "auto" else setting
    return str(chosen or person.get("language") or last["language"] or "en")


def _saved(files: Sequence[File], folder: Path) -> list[Path]:
    """Where the files are: for the owner's eyes alone, beside whatever was there."""
    from adapters.console_files import Unsaved, save

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return [save(file, folder) for file in files]
    except (OSError, Unsaved) as error:
        reason = error.reason if isinstance(error, Unsaved) else error.strerror
        typer.echo(f"cannot write into {folder} ({reason}): name another --out", err=True)
        raise typer.Exit(1) from None
