"""How a reply is guided: its tone, its first words, the line it ends with.

Knows: which label sets the tone, that words of a late reply come last, that a closing line must
keep the rules. Does not know: the words (the task), the model. Pure, but for the shuffling.

A small model speaks of things in general ("Losing a pet is hard"); begun with "You must be" it
speaks to the person. Its first sentence is mostly apt, its second one often not: docs/replies.md.
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

_SHORT = 60
"""Characters of a goodbye. A longer message has more to it."""


def tone(probabilities: Mapping[str, float], label: str, message: str) -> str:
    """The label that a reply is written to. Whoever says goodbye is not asked to stay."""
    if len(message) <= _SHORT and spotted("goodbyes", message):
        return CALM if label == SAD else label
    sad = probabilities.get(SAD, 0.0)
    return SAD if sad >= SAD_FROM and sad > probabilities.get(GLAD, 0.0) else label


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
