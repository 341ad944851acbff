"""Short ways to put a reply before its rules."""

from __future__ import annotations

from bot.language import detect
from bot.reply.rules import RULES
from bot.reply.text import Breach, Candidate


def candidate(
    message: str, reply: str, *, said: tuple[str, ...] = (), replies: tuple[str, ...] = ()
) -> Candidate:
    """A reply in the language of its message."""
    return Candidate(reply, message, detect(message), said, replies)


def broken(rule: str, message: str, reply: str, **before: tuple[str, ...]) -> Breach | None:
    """Whether a reply breaks one rule."""
    return RULES[rule](candidate(message, reply, **before))
