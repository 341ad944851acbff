"""A text as the patterns of orders read it, and which of its characters are taken out.

Knows: look-alike and full-width letters, traditional characters, what cannot be seen; what is left
of the text as it was written. Does not know: what an order is. Pure, but for its own marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import groupby

from bot.orders.words import same_characters

Span = tuple[int, int]

_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff]")
_NOTHING = re.compile(
    r"[\s.,!?;:。…，！？；：、\"'“”‘’()（）\[\]【】「」『』{}<>#*_|/\\`~>\-—–=+]*"
)
_FACE = re.compile(r"[:;=]['\-]?[()\[\]DPp/|\\]")


def is_nothing(text: str) -> bool:
    """Whether a text has no letter, digit or picture."""
    return bool(_NOTHING.fullmatch(text))


def says_nothing(text: str) -> bool:
    """Whether a whole message has no word, no picture and no face made of signs."""
    return is_nothing(text) and not _FACE.search(text)


class Passage:
    """`text` is in one width and script, letter case kept; places are places in it."""

    def __init__(self, written: str) -> None:
        self._written = written
        self.text, self._places = _folded(written)
        self._taken = bytearray(len(self.text))

    @property
    def whole(self) -> bool:
        """Whether nothing is taken."""
        return not any(self._taken)

    def take(self, start: int, end: int) -> None:
        """Take out what stands between two places."""
        self._taken[start:end] = b"\1" * (end - start)

    def keep(self, start: int, end: int) -> None:
        """Put back what stands between two places."""
        self._taken[start:end] = bytes(end - start)

    def touched(self, start: int, end: int) -> bool:
        """Whether anything between two places is taken."""
        return any(self._taken[start:end])

    def left(self, start: int, end: int) -> str:
        """What of this part is not taken."""
        parts = zip(self.text[start:end], self._taken[start:end], strict=True)
        return "".join(one for one, taken in parts if not taken)

    def gone(self, start: int, end: int) -> bool:
        """Whether no word of this part is left."""
        return is_nothing(self.left(start, end))

    def blanked(self) -> str:
        """The text with new lines in the place of what was taken."""
        if self.whole:
            return self.text
        parts = zip(self.text, self._taken, strict=True)
        return "".join("\n" if taken else one for one, taken in parts)

    def rest(self) -> str:
        """What is left as it was written, with one space or new line where something was."""
        kept: list[str] = []
        spaces, taken = "", False
        for taken, part in self._parts():
            words = part.strip()
            before, _, after = part.partition(words) if words else (part, "", "")
            spaces += before
            if words and not taken:
                kept += [_between(spaces, kept[-1], words), words] if kept else [words]
                spaces = ""
            spaces += after
        whole = "".join(kept)
        return whole.rstrip(" ,，;；、") if taken else whole

    def _parts(self) -> list[tuple[bool, str]]:
        """The written text in pieces, by whether they are taken."""
        gone = bytearray(len(self._written))
        place = 0
        for taken, group in groupby(self._taken):
            end = place + len(list(group))
            if taken:
                first, last = self._places[place], self._places[end - 1] + 1
                last = max(last, self._places[end]) if end < len(self._taken) else len(gone)
                gone[first:last] = b"\1" * (last - first)
            place = end
        parts, place = [], 0
        for is_gone, run in groupby(gone):
            end = place + len(list(run))
            parts.append((bool(is_gone), self._written[place:end]))
            place = end
        return parts


def _between(spaces: str, last: str, words: str) -> str:
    if "\n" in spaces:
        return "\n" + spaces.rpartition("\n")[2]
    return " " if spaces or (last[-1].isascii() and words[0].isascii()) else ""


def _folded(text: str) -> tuple[str, list[int] | range]:
    """The text as it is read, and where each of its characters stands in the written one."""
    if text.isascii():
        return text, range(len(text))
    characters: list[str] = []
    places: list[int] = []
    same = same_characters()
    for place, character in enumerate(text):
        one = character if character.isascii() else _one(character, same)
        characters.append(one)
        places.extend([place] * len(one))
    return "".join(characters), places


def _one(character: str, same: Mapping[str, str]) -> str:
    known = same.get(character)
    if known or "\u3400" <= character <= "\u9fff":
        return known or character
    if _UNSEEN.match(character):
        return ""
    wide = unicodedata.normalize("NFKC", character)
    return same.get(wide, wide)
