"""The fixed messages that replies are measured with, each with what was said before it.

Knows: the files beside it and the conversations that speed is measured with. Does not know: models,
rules, figures.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.messages import CHINESE, ENGLISH

HUMAN = "human"
CONVERSATION = "conversation"
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier turn of a case."""

    said: str
    label: str
    reply: str


@dataclass(frozen=True, slots=True)
class Case:
    """One message to be answered. `feels` is how the person feels, "" where nobody has said.

    `judged` cases are read blind. The messages of kind "conversation" follow one another in one
    conversation of each language; every other case is a conversation of its own.
    """

    id: str
    language: str
    kind: str
    text: str
    feels: str = ""
    before: tuple[Before, ...] = ()
    judged: bool = False


@cache
def cases() -> tuple[Case, ...]:
    """The 120 messages, the 60 ways to ask "are you human?", and two conversations of 20."""
    return (*_messages("messages"), *_human(), *_conversations())


HELD_OUT = ("heldout", "heldout_2", "heldout_3", "heldout_4", "heldout_5", "heldout_6")
"""Sets of 80 messages, each written after a version was finished, to judge that version with."""


@cache
def heldout(name: str) -> tuple[Case, ...]:
    """The messages of one of HELD_OUT; all are judged."""
    return tuple(_messages(name))


def _messages(name: str) -> list[Case]:
    table = _table(name)
    judged = table.get("judged", {})
    return [
        Case(
            f"{language}-{kind}-{number}",
            language,
            kind,
            found["text"],
            found["feels"],
            tuple(Before(**turn) for turn in found.get("before", [])),
            number <= judged.get(kind, len(listed)),
        )
        for language in LANGUAGES
        for kind, listed in table[language].items()
        for number, found in enumerate(listed, start=1)
    ]


def _human() -> list[Case]:
    return [
        Case(f"{language}-{HUMAN}-{way}-{number}", language, HUMAN, text)
        for language, ways in _table(HUMAN).items()
        for way, texts in ways.items()
        for number, text in enumerate(texts, start=1)
    ]


def _conversations() -> list[Case]:
    return [
        Case(f"{language}-{CONVERSATION}-{number}", language, CONVERSATION, text)
        for language, texts in zip(LANGUAGES, (ENGLISH, CHINESE), strict=True)
        for number, text in enumerate(texts, start=1)
    ]


def _table(name: str) -> dict[str, Any]:
    file = Path(__file__).with_name(f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
