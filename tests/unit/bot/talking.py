"""Short ways to send messages that belong together, and to see what the model read."""

from __future__ import annotations

import asyncio
from typing import Any

from adapters.messages import IncomingMessage, Person, Scope
from engine.base import Prompt
from tests.fakes import FakeEngine, said

GROUP = Scope("telegram", "-9")


def in_group(user: str) -> dict[str, Any]:
    """What makes a message one of that person in the group."""
    return {"person": Person("telegram", user), "scope": GROUP}


def quick(text: str, message_id: str = "", **changes: Any) -> IncomingMessage:
    """A message that may be one of several."""
    return said(text, message_id, **({"joins": True} | changes))


def read(prompt: Prompt) -> str:
    """The words that a prompt is about."""
    return prompt.messages[-2].content


def reading() -> tuple[FakeEngine, asyncio.Event]:
    """An engine that reads until it is told to go on."""
    engine = FakeEngine()
    go = asyncio.Event()
    engine.before_score = [go]
    return engine, go
