"""Short prompts for the real model, and a look at what it was asked and what it read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from engine.base import Message, Prompt, SamplingParams
from engine.llamacpp import LlamaCpp

LABELS = ("Positive", "Neutral", "Negative")
OPENING = ("[",)
GREEDY = SamplingParams(max_tokens=4, temperature=0.0)
PATIENCE_SECONDS = 120
"""Far more than anything takes here, even beside other work."""

SYSTEM = "You are a kind friend. Before you reply, write in brackets how the person feels."
SHARED = (
    Message("system", SYSTEM),
    Message("user", "I lost my keys again."),
    Message("assistant", " Oh no, that is annoying.", ("[", "Negative", "]")),
    Message("user", "I got the job!!"),
    Message("assistant", " That is wonderful!", ("[", "Positive", "]")),
)


def said(
    text: str,
    opening: tuple[str, ...] = OPENING,
    *,
    conversation: str = "",
    shared: tuple[Message, ...] = SHARED,
) -> Prompt:
    """A prompt that ends where the label comes next, or after it."""
    last = Message("assistant", "", opening)
    return Prompt((*shared, Message("user", text), last), len(shared), conversation)


async def reply(engine: LlamaCpp, prompt: Prompt, params: SamplingParams = GREEDY) -> list[str]:
    """The pieces of a whole reply."""
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(engine.stream(prompt, params)) as pieces:
        return [piece async for piece in pieces]


async def tokens_of(engine: LlamaCpp, prompt: Prompt) -> list[int]:
    """The prompt as the model gets it."""
    tokens, _ = await engine._encode(prompt)
    return tokens


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a state of the engine's inside."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)


class Watched:
    """The model's server, with all its answers kept; `extra` is added to each streamed request."""

    def __init__(self, engine: LlamaCpp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.extra: dict[str, Any] = {}
        server = engine._server
        complete, stream = server.complete, server.stream

        def watched_complete(request: dict[str, Any]) -> dict[str, Any]:
            self.answers.append(complete(request))
            return self.answers[-1]

        def watched_stream(
            request: dict[str, Any], on_event: Callable[[dict[str, Any]], bool]
        ) -> None:
            def watched(event: dict[str, Any]) -> bool:
                self.events.append(event)
                return on_event(event)

            stream({**request, **self.extra}, watched)

        monkeypatch.setattr(server, "complete", watched_complete)
        monkeypatch.setattr(server, "stream", watched_stream)

    @property
    def read(self) -> list[int]:
        """How many tokens each request had to read, whole answers first."""
        told = [*self.answers, *self.events]
        return [answer["timings"]["prompt_n"] for answer in told if "timings" in answer]

    @property
    def written(self) -> int:
        """How many tokens the last streamed reply has."""
        last = [event for event in self.events if "timings" in event][-1]
        return int(last["timings"]["predicted_n"])

    def clear(self) -> None:
        self.answers.clear()
        self.events.clear()
