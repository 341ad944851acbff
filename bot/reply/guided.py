"""How a reply is guided: its tone, the feeling that it names, the line it ends with.

Knows: which label sets the tone, which feeling is likeliest, that words of a late reply come last,
that what is said must keep the rules. Does not know: the words (the task), the model. Pure, but for
the shuffling.

A small model speaks of things in general ("Losing a pet is hard"), and where it speaks of the
person, one sentence in six goes wrong. Which of some feelings it is, it knows: docs/replies.md.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.reply.rules import breaches
from bot.reply.text import REMEMBERED_REPLIES, Candidate
from bot.reply.words import spotted
from engine.scoring import normalise

SAD, CALM, GLAD = "negative", "neutral", "positive"
SAD_FROM = 0.2
"""So probable a sadness sets the tone, also where another label is more probable: kindness to
whoever is well costs less than cheer to whoever is not."""

SURE_FROM = 0.6
"""Only so probable a label has its feeling told; below, it is asked whether it is so."""

CLEAR_FROM = 0.55
"""Only so likely a feeling is named. Of those that were named wrongly most were below."""

HEARD_FROM = 0.4
"""Where no feeling is clear, only so probable a sadness is met without a name for it; below, the
model writes as to anything."""

GLAD_FROM = 0.6
"""Only so probable a gladness is celebrated."""

_SHORT = 60
"""Characters of a goodbye, of thanks, of "I'm fine". A longer message has more to it."""

_JUST_BEFORE = 3
"""Turns: so long a sadness is not over by "I'm fine"."""

_ASKS = ("?", "？")

_NEAR = 0.6
"""Of the likeliest feeling's chance: one that has so much may be named in its stead."""


def puts_off(message: str, before: Sequence[str]) -> bool:
    """Whether it is "I'm fine", and no more, soon after something sad; `before` are the labels of
    the turns before."""
    if len(message) > _SHORT or SAD not in before[-_JUST_BEFORE:]:
        return False
    return bool(spotted("fine_words", message))


def tone(probabilities: Mapping[str, float], label: str, message: str) -> str:
    """The label that a reply is written to. Whoever says goodbye is not asked to stay; whoever
    says thanks, or asks something, or may not be glad, is not asked what they are glad of."""
    short = len(message) <= _SHORT
    if label != GLAD and short and spotted("goodbyes", message):
        return CALM
    if label == GLAD and short and (spotted("thanks", message) or asks(message)):
        return CALM
    if label == GLAD and spotted("sarcasm", message):
        return CALM
    sad, glad = probabilities.get(SAD, 0.0), probabilities.get(GLAD, 0.0)
    if sad >= SAD_FROM and sad > glad:
        return SAD
    return CALM if label == GLAD and glad < GLAD_FROM else label


def asks(text: str) -> bool:
    """Whether it ends with a question."""
    return text.rstrip()[-1:] in _ASKS


def asks_future(message: str) -> bool:
    """Whether it asks for a forecast."""
    return bool(spotted("asks_future", message))


def chances(scores: Sequence[Mapping[str, float]], more: Mapping[str, float]) -> dict[str, float]:
    """How likely each feeling is among all of them.

    `scores` are log-probabilities by feeling, one table a wording; `more`, of the calibration, is
    added to their mean: a word that the model says of anything means less.
    """
    worth = {w: more.get(w, 0.0) + sum(s[w] for s in scores) / len(scores) for w in scores[0]}
    return {word: math.exp(nats) for word, nats in normalise(worth).items()}


def likeliest(chances: Mapping[str, float], replies: Sequence[str]) -> list[str]:
    """The feelings that come next to the best one, those named in one of the last replies last."""
    best = max(chances.values())
    near = [word for word, chance in chances.items() if chance >= best * _NEAR]
    late = replies[-REMEMBERED_REPLIES:]
    return sorted(near, key=lambda word: (any(word in reply for reply in late), -chances[word]))


def telling(
    feelings: Sequence[str], told: Sequence[str], candidate: Candidate, seed: str | None
) -> str:
    """A sentence that names one of the feelings, the first if it can, and keeps most rules."""
    texts = in_order(told, (), seed)
    sentences = [text.replace("{}", word) for word in feelings for text in texts]
    return min(sentences, key=lambda text: len(breaches(replace(candidate, text=text))))


def in_order(texts: Sequence[str], replies: Sequence[str], seed: str | None) -> list[str]:
    """The texts shuffled, those that stand in one of the last replies after the others.

    The same seed gives the same order; None gives any.
    """
    late = replies[-REMEMBERED_REPLIES:]
    shuffled = random.Random(seed).sample(texts, len(texts))  # noqa: S311 - no secret
    return sorted(shuffled, key=lambda text: any(text in reply for reply in late))


def closing(closers: Sequence[str], candidate: Candidate, seed: str | None) -> str:
    """A line to follow the reply of the candidate, with which it keeps every rule; else ""."""
    gap = "" if candidate.language == "zh" else " "
    for closer in in_order(closers, candidate.replies, seed):
        told = f"{candidate.text}{gap}{closer}"
        if not breaches(replace(candidate, text=told)):
            return gap + closer
    return ""
