"""A message without its orders to the labeller.

Knows: in which order markup, clauses and single words are looked at, and when to look again. Does
not know: what an order is (the files beside this one), what the words are read for. Pure, and
linear in the length of the text.

What a person feels stays, word for word; and so does all talk that only holds such words.
"""

from __future__ import annotations

import re

from bot.orders import clauses, markup
from bot.orders.passage import Passage, says_nothing
from bot.orders.words import anything, pattern

MOST_PASSES = 6
"""What is left may form an order again. Nobody means one that is still there after so many."""

_PAIR = re.compile(
    r"\([^()\n]*\)|\[[^\[\]\n]*\]|【[^【】\n]*】|「[^「」\n]*」|\"[^\"\n]*\"|```[^`]*```"
    r"|\*\*[^*\n]*\*\*|<!--[^<\n]*-->"
)
_EDGES = " :;-—#*_\"'`>|"


def without_orders(text: str) -> str:
    """The words of a message that say how the person is; "" where it only orders a label."""
    if not anything().search(Passage(text).text):
        return text
    found = _passes(text, turns=True)
    if found or not (_has(text, "marks", "any") or _has(text, "head", "fake")):
        return found
    # All of it stood in what poses as another's turn: then the words in there are all there is.
    return _passes(text, turns=False)


def _has(text: str, group: str, name: str) -> bool:
    return bool(pattern(group, name).search(Passage(text).text))


def _passes(text: str, *, turns: bool) -> str:
    before = text
    for _ in range(MOST_PASSES):
        once = _once(before, turns=turns)
        if once == before:
            break
        before = once
    return "" if before != text and says_nothing(before) else before


def _once(text: str, *, turns: bool) -> str:
    passage = Passage(text)
    marked = markup.turns if turns else markup.marks
    for spans in (marked, markup.tagged, markup.rows):
        for span in spans(passage.text):
            passage.take(*span)
    read = passage.blanked()
    for found in pattern("inside", "patterns").finditer(read):
        passage.take(*found.span())
    clauses.take(passage, read, turns=turns)
    for span in markup.code(passage.text):
        if not passage.gone(*span):
            passage.keep(*span)
    if passage.whole:
        return text
    _tidied(passage)
    return passage.rest()


def _tidied(passage: Passage) -> None:
    """Take what makes no sense any more: brackets around nothing, a stop behind nothing, and of a
    clause that was nearly an order the rest."""
    for pair in _PAIR.finditer(passage.text):
        if passage.touched(*pair.span()) and passage.gone(*pair.span()):
            passage.take(*pair.span())
    for clause in pattern("order", "clause").finditer(passage.text):
        if passage.touched(*clause.span(1)):
            left = passage.left(*clause.span(1)).strip(_EDGES)
            if not left or pattern("beside", "patterns").fullmatch(left):
                passage.take(*clause.span())
