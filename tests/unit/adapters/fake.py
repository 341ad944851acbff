"""A handler that plays a script: short, and true to the contract of `adapters.messages`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from adapters.messages import (
    Button,
    Card,
    File,
    Finished,
    IncomingMessage,
    Labelled,
    Notice,
    Reply,
    Text,
)

SAD = Labelled("negative", {"positive": 0.08, "negative": 0.92}, -0.84, "en", "fake-1b")
GLAD = Labelled("positive", {"positive": 0.9, "negative": 0.1}, 0.8, "en", "fake-1b")
FIXED = Labelled("negative", {"positive": 0.4, "negative": 0.6}, -0.2, "en", "fake-1b", fixed=True)
DONE = Finished({"label_ms": 10.0, "first_token_ms": 20.0, "total_ms": 30.0})
ANSWER = (SAD, Text("I'm "), Text("so sorry."), DONE)
CARD = Card(
    "May I?",
    ((Button("Yes", "/memory on"), Button("No", "/memory off")), (Button("Later", "/help"),)),
)
FILE = File("all.json", '{"词": 1}'.encode(), "application/json", "All of it.")


def notice(code: str, text: str = "A sentence.") -> tuple[Reply, ...]:
    return (Notice(text, code), DONE)


class ScriptedHandler:
    """Answers every message with `script`: events are given, errors raised, locks waited for.

    `messages` holds what it was asked, `ended_by` how the last answer ended (None: at its end);
    `waiting` is released each time an answer begins to wait for a lock.
    """

    def __init__(self, *script: Reply | Exception | asyncio.Event) -> None:
        self.script = script
        self.messages: list[IncomingMessage] = []
        self.waiting = asyncio.Semaphore(0)
        self.ended = asyncio.Event()
        self.ended_by: type[BaseException] | None = None

    async def __call__(self, message: IncomingMessage) -> AsyncGenerator[Reply, None]:
        self.messages.append(message)
        try:
            for step in self.script:
                if isinstance(step, asyncio.Event):
                    self.waiting.release()
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        except BaseException as error:
            self.ended_by = type(error)
            raise
        finally:
            self.ended.set()
