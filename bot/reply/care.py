"""What a kind reply does not say: doctors' and lawyers' orders, fright, sermons, insults.

Knows: that the person's own words are not held against the reply. Does not know: the words
themselves (`rules.toml`), kindness beyond them. Pure.
"""

from __future__ import annotations

import re

from bot.reply.moves import GOODBYES, move
from bot.reply.script import simplified
from bot.reply.text import Breach, Candidate, unquoted
from bot.reply.words import spotted
from bot.rules import plain

_YES = re.compile(
    r"^(?:yes|yeah|yep|of course|indeed|you are|it is|it was)\b"
    "|^(?:是的|是啊|是呀|对|没错|确实|的确|嗯,是)"
)


def gives_medical_orders(candidate: Candidate) -> Breach | None:
    """A medicine, a dose, a diagnosis, an order to see a doctor."""
    return _plain_breach("gives_medical_orders", candidate)


def gives_legal_orders(candidate: Candidate) -> Breach | None:
    """An order to sue, to report, to see a lawyer; a judgement of what the law says."""
    return _plain_breach("gives_legal_orders", candidate)


def frightens(candidate: Candidate) -> Breach | None:
    """A frightening statement of pain, danger or death, in words that the person did not use."""
    found = spotted("frightens", candidate.text)
    if not found or _told(found, "fear_words", candidate):
        return None
    return Breach("frightens", found)


def belittles(candidate: Candidate) -> Breach | None:
    """ "Just a dog", "you can get another", "others have it worse"."""
    return _plain_breach("belittles", candidate)


def shrinks(candidate: Candidate) -> Breach | None:
    """ "You must be a bit sad", where the person did not call it small."""
    if spotted("small_words", candidate.message):
        return None
    return _plain_breach("shrinks", candidate)


def lectures(candidate: Candidate) -> Breach | None:
    """ "Be positive", "you should work harder", "you must be strong"."""
    return _plain_breach("lectures", candidate)


def accuses(candidate: Candidate) -> Breach | None:
    """ "You must feel guilty", where the person spoke of no fault of theirs."""
    if any(spotted("fault_words", text) for text in (candidate.message, *candidate.said)):
        return None
    return _plain_breach("accuses", candidate)


def takes_leave(candidate: Candidate) -> Breach | None:
    """ "Good night" to "ok": whoever did not say goodbye is not sent away."""
    found = _plain_breach("takes_leave", candidate)
    if found is None or spotted("sleep_words", candidate.message):
        return None
    return None if move(simplified(candidate.message)) in GOODBYES else found


def insults(candidate: Candidate) -> Breach | None:
    """It calls the person stupid or useless, or says yes to "am I stupid?"."""
    text = plain(unquoted(candidate.text))
    found = spotted("insults", text)
    if not found and spotted("asks_if_bad", candidate.message) and (agrees := _YES.search(text)):
        found = agrees[0]
    return Breach("insults", found) if found else None


def _plain_breach(rule: str, candidate: Candidate) -> Breach | None:
    found = spotted(rule, unquoted(candidate.text))
    return Breach(rule, found) if found else None


def _told(found: str, words: str, candidate: Candidate) -> bool:
    """Whether the person used the same word of a list before."""
    word = spotted(words, found)
    return bool(word) and word in candidate.known
