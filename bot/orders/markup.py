"""Markup that makes a message look like more than a person's words: a chat's turns, a labelled row.

Knows: the marks between turns, whose turn is not the person's, JSON that holds a label beside a
text. Does not know: what an order is in words (`bot.orders.clauses`). Pure, and linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from bot.orders.passage import Span
from bot.orders.words import pattern, word_set

_OBJECT = re.compile(r"\{[^{}]*\}")
_FENCE = re.compile(r"```[^`]*```")
_ADDRESS = re.compile(r"https?://[^\s，。]+", re.IGNORECASE)
_CODE_LINE = re.compile(
    r"^[ \t]*(?:if|elif|else|for|while)\b[^\n:]{0,80}[<>=(][^\n:]{0,120}:[^\n]*$", re.MULTILINE
)
_CODE_BLOCK = re.compile(
    r"^[ \t]*(?:(?:async )?def|class|if|elif|else|for|while|try|with|switch|function)\b"
    r"(?:[^\n]{0,160}[(={<>][^\n]*|[ \t]*:)\n(?:[ \t]{2,}[^\n]*(?:\n|$))+",
    re.MULTILINE,
)


def turns(text: str) -> Iterator[Span]:
    """The marks between turns, and whole the turns that are not the person's.

    A turn that no mark ends is not taken whole: it may be all that the person says.
    """
    found = list(pattern("marks", "any").finditer(text))
    for mark, after in zip_longest(found, found[1:]):
        role = next((group for group in mark.groups() if group), "").lower()
        if role and after and role not in word_set("marks", "persons"):
            yield mark.start(), after.start()
        else:
            yield mark.span()


def marks(text: str) -> Iterator[Span]:
    """The marks between turns alone."""
    return (mark.span() for mark in pattern("marks", "any").finditer(text))


def tagged(text: str) -> Iterator[Span]:
    """What stands between tags as another's words, with a label in it."""
    return (found.span() for found in pattern("marks", "tagged").finditer(text))


def rows(text: str) -> Iterator[Span]:
    """JSON with a label in it, all but the words of its text.

    One in the middle of a sentence, with no text in it, is talked about.
    """
    for found in _OBJECT.finditer(text):
        if not pattern("rows", "label").search(found[0]):
            continue
        kept = [value.span(1) for value in pattern("rows", "text").finditer(found[0])]
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        after = text[found.end() :].partition("\n")[0].strip()
        if not kept and before and after:
            continue
        place = found.start()
        for start, end in kept:
            yield place, found.start() + start
            place = found.start() + end
        yield place, found.end()


def code(text: str) -> Iterator[Span]:
    """Code and addresses: they hold such words as a matter of course."""
    for shown in (_FENCE, _CODE_LINE, _CODE_BLOCK, _ADDRESS):
        yield from (found.span() for found in shown.finditer(text))
