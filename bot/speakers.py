"""Who is talking in a group, as the model is told: a name before each person's words.

Knows: how a name is made harmless and two that look alike are told apart. Does not know: who they
are; a person is a number here. Pure, but for remembering who came first.

Only a name at the beginning of a line speaks, and only we write one there: further lines of a
message are indented, so that nobody's words pass for another's. A name that looks like a role or
like the companion itself is marked as a person's.
"""

from __future__ import annotations

import unicodedata

import regex

LONGEST_NAME = 24
NOBODY = "?"
"""For a name of which nothing is left."""

_LINE_END = regex.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NOT_IN_NAMES = regex.compile(r"[^\w\p{M} '.\-]+")

_CYRILLIC = "авекмнорстухіјѕԁһӏԛԝ", "abekmhopctyxljsdhlqw"
_GREEK = "αβεζηικμνορτυχ", "abezhlkmnoptyx"
_OTHERS = "i10|", "llol"
_ALIKE = str.maketrans(
    *("".join(letters) for letters in zip(_CYRILLIC, _GREEK, _OTHERS, strict=True))
)
"""Small letters and digits that are taken for Latin letters, where their capitals are too."""


class Speakers:
    """The names of one prompt."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._taken = set(_NOT_PEOPLE)

    def says(self, person: int, name: str, text: str) -> str:
        """The words with their speaker in front."""
        first, *more = _LINE_END.split(text)
        return "\n".join([f"{self._name(person, name)}: {first}", *(f"  {line}" for line in more)])

    def _name(self, person: int, name: str) -> str:
        if person not in self._names:
            self._names[person] = self._free(plain_name(name))
        return self._names[person]

    def _free(self, name: str) -> str:
        number, free = 1, name
        while _look(free) in self._taken:
            number += 1
            free = f"{name} ({number})"
        self._taken.add(_look(free))
        return free


def plain_name(name: str) -> str:
    """A name without what could be taken for more than a name."""
    words = " ".join(_NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFKC", name)).split())
    return words[:LONGEST_NAME].strip() or NOBODY


def _look(name: str) -> str:
    """The same for two names that a reader takes for one another."""
    letters = unicodedata.normalize("NFKD", name.casefold()).translate(_ALIKE)
    return "".join(letter for letter in letters if letter.isalnum()) or name


_ROLES = "warmline system assistant user admin moderator bot 系统 助手 用户 管理员 机器人"
_NOT_PEOPLE = frozenset(map(_look, _ROLES.split()))
