"""`warmline trends`: how servers, groups and channels have sounded, for the owner of the machine.

Knows: options, whose grant is needed for one person. Does not know: what may be told of a group
(`bot.group_scopes`), how a trend is printed (`bot.cli.trend_tables`).
"""

from __future__ import annotations

import asyncio
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, settings_of
from bot.cli.person import described, person_of
from bot.group_scopes import By

if TYPE_CHECKING:
    from bot.cli.trend_tables import PersonTrend
    from bot.config import Settings
    from bot.group_scopes import PartTrend


class Days(StrEnum):
    """How far back."""

    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"


class Format(StrEnum):
    """How the trends are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PNG = "png"


def trends(
    by: Annotated[By, typer.Option("--by", help="What is told apart.")] = By.GROUP,
    days: Annotated[Days, typer.Option("--days", help="How far back.")] = Days.MONTH,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A new file to write it into.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            "--user", metavar="PLATFORM:ID", help="One person, who shares it with the owner."
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Show how servers and groups have sounded, or one person who shares it with the owner."""
    if form is Format.PNG and out is None:
        raise typer.BadParameter("a picture needs --out FILE")
    if user is not None and (form is Format.PNG or days is not Days.MONTH):
        raise typer.BadParameter("of one person there are numbers of 30 days, and no picture")
    settings = settings_of(config)
    if user is not None:
        _print_person(asyncio.run(_of_person(settings, user)), form, out)
    else:
        _print(asyncio.run(_of_parts(settings, by, int(days))), int(days), form, out)


async def _of_parts(settings: Settings, by: By, days: int) -> list[PartTrend]:
    from bot import group_scopes
    from bot.wiring import open_store

    privacy = settings.privacy
    async with open_store(settings) as store:
        await store.note_look("owner", f"trend {days}", f"by {by}")
        return await group_scopes.trends(
            store, by, days, privacy.min_people, privacy.keep_days or None
        )


async def _of_person(settings: Settings, given: str) -> PersonTrend:
    """The person's trend; without their grant, a sentence on stderr and the end."""
    from bot import person_trend
    from bot.cli.trend_tables import PersonTrend
    from bot.sharing import OWNER
    from bot.wiring import open_store

    async with open_store(settings) as store:
        person = await person_of(store, given)
        who = (person.platform, person.user_id)
        if not await person_trend.is_granted(store, who, OWNER):
            typer.echo(
                f"{described(person)} does not share their mood with the owner: they can allow it "
                "by sending Warmline, in private, /privacy share owner",
                err=True,
            )
            raise typer.Exit(1)
        return PersonTrend(described(person), await person_trend.look(store, "owner", *who))


def _print(parts: list[PartTrend], days: int, form: Format, out: Path | None) -> None:
    from bot.cli import trend_tables

    if form is Format.PNG and out is not None:
        _draw(parts, out)
    else:
        _give(trend_tables.PARTS[form](parts, days), out)


def _print_person(found: PersonTrend, form: Format, out: Path | None) -> None:
    from bot.cli import trend_tables

    _give(trend_tables.PERSON[form](found), out)
    typer.echo("the person is told that you looked", err=True)


def _draw(parts: list[PartTrend], out: Path) -> None:
    """A picture of each part that has a trend: several get their names before the ending."""
    from bot.trend_words import picture

    drawn = [(part.name, part.trend) for part in parts if part.trend]
    if not drawn:
        typer.echo("too few people for a picture", err=True)
        raise typer.Exit(1)
    for name, trend in drawn:
        named = f"{out.stem}-{name.replace(':', '_')}{out.suffix}"
        _write(out if len(parts) == 1 else out.with_name(named), picture(trend))


def _give(printed: str, out: Path | None) -> None:
    if out is None:
        typer.echo(printed, nl=False)
    else:
        _write(out, printed.encode())


def _write(path: Path, content: bytes) -> None:
    """A new file for the owner's eyes alone; its path on stdout."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        typer.echo(f"cannot write {path} ({error.strerror}): name another --out", err=True)
        raise typer.Exit(1) from None
    typer.echo(str(path))
