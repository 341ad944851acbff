"""Who is talking in a group, as the model is told: a name before each person's words.

Knows: how a name is made harmless and two of the same told apart. Does not know: who they are; a
person is a number here. Pure, but for remembering who came first.

Only a name at the beginning of a line speaks, and only we write one there: further lines of a
message are indented, so that nobody's words pass for another's. A name that looks like a role or
like the companion itself is marked as a person's.
"""

from __future__ import annotations

import re

LONGEST_NAME = 24
NOBODY = "?"
"""For a name of which nothing is left."""

_NOT_IN_NAMES = re.compile(r"[^\w '.\-]+")
_NOT_PEOPLE = {"warmline", "system", "assistant", "user", "admin", "系统", "助手", "管理员"}


class Speakers:
    """The names of one prompt."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}

    def says(self, person: int, name: str, text: str) -> str:
        """The words with their speaker in front."""
        first, *more = text.split("\n")
        return "\n".join([f"{self._name(person, name)}: {first}", *(f"  {line}" for line in more)])

    def _name(self, person: int, name: str) -> str:
        if person not in self._names:
            self._names[person] = self._free(plain_name(name))
        return self._names[person]

    def _free(self, name: str) -> str:
        taken = {known.casefold() for known in self._names.values()}
        number, free = 1, name
        while free.casefold() in taken or free.casefold() in _NOT_PEOPLE:
            number += 1
            free = f"{name} ({number})"
        return free


def plain_name(name: str) -> str:
    """A name without what could be taken for more than a name."""
    words = " ".join(_NOT_IN_NAMES.sub(" ", name).split())
    return words[:LONGEST_NAME].strip() or NOBODY
