"""Stand-ins for the model: one that moves slot states, one that scores. True to their contracts."""

from __future__ import annotations

import math
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.base import EngineFailed, Prompt, SamplingParams


class FakeStates:
    """`SlotStates` whose state is a word a slot: saved into a file of `size` bytes at least.

    `calls` holds what was asked; a name in `broken` ("save", "restore") fails after it has written
    half, as a full disk does. `save` waits for `may_save` and tells `saving` that it does.
    """

    def __init__(self, folder: Path, size: int = 100) -> None:
        self.states = folder
        self.states.mkdir(exist_ok=True)
        self.size = size
        self.holds: dict[int, str] = {}
        self.calls: list[tuple[str, int]] = []
        self.broken: set[str] = set()
        self.saving = threading.Event()
        self.may_save = threading.Event()
        self.may_save.set()

    def save(self, slot: int, name: str) -> None:
        self.calls.append(("save", slot))
        self.saving.set()
        self.may_save.wait(10)
        body = self.holds.get(slot, "").ljust(self.size)
        if "save" in self.broken:
            (self.states / name).write_text(body[: self.size // 2])
            raise EngineFailed("no space left")
        (self.states / name).write_text(body)

    def restore(self, slot: int, name: str) -> None:
        self.calls.append(("restore", slot))
        if "restore" in self.broken:
            raise EngineFailed("damaged")
        self.holds[slot] = (self.states / name).read_text().strip()

    def erase(self, slot: int) -> None:
        self.calls.append(("erase", slot))
        self.holds.pop(slot, None)

    def saved(self) -> list[str]:
        """The words that lie in files, sorted."""
        return sorted(file.read_text().strip() for file in self.states.iterdir())

    def bytes(self) -> int:
        """What all files take together."""
        return sum(file.stat().st_size for file in self.states.iterdir())


class FakeServer(FakeStates):
    """A model server with one character a token, whose replies are the pieces it was made with."""

    in_memory = True
    context_length = 1000

    def __init__(self, folder: Path, template: str, *pieces: str) -> None:
        super().__init__(folder)
        self.properties = {"chat_template": template}
        self.pieces = pieces

    def tokenize(self, text: str, *, control: bool) -> list[int]:
        return [ord(character) for character in text]

    def stream(self, request: object, on_event: Callable[[dict[str, Any]], bool]) -> None:
        for piece in self.pieces:
            if on_event({"choices": [{"text": piece}]}):
                return

    def close(self) -> None: ...


class FakeEngine:
    """An `Engine` that gives each label word the probability it was made with."""

    context_length = 2048
    wide = True

    def __init__(self, model: str, said: Mapping[str, float]) -> None:
        self.model = model
        self.said = said
        self.asked: list[tuple[Prompt, list[str]]] = []

    async def score(self, prompt: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
        self.asked.append((prompt, list(labels)))
        return {label: math.log(self.said[label]) for label in labels}

    async def stream(self, prompt: Prompt, params: SamplingParams) -> AsyncGenerator[str, None]:
        yield "A reply."

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]

    async def warm_up(self, prompts: Sequence[Prompt]) -> None: ...

    async def forget(self, conversation: str) -> None: ...

    async def close(self) -> None: ...
