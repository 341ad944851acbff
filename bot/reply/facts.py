"""No invented facts: who and what is theirs stands in what they said; nothing is foretold.

Knows: names, numbers, places and relations, as far as letters show them. Does not know: whether
anything is true. A modest rule: it reads only sentences that speak to the person. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.reply.text import Breach, Candidate, sentences, unquoted
from bot.reply.words import nouns, spotted, word_set
from bot.rules import plain

_TO_YOU = re.compile(r"\b(?:you|your|yours|yourself|you're|you've|you'll|you'd)\b|[你妳您]", re.I)
_OF_YOU = re.compile(
    r"\b(?:your|you're|you've|you (?:have|had|are|were|did|spent|lost|lived|worked|waited))\b"
    "|[你妳您]",
    re.I,
)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?:-[A-Z][a-z]+)?\b")
_NUMBER = re.compile(
    r"\d+(?:[.,:]\d+)*|(?<![这那這两兩几幾])[三四五六七八九十百]+(?=年|个月|個月|天|岁|歲|周|次|个孩子|个人)"
)
_NOTHING: frozenset[str] = frozenset()
_CHINESE_NAME = re.compile(
    "[小老阿](?:明|红|刚|丽|华|芳|强|美|李|王|张|陈|刘|杨|赵|周|吴)(?![的家年区])"
)


def invents_facts(candidate: Candidate) -> Breach | None:
    """A name, a number, a place or a relation that nobody has named; or a talk that never was."""
    known = candidate.known
    relations = _unnamed_relations(known)
    for sentence in sentences(unquoted(candidate.text)):
        if not _TO_YOU.search(sentence):
            continue
        found = [name for name in _names(sentence) if plain(name) not in known]
        if not found and (theirs := relations.search(plain(sentence))):
            found = [theirs[0]]
        if not found and not candidate.said:
            found = [spotted("invents_memory", sentence)]
        if found and found[0]:
            return Breach("invents_facts", found[0])
    return None


def foretells(candidate: Candidate) -> Breach | None:
    """A forecast to whoever asks what the weather will be, or who wins: it cannot be known here."""
    text = unquoted(candidate.text)
    if not spotted("asks_future", candidate.message) or spotted("not_known", text):
        return None
    found = spotted("foretells", text)
    return Breach("foretells", found) if found else None


def _names(sentence: str) -> Iterator[str]:
    """Names, numbers and places."""
    allowed = word_set("common_names")
    yield from (name for name in _NAME.findall(sentence) if plain(name) not in allowed)
    if _OF_YOU.search(sentence):  # "10 minutes if you like" is a recipe
        yield from _NUMBER.findall(sentence)
    yield from _CHINESE_NAME.findall(sentence)
    folded = plain(sentence)
    yield from (place for place in word_set("places") if not place.isascii() and place in folded)


def _unnamed_relations(known: str) -> re.Pattern[str]:
    """ "Your brother", where neither a brother nor a word that stands for one was named."""
    english: list[str] = []
    chinese: list[str] = []
    for meaning, found in nouns("relations").items():
        if any(_said(word, known) for word in found | nouns("stands_for").get(meaning, _NOTHING)):
            continue
        for word in sorted(found, key=len, reverse=True):
            (english if word.isascii() else chinese).append(word)
    theirs = [rf"\byour (?:\w+ )?(?:{'|'.join(english)})\b"] if english else []
    theirs += [f"[你妳您](?:的|家)?(?:{'|'.join(chinese)})"] if chinese else []
    return re.compile("|".join(theirs) or r"(?!)")


def _said(word: str, known: str) -> bool:
    return bool(re.search(rf"\b{word}s?\b", known)) if word.isascii() else word in known
