"""Which clauses of a message speak to the labeller.

Knows: clauses, who is spoken to in them, which of them are orders, and what goes with an order.
Does not know: how orders are worded (`words.toml`), markup. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.orders.passage import Passage, is_nothing
from bot.orders.words import pattern

_LINE = re.compile(r"[^\n]+")
_QUOTE = re.compile(r"(?:[ \t]*>)*[ \t]*")
_NAME = 40
"""So long a name or title may stand before a colon and an order."""


@dataclass(slots=True)
class _Clause:
    """A clause of a line: its first character, its end, and the end of the stops behind it."""

    start: int
    end: int
    stop: int
    goes: bool = False


def take(passage: Passage, text: str, *, turns: bool) -> None:
    """Take the orders of each line. A head that stands alone speaks to the line below it."""
    waiting: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start, end = _QUOTE.match(text, *line.span()).end(), line.end()  # type: ignore[union-attr]
        if start == end:
            continue
        if turns and pattern("head", "fake").match(text, start, end):
            passage.take(line.start(), end)
            continue
        named = pattern("order", "words").search(text, start, end)
        head = pattern("head", "line").match(text, start, end)
        began = head.end() if head else start
        alone = bool(head and is_nothing(text[began:end]))
        key = pattern("head", "key").match(text, _begin(text, start, end), end)
        if alone or key:
            waiting.append((line.start(), end))
            continue
        if not named:
            waiting = []
            continue
        clauses = list(_of_line(text, began, end, spoken_to=bool(head or waiting)))
        for clause in clauses:
            part = (clause.start, clause.end)
            clause.goes |= passage.touched(*part) and passage.gone(*part)
        _with_neighbours(text, clauses)
        going = [clause for clause in clauses if clause.goes]
        for clause in going:
            passage.take(clause.start, clause.stop)
        if going and head:
            passage.take(start, began)
        if clauses and len(going) == len(clauses) and going[0].start == began:
            passage.take(line.start(), end)
        if going:
            for span in waiting:
                passage.take(*span)
        waiting = []


def _of_line(text: str, start: int, end: int, *, spoken_to: bool) -> Iterator[_Clause]:
    """The clauses of a line, those marked that are orders."""
    noted = False
    for clause in _clauses(text, start, end):
        begin = _begin(text, clause.start, clause.end)
        note = pattern("head", "note").match(text, begin, clause.end)
        soft = None if note else pattern("head", "soft_note").match(text, begin, clause.end)
        if text[clause.start - 1 : clause.start] in ("(", "（"):
            noted = False
        if note or soft:
            noted = True
        parts = list(_ordered(text, clause, begin))
        if spoken_to or noted:
            sure = bool(note or spoken_to)
            if not any(part.goes for part in parts):
                parts = list(_by_label(text, clause, begin, sure=sure))
        yield from parts


def _by_label(text: str, clause: _Clause, begin: int, *, sure: bool) -> Iterator[_Clause]:
    """A clause that speaks to the labeller: it goes where it names a label, and is not of oneself.

    What begins behind the label as one's own words do stays.
    """
    labels = list(pattern("order", "label").finditer(text, begin, clause.end))
    end = labels[-1].end() if labels else clause.start
    if pattern("order", "only_label").match(text, begin, clause.end):
        clause.goes = True
    elif labels and (sure or not pattern("order", "first_person").search(text, begin, end)):
        if pattern("order", "own").match(text, end, clause.end):
            yield from _parted(text, clause, clause.start, end)
            return
        clause.goes = sure or not pattern("order", "first_person").search(text, end, clause.end)
    yield clause


def _parted(text: str, clause: _Clause, start: int, end: int) -> Iterator[_Clause]:
    """An order from `start` to `end`, and what is before and behind it."""
    if start > clause.start:
        yield _Clause(clause.start, start, start)
    if is_nothing(text[end : clause.end]):
        yield _Clause(start, clause.end, clause.stop, goes=True)
        return
    parts = pattern("order", "parts").match(text, end, clause.end)
    end = parts.end() if parts else end
    yield _Clause(start, end, end, goes=True)
    yield _Clause(end, clause.end, clause.stop)


def _ordered(text: str, clause: _Clause, begin: int) -> Iterator[_Clause]:
    """A clause, or its two halves where one of them is an order."""
    places = [begin]
    colon = text.find(":", begin, min(clause.end, begin + _NAME))
    if colon >= 0:
        places.append(_begin(text, colon + 1, clause.end))
    if not pattern("order", "words").search(text, begin, clause.end):
        yield clause
        return
    for place in places:
        order = pattern("order", "patterns").match(text, place, clause.end)
        own = order and pattern("order", "own").match(text, order.end(), clause.end)
        if not order or not own:
            continue
        start = clause.start if place == begin else place
        yield from _parted(text, clause, start, order.end())
        return
    yield clause


def _with_neighbours(text: str, clauses: list[_Clause]) -> None:
    """Mark the lead-ins and the threats beside an order."""
    for ordered in (clauses, clauses[::-1]):
        beside = False
        for clause in ordered:
            if beside and not clause.goes:
                begin = _begin(text, clause.start, clause.end)
                clause.goes = _goes_along(text, begin, clause.end)
            beside = clause.goes


def _goes_along(text: str, begin: int, end: int) -> bool:
    if pattern("beside", "patterns").match(text, begin, end):
        return True
    heads = (pattern("head", name).match(text, begin, end) for name in ("note", "soft_note"))
    return any(head and is_nothing(text[head.end() : end]) for head in heads)


def _clauses(text: str, start: int, end: int) -> Iterator[_Clause]:
    for found in pattern("order", "clause").finditer(text, start, end):
        begin = found.start()
        for parted in pattern("order", "breaks").finditer(text, begin + 1, found.end(1)):
            yield _Clause(begin, parted.start(), parted.start())
            begin = parted.start()
        yield _Clause(begin, found.end(1), found.end())


def _begin(text: str, start: int, end: int) -> int:
    """Where the first word stands, behind marks and opening brackets."""
    found = pattern("order", "marks").match(text, start, end)
    return found.end() if found else start
