"""Whether words speak of danger, and of whose: a value, never the words.

Knows: the order in which a text is read, its sentences, who they speak of, what is only told.
Does not know: the rules themselves (TOML), the answers, the store. Pure, and linear in the
length of the text: a rule is tried only near a word that it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.crisis.reading import glued, read
from bot.crisis.rulebook import EITHER, KINDS, LANGUAGES, Rule, Rulebook, rulebook

EARLIER_MESSAGES = 3
"""So many messages just before may hold the first part of a sentence."""

_EARLIER_CHARACTERS = 200
_SENTENCE_END = re.compile(r"[.!?;。…\n]+")
_TAKEN_OUT = " · "
_NEAR = 120
"""So many characters before and after say whose danger it is, and whether it is only told."""
_REACH = 150
"""So far from a word that it needs a rule is tried."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen: one of `KINDS` or `UNSURE`, the language of the words, and what saw it."""

    kind: str
    language: str
    rule: str


def find(text: str, earlier: Sequence[str] = ()) -> Finding | None:
    """The most pressing danger in a person's words; None where no rule sees any.

    `earlier`: what the same person wrote just before, oldest first, within a few minutes. They are
    read only as the first part of what comes now: a danger that they hold themselves was answered.
    """
    return _find(read(text)) or _find_across(earlier[-EARLIER_MESSAGES:], text)


def _find(text: str) -> Finding | None:
    sentences = dict.fromkeys(_SENTENCE_END.split(text))
    found = _in([*sentences])
    if "\n" in text and (found is None or found.kind != KINDS[0]):
        whole = dict.fromkeys(_SENTENCE_END.split(glued(text)))
        return _most_pressing(
            f for f in (found, _in([s for s in whole if s not in sentences])) if f
        )
    return found


def _find_across(earlier: Sequence[str], text: str) -> Finding | None:
    """A danger whose words began in a message before. Only the ends that meet are read."""
    if not text.strip():
        return None
    now = text[:_EARLIER_CHARACTERS]
    for first in range(len(earlier) - 1, -1, -1):
        before = "\n".join(message[-_EARLIER_CHARACTERS:] for message in earlier[first:])
        if _find(read(before)):
            return None
        found = _find(read(f"{before}\n{now}"))
        if found:
            return found
    return None


def _in(sentences: Sequence[str]) -> Finding | None:
    return _most_pressing(
        found for language in LANGUAGES for found in _hits(rulebook(language), sentences)
    )


def _most_pressing(findings: Iterable[Finding]) -> Finding | None:
    best: Finding | None = None
    for found in findings:
        if best is None or KINDS.index(found.kind) < KINDS.index(best.kind):
            best = found
            if best.kind == KINDS[0]:
                break
    return best


def _hits(book: Rulebook, sentences: Sequence[str]) -> Iterator[Finding]:
    before = ""
    for sentence in sentences:
        for rule, piece in _to_try(book, sentence):
            if rule.found.search(piece):
                found = _judged(book, rule, piece, before)
                if found:
                    yield found
        before = sentence


def _to_try(book: Rulebook, sentence: str) -> Iterator[tuple[Rule, str]]:
    """The rules that may hold in a sentence, each with the part of it where they may."""
    places: dict[int, list[int]] = {}
    known: dict[str, list[int]] = {}
    for found in book.marks.finditer(sentence):
        word = found[0]
        if word not in known:  # a word that stands a thousand times is looked into once
            known[word] = [
                n for need, found_by in book.tried[word] if need in sentence for n in found_by
            ]
        for number in known[word]:
            places.setdefault(number, []).append(found.start())
    for number in sorted(places):
        for piece in _around(sentence, places[number]):
            yield book.rules[number], piece


def _around(sentence: str, places: Sequence[int]) -> Iterator[str]:
    """The parts of a sentence near some places; as a rule, all of it."""
    if len(sentence) <= 2 * _REACH:
        yield sentence
        return
    start, end = places[0] - _REACH, places[0] + _REACH
    for place in places[1:]:
        if place - _REACH > end:
            yield _cut(sentence, start, end)
            start = place - _REACH
        end = place + _REACH
    yield _cut(sentence, start, end)


def _cut(sentence: str, start: int, end: int) -> str:
    """A part that begins with a whole word: half a word may look like another."""
    start = max(0, start)
    space = sentence.find(" ", start, start + 20) if start else -1
    return sentence[space + 1 if space >= 0 else start : end]


def _judged(book: Rulebook, rule: Rule, piece: str, before: str) -> Finding | None:
    """A hit that stands without the idioms, and is not only told."""
    said = book.idioms.sub(_TAKEN_OUT, piece)
    for hit in rule.found.finditer(said):
        start = max(0, hit.start() - _NEAR)
        kind = _kind(book, rule, said[start : hit.end()])
        near = said[start : hit.end() + _NEAR]
        # Somebody else's story is often told in two sentences.
        told = near if kind == "self" else f"{before[-_NEAR:]} {near}"
        if not _is_told(book, rule, kind, told):
            return Finding(kind, book.language, rule.id)
    return None


def _kind(book: Rulebook, rule: Rule, until: str) -> str:
    """Whose danger it is: that of whoever was named last before the words, or was quoted."""
    if rule.kind != EITHER:
        return rule.kind
    if book.reports.search(until):
        return "friend"
    first, third = _last(book.first, until), _last(book.third, until)
    return "friend" if third > first else "self"


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((found.end() for found in pattern.finditer(text)), default=-1)


def _is_told(book: Rulebook, rule: Rule, kind: str, words: str) -> bool:
    """Whether these are the words of a story, a game, the news, or of the past."""
    clear = kind == "self" and not rule.weak
    return any(
        context.found.search(words) and not context.but.search(words)
        for context in book.contexts
        if kind in context.kinds and (context.firm or not clear)
    )
