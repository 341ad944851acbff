"""`warmline forget`: erase what is kept of a person, or a part of it, for an owner who is asked.

Knows: options, the question, how a receipt is printed. Does not know: what is erased, and in which
order (`bot.erasing`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.confirm import confirm
from bot.cli.options import ConfigOption, settings_of
from bot.cli.person import PersonOption, described, person_of
from storage.receipts import Part, Receipt

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.erasing import Erased
    from storage.records import Named

_WHAT = {
    Part.MOOD: "how messages were read, corrections and trend notes, the check-in",
    Part.HISTORY: "messages, answers and moods, the check-in",
    Part.EVERYTHING: "messages, answers, moods, choices, grants and the name",
}


def forget(
    user: PersonOption,
    part: Annotated[Part, typer.Argument(metavar="mood|history|everything", help="What of it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Erase what is kept of a person, as /forget does, and print a receipt."""
    settings = settings_of(config)
    person = asyncio.run(_find(settings, user))
    if not yes:
        _ask(person, part)
    erased = asyncio.run(_erase(settings, person, part))
    typer.echo(receipt_line(erased.receipt))
    if erased.unfinished:
        typer.echo(erased.unfinished, err=True)
        raise typer.Exit(1)


async def _find(settings: Settings, user: str) -> Named:
    from bot.wiring import open_store

    async with open_store(settings) as store:
        return await person_of(store, user)


async def _erase(settings: Settings, person: Named, part: Part) -> Erased:
    from adapters.messages import Person
    from bot.erasing import erase
    from bot.wiring import open_store

    async with open_store(settings) as store:
        return await erase(store, Person(person.platform, person.user_id), part)


def _ask(person: Named, part: Part) -> None:
    question = f"Erase of {described(person)}: {_WHAT[part]}. This cannot be undone. Erase it?"
    confirm(question, to="erase", otherwise="nothing is erased")


def receipt_line(receipt: Receipt) -> str:
    """What was erased, how many of it, when, and the receipt's id."""
    counts = {
        "messages": receipt.turns,
        "labels": receipt.labels,
        "corrections": receipt.corrections,
        "conversations": receipt.conversations,
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"erased ({receipt.part}): {told}; receipt {receipt.id}, {receipt.at:%Y-%m-%d %H:%M} UTC"
