"""`warmline pair`: let somebody in by the code that they were shown, or take that back.

Knows: options and sentences for the owner. Does not know: codes, or who keeps them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, settings_of

if TYPE_CHECKING:
    from bot.config import Settings

_WRONG_CODE = (
    "no such code, or its hour is over: ask the person to write to Warmline again, "
    "and take the code that they are shown then"
)


def pair(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="The code that the person was shown.")
    ] = None,
    remove: Annotated[
        str | None,
        typer.Option("--remove", metavar="PLATFORM:ID", help="Let this person in no longer."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Let in a person who was shown a pairing code, or take that back."""
    if (code is None) == (remove is None):
        raise typer.BadParameter("give either a CODE or --remove PLATFORM:ID")
    settings = settings_of(config)
    if code is not None:
        _say(asyncio.run(_approve(settings, code)), otherwise=_WRONG_CODE)
    elif remove is not None:
        _say(asyncio.run(_remove(settings, remove)), otherwise=f"{remove} is not paired")


async def _approve(settings: Settings, code: str) -> str | None:
    from bot.access import Access
    from bot.wiring import open_store

    async with open_store(settings) as store:
        name = await Access(settings.access, store).approve(code)
    return name and f"{name} may talk to Warmline now"


async def _remove(settings: Settings, person: str) -> str | None:
    from bot.wiring import open_store

    platform, _, user_id = person.partition(":")
    async with open_store(settings) as store:
        gone = await store.unpair(platform, user_id)
    return f"{person} is not paired any more" if gone else None


def _say(done: str | None, otherwise: str) -> None:
    if done is None:
        typer.echo(_shown(otherwise), err=True)
        raise typer.Exit(1)
    typer.echo(_shown(done))


def _shown(words: str) -> str:
    """Without the characters that steer a terminal: a name is the person's own."""
    return "".join(character if character.isprintable() else " " for character in words)
