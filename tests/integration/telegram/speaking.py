"""An engine that speaks in real time, piece after piece."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.base import Prompt
from tests.fakes import FakeEngine, Step


def speaking(pieces: Sequence[str], every: float) -> FakeEngine:
    """Says a piece every so many seconds, from when it is asked."""
    engine = FakeEngine()

    def reply(prompt: Prompt) -> list[Step]:
        loop = asyncio.get_running_loop()
        steps: list[Step] = []
        for number, piece in enumerate(pieces):
            due = asyncio.Event()
            loop.call_later(number * every, due.set)
            steps += [due, piece]
        return steps

    engine.reply = reply
    return engine


def cut(text: str, size: int) -> list[str]:
    """A text in pieces of so many characters."""
    return [text[start : start + size] for start in range(0, len(text), size)]
