"""A text as the crisis rules read it: what hides a word is taken away before anybody looks.

Knows: width, case, invisible and combining marks, look-alike letters, digits for letters, spaced
and stretched words, traditional and Cantonese characters (`characters.toml`). Does not know: what
a word means. Pure, and linear in the length of the text.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

READ_CHARACTERS = 10_000
"""So much of the beginning and of the end of a very long text is read."""

_GLUED_LINE = 40
"""A line of at most so many characters, and no stop at its end, may be half a sentence."""

_ENDED = frozenset(".!?;,。…:")
_HAN = "\u3400-\u9fff"
_GAP = r"[ .·・*_|/~\\\-+=◯○●◎×、\"]{1,3}"
_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff’‘´]")
# Between two letters. It begins with the sign itself: a text without one is read in no time.
_SIGN_INSIDE = re.compile(r"[013457@$!|*#~\-](?<=[a-z].)(?=([a-z]))")
_MEANT_INSIDE = {
    "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s",
    "*": "", "#": "", "-": " ", "~": " ",
}  # fmt: skip
_BARS = {"!": "lec", "|": "lec"}
"""These end a sentence too: they are an "i" only where such a letter follows."""
_STRETCHED = re.compile(r"([a-z])\1\1+")
_STRETCHES = tuple(3 * letter for letter in "aeiouydlnst")
_SPELT = re.compile(r"(?<![a-z0-9])(?:[a-z][ .*/|,\-]{1,2}){2,}[a-z](?![a-z0-9])")
_SPELLS = re.compile(r"[ .*/|,\-][a-z](?=[ .*/|,\-]{1,2}[a-z](?![a-z0-9]))")
_APART = re.compile(r"\bi (m|ve|d|ll)\b|\b\w{2,6}n t\b|\bca?n t\b")
_APARTS = (" t ", " m ", " ve ", " d ", " ll ")
_HAN_GAP = re.compile(f"{_GAP[:-5]}(?<=[{_HAN}].){_GAP[:-5]}{{0,2}}[{_HAN}a-z]")
_SIGNS = frozenset(" .*/|,-")
_LETTERS = re.compile("[^a-z]+")
_LINE_END = re.compile(r"\s*\n\s*")


def read(text: str) -> str:
    """The text in one width, one case and one script; new lines stay, single spaces."""
    if len(text) > 2 * READ_CHARACTERS:
        text = f"{text[:READ_CHARACTERS]}\n{text[-READ_CHARACTERS:]}"
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", _same(text)).casefold()
        text = _whole_words(_same(_UNSEEN.sub("", text)))
    return _plain_letters(_single_spaces(text).replace("'", "").replace("`", "")).strip()


def _same(text: str) -> str:
    return _odd().sub(lambda found: _characters()[found[0]], text)


def _single_spaces(text: str) -> str:
    text = text.replace("\t", " ").replace("\r", "\n").replace("_", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _meant(found: re.Match[str]) -> str:
    sign, after = found[0], found[1]
    if sign in _BARS:
        return "i" if after in _BARS[sign] else sign
    return _MEANT_INSIDE[sign]


def _plain_letters(text: str) -> str:
    """Words that were spelt out, stretched, or written with digits, as words."""
    text = _SIGN_INSIDE.sub(_meant, text).replace("$uic", "suic").replace("5uic", "suic")
    if any(stretch in text for stretch in _STRETCHES):
        text = _STRETCHED.sub(r"\1", text)
    if _SPELLS.search(text) or text[1:2] in _SIGNS:
        text = _SPELT.sub(lambda found: _LETTERS.sub("", found[0]), text)
    if any(part in text for part in _APARTS):
        text = _APART.sub(lambda found: found[0].replace(" ", ""), text)
    return text


def _whole_words(text: str) -> str:
    """Chinese words with signs between their characters, without the signs."""
    if _HAN_GAP.search(text):
        for characters, parted in _parted():
            if all(character in text for character in characters):
                text = parted.sub("".join(characters), text)
    return text


def glued(text: str) -> str:
    """The text with its short lines joined: what was cut in two by Enter is whole again."""
    pieces = _LINE_END.split(text)
    whole = [pieces[0]]
    for before, piece in pairwise(pieces):
        if len(before) > _GLUED_LINE or before[-1:] in _ENDED:
            whole.append("\n")
        elif not (_is_han(before[-1:]) and _is_han(piece[:1])):
            whole.append(" ")  # Chinese words have no space between them
        whole.append(piece)
    return "".join(whole)


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


@cache
def _table() -> dict[str, Any]:
    file = Path(__file__).with_name("characters.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _characters() -> dict[str, str]:
    """From a character to the one that the rules are written in."""
    table: dict[str, str] = {}
    for pairs in _table()["same"]:
        wrote, meant = pairs.split()
        table.update(zip(wrote, meant, strict=True))
    return table


@cache
def _odd() -> re.Pattern[str]:
    return re.compile(f"[{''.join(_characters())}]")


@cache
def _parted() -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    """The words that are looked for also with other signs between their characters."""
    words = [tuple(word) for word in _table()["parted"]]
    return tuple((word, re.compile(f"(?:{_GAP})?".join(word))) for word in words)
