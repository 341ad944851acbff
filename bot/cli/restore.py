"""`warmline restore`: put a backup back, without what was forgotten since it was made.

Knows: options, the question, what is printed. Does not know: how a file is put in the place of a
database (`storage.restore`), what is erased again (`Store.apply_tombstones`).
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.confirm import confirm
from bot.cli.forget import receipt_line
from bot.cli.options import ConfigOption, settings_of
from bot.cli.person import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.config import Settings
    from storage.receipts import Receipt
    from storage.restore import Restored


def restore(
    backup: Annotated[
        Path | None,
        typer.Argument(
            metavar="[BACKUP]",
            help="An SQLite file to put in the database's place; without one, the database as it "
            "is: for PostgreSQL, after its own restore.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Put a backup back, and erase from it again what people had erased since."""
    settings = settings_of(config)
    if backup is None:
        _tell(asyncio.run(_forget_again(settings)))
        return
    if not yes:
        _ask(backup)
    restored = asyncio.run(_restore(settings, backup))
    typer.echo(f"restored: {restored.path} is now as in {backup}")
    if restored.kept:
        typer.echo(
            f"kept: the database that was there, as {restored.kept}; delete it once you do not "
            "need it, people's words are in it"
        )
    _tell(restored.receipts)


async def _restore(settings: Settings, backup: Path) -> Restored:
    from bot.config import data_dir
    from storage.restore import restore

    return await restore(backup, settings.database_url, folder=data_dir())


async def _forget_again(settings: Settings) -> list[Receipt]:
    from bot.wiring import open_store

    async with open_store(settings) as store:
        return await store.apply_tombstones()


def _ask(backup: Path) -> None:
    question = (
        f"Put {backup} in the place of the database? What was said and chosen since it was made is "
        "not in it. The database that is there now is kept under another name."
    )
    confirm(question, to="restore", otherwise="nothing is changed")


def _tell(receipts: Sequence[Receipt]) -> None:
    """A line for each erasure that was done once more."""
    for receipt in receipts:
        typer.echo(shown(f"{receipt.person}: {receipt_line(receipt)}"))
    if not receipts:
        typer.echo("nothing in it had been forgotten")
