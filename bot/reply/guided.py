"""How a reply is guided: the feeling that it names, which of our lines is said, how it ends.

Knows: which feeling is likeliest and whether it is clear, that words of a late reply come last,
that what is said must keep the rules. Does not know: the words (the task), which of them a message
calls for (`bot.reply.plan`), the model. Pure, but for the shuffling.

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
from engine.scoring import normalise
from engine.tasks import Manner

SURE_FROM = 0.6
"""Only so probable a label has its feeling told; below, it is asked whether it is so."""

CLEAR_FROM = 0.55
"""Only so likely a feeling is named. Of those that were named wrongly most were below."""

DOUBTFUL_FROM = 0.75
"""The same, where the sadness itself is doubtful: a cat that makes one "angry"."""

_NEAR = 0.6
"""Of the likeliest feeling's chance: one that has so much may be named in its stead."""


def chances(scores: Mapping[str, float], more: Mapping[str, float]) -> dict[str, float]:
    """How likely each feeling is among all of them.

    `scores` are log-probabilities by feeling; `more`, of the calibration, is added to them: a word
    that the model says of anything means less.
    """
    worth = {word: more.get(word, 0.0) + score for word, score in scores.items()}
    return {word: math.exp(nats) for word, nats in normalise(worth).items()}


def likeliest(chances: Mapping[str, float], replies: Sequence[str]) -> list[str]:
    """The feelings that come next to the best one, those named in one of the last replies last."""
    best = max(chances.values())
    near = [word for word, chance in chances.items() if chance >= best * _NEAR]
    late = replies[-REMEMBERED_REPLIES:]
    return sorted(near, key=lambda word: (any(word in reply for reply in late), -chances[word]))


def clear(chances: Mapping[str, float], *, doubtful: bool = False) -> bool:
    """Whether one feeling is likely enough to be named; `doubtful`: there may be no sadness."""
    return max(chances.values()) >= (DOUBTFUL_FROM if doubtful else CLEAR_FROM)


def wording_of(manner: Manner, sure: float) -> Sequence[str]:
    """The sentences that may name a feeling, of a label that is so probable."""
    return manner.told if sure >= SURE_FROM else manner.guessed or manner.told


def telling(
    feelings: Sequence[str], told: Sequence[str], candidate: Candidate, seed: str | None
) -> str:
    """A sentence that names one of the feelings, the first if it can, and keeps most rules."""
    texts = in_order(told, (), seed)
    return _soundest([text.replace("{}", word) for word in feelings for text in texts], candidate)


def saying(texts: Sequence[str], candidate: Candidate, seed: str | None) -> str:
    """One of the texts, which keeps most rules."""
    return _soundest(in_order(texts, (), seed), candidate)


def _soundest(texts: Sequence[str], candidate: Candidate) -> str:
    return min(texts, key=lambda text: len(breaches(replace(candidate, text=text))))


def in_order(texts: Sequence[str], replies: Sequence[str], seed: str | None) -> list[str]:
    """The texts shuffled, those that stand in one of the last replies after the others.

    The same seed gives the same order; None gives any.
    """
    late = replies[-REMEMBERED_REPLIES:]
    shuffled = random.Random(seed).sample(texts, len(texts))  # noqa: S311 - no secret
    return sorted(shuffled, key=lambda text: any(text in reply for reply in late))


def closing(closers: Sequence[str], candidate: Candidate, seed: str | None) -> str:
    """A line to follow the reply of the candidate, with which it keeps every rule; else ""."""
    for closer in in_order(closers, candidate.replies, seed):
        told = gap(candidate.language) + closer
        if not breaches(replace(candidate, text=candidate.text + told)):
            return told
    return ""


def gap(language: str) -> str:
    """What stands between two sentences."""
    return "" if language == "zh" else " "
