"""Words that say who said them and where, and what of them stands in whatever somebody is shown.

Knows: commands and prompts as text. Does not know: which word may stand where.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.messages import Card, File, Notice
from bot.command import Answer
from engine.base import Prompt

WORD = re.compile(r"word\d+of\w+in[a-z-]+")


@dataclass(frozen=True)
class Secret:
    """A word: who said it, and where ("alone" or a group)."""

    who: str
    where: str


def word(number: int, who: str, where: str) -> str:
    """One that nobody else says."""
    return f"word{number}of{who}in{where}"


def secrets_in(text: str) -> set[Secret]:
    """The words that stand in it; cut ones too, since a part of a secret is one."""
    return {
        Secret(*re.fullmatch(r"word\d+of(\w+?)in([a-z-]+)", word).groups())  # type: ignore[union-attr]
        for word in WORD.findall(text)
    }


def said_back(prompt: Prompt) -> tuple[str, ...]:
    """An answer that holds the word of the message."""
    said = prompt.messages[-2].content
    (found,) = WORD.findall(said)
    return (f" {found} it", " is.")


def read(prompt: Prompt) -> str:
    """All that the model reads."""
    return "\n".join("\n".join((*m.opening, m.content)) for m in prompt.messages)


def text_of(answers: Sequence[Answer]) -> str:
    """All that a command shows, files and buttons included."""
    shown = []
    for one in answers:
        if isinstance(one, File):
            text = one.content.decode() if one.media_type != "image/png" else ""
            shown += [one.name, one.caption, text]
        elif isinstance(one, Card):
            shown += [one.text, *(b.label + b.command for row in one.buttons for b in row)]
        elif isinstance(one, Notice):
            shown.append(one.text)
    return "\n".join(shown)
