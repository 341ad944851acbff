"""How a reply is guided: its tone, the feeling that it names, the line it ends with.

Knows: which label sets the tone, which feeling is likeliest, that words of a late reply come last,
that what is said must keep the rules. Does not know: the words (the task), the model. Pure, but for
the shuffling.

A small model speaks of things in general ("Losing a pet is hard"), and where it speaks of the
person, one sentence in six goes wrong. Which of some feelings it is, it knows: docs/replies.md.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.reply.rules import breaches
from bot.reply.text import REMEMBERED_REPLIES, Candidate
from bot.reply.words import spotted

SAD, CALM, GLAD = "negative", "neutral", "positive"
SAD_FROM = 0.3
"""So probable a sadness sets the tone, also where another label is more probable: kindness to
whoever is well costs less than cheer to whoever is not."""

GLAD_FROM = 0.6
"""Only so probable a gladness is celebrated."""

_SHORT = 60
"""Characters of a goodbye, of thanks, of "I'm fine". A longer message has more to it."""

_JUST_BEFORE = 3
"""Turns: so long a sadness is not over by "I'm fine"."""

_ASKS = ("?", "？")

_NEAR = 0.5
"""Nats: feelings so near to the likeliest may be named in its stead."""


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
    if label == SAD and short and spotted("goodbyes", message):
        return CALM
    if label == GLAD and short and (spotted("thanks", message) or message.rstrip()[-1:] in _ASKS):
        return CALM
    sad, glad = probabilities.get(SAD, 0.0), probabilities.get(GLAD, 0.0)
    if sad >= SAD_FROM and sad > glad:
        return SAD
    return CALM if label == GLAD and glad < GLAD_FROM else label


def likeliest(
    scores: Sequence[Mapping[str, float]], more: Mapping[str, float], replies: Sequence[str]
) -> list[str]:
    """The feelings that come next to the best one, those named in one of the last replies last.

    `scores` are log-probabilities by feeling, one table a wording; `more` is added to their mean:
    a word that the model says of anything means less (Zhao et al. 2021, arXiv 2102.09690).
    """
    worth = {word: nats + sum(s[word] for s in scores) / len(scores) for word, nats in more.items()}
    best = max(worth.values())
    near = [word for word, value in worth.items() if value >= best - _NEAR]
    late = replies[-REMEMBERED_REPLIES:]
    return sorted(near, key=lambda word: (any(word in reply for reply in late), -worth[word]))


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
