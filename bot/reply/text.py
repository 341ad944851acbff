"""A reply as its rules see it: what it answers, its sentences, its words.

Knows: where a sentence ends in English and Chinese, and what stands in quotation marks. Does not
know: which rules there are (`bot.reply.rules`). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.rules import plain

REMEMBERED_REPLIES = 5
"""So many replies back an opening or a closing counts as repeated."""

READ_CHARACTERS = 1_500
"""So much of a reply, and of each message before it, is read."""

READ_TURNS = 12

_END = re.compile(
    r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[.!?…]*[。！？]+[.!?…。！？]*[”’」』）)\"]*|[!?]+(?=[\u3400-\u9fff])|\n+"
)
_ABBREVIATION = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|a\.m|p\.m)|\b[a-z])\.$", re.I)
_QUOTED = re.compile(
    '"[^"\n]{1,200}"|“[^”]{1,200}”|「[^」]{1,200}」|『[^』]{1,200}』|‘[^’]{1,200}’'
)
_WORD = re.compile(r"[a-z\u00c0-\u024f0-9]+(?:'[a-z]+)*|[\u3400-\u4dbf\u4e00-\u9fff]", re.I)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply that may be sent, and what it answers.

    `said` are the person's messages before this one, `replies` the companion's; the newest is last
    in both. `language` is the one that the reply should be in.
    """

    text: str
    message: str
    language: str
    said: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()

    def cut(self) -> Candidate:
        """So much of it as is read: what is longer would take long to check, and is no reply."""
        said, replies = self.said[-READ_TURNS:], self.replies[-READ_TURNS:]
        return Candidate(
            self.text[:READ_CHARACTERS],
            self.message[:READ_CHARACTERS],
            self.language,
            tuple(text[:READ_CHARACTERS] for text in said),
            tuple(text[:READ_CHARACTERS] for text in replies),
        )

    @property
    def known(self) -> str:
        """All that was said before this reply, folded."""
        return plain("\n".join((*self.said, *self.replies, self.message)))


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a reply breaks. `where` are words of the reply: not for a log."""

    rule: str
    where: str


def sentences(text: str) -> list[str]:
    """The sentences of a text; what holds no letter, digit or Chinese character is none.

    An ellipsis in the middle, an abbreviation and a decimal point end nothing.
    """
    ends = [0, *_ends(text), len(text)]
    return [s.strip() for s in map(text.__getitem__, map(slice, ends, ends[1:])) if _WORD.search(s)]


def first_end(text: str) -> int:
    """Where the first sentence of a text ends that is still being written; 0 for not yet.

    A smile or a blank line before it is part of it. Only what follows shows that it is over: "3."
    may become "3.5", and "…" may go on.
    """
    end = next(_ends(text), 0)
    return end if text[end:].strip() else 0


def _ends(text: str) -> Iterator[int]:
    begin = 0
    for end in _END.finditer(text):
        before, after = text[begin : end.end()], text[end.end() :].lstrip()
        trails = end[0].startswith(("…", "...")) and after[:1].islower()
        if trails or _ABBREVIATION.search(before.rstrip()) or not _WORD.search(before):
            continue
        begin = end.end()
        yield begin


def words(text: str) -> list[str]:
    """English words in lower case, without what is behind an apostrophe kept apart; each Chinese
    character is a word."""
    return _WORD.findall(plain(text))


def unquoted(text: str) -> str:
    """Without what stands in quotation marks: those are somebody else's words."""
    return _QUOTED.sub(" ", text)
