"""The person whom an owner names on the command line: "platform:id", or the console's name alone.

Knows: how a name is read, and which known ones are near it. Does not know: what is done with the
person. What people call themselves leads to nobody: anybody may call themselves anything.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from storage.records import Named
    from storage.store import Store

MOST_NEAR = 3

PersonOption = Annotated[
    str, typer.Option("--user", metavar="PLATFORM:ID", help="Whose; a name alone: the console's.")
]


async def person_of(store: Store, given: str) -> Named:
    """The person of that name; where there is none, a sentence on stderr and the end.

    Raises:
        typer.Exit: nothing is kept of anybody of that name.
    """
    wanted = given if ":" in given else f"console:{given}"
    everybody = await store.everybody()
    for person in everybody:
        if id_of(person) == wanted:
            return person
    typer.echo(shown(_unknown(given, everybody)), err=True)
    raise typer.Exit(1)


def id_of(person: Named) -> str:
    """How a person is named here."""
    return f"{person.platform}:{person.user_id}"


def described(person: Named) -> str:
    """The person's id, and in brackets what they call themselves."""
    called = f" ({person.name})" if person.name else ""
    return shown(f"{id_of(person)}{called}")


def shown(words: str) -> str:
    """Without the characters that steer a terminal: a name is the person's own."""
    return "".join(character if character.isprintable() else " " for character in words)


def _unknown(given: str, everybody: Sequence[Named]) -> str:
    near = _near(given, everybody)
    hint = f"; did you mean {' or '.join(map(described, near))}?" if near else ""
    return f"nothing is kept of {given}{hint}"


def _near(given: str, everybody: Sequence[Named]) -> list[Named]:
    """Those whose id or name is like what was given, the likest first."""
    called: dict[str, list[Named]] = {}
    for person in everybody:
        for name in {id_of(person), person.user_id, person.name} - {""}:
            called.setdefault(name.casefold(), []).append(person)
    whole, alone = given.casefold(), given.partition(":")[2].casefold()
    found = difflib.get_close_matches(whole, called, n=MOST_NEAR)
    if alone:
        found += difflib.get_close_matches(alone, called, n=MOST_NEAR)
    return list(dict.fromkeys(person for name in found for person in called[name]))[:MOST_NEAR]
