"""A prefix cache on fake states, and the prompts that its tests share."""

from __future__ import annotations

from pathlib import Path

from engine.prefix_cache import PrefixCache
from engine.slots import Slot
from engine.worker import Worker
from tests.unit.engine.fakes import FakeStates

SHARED = tuple(range(100))
OWN = tuple(range(1000, 1040))
"""More tokens of one's own than it takes to be worth parking."""


class Bench:
    """A cache on fake states; `read` says that a slot has now read its prompt."""

    def __init__(
        self,
        states: FakeStates,
        worker: Worker,
        *,
        fingerprint: str = "library:model:1",
        folder: Path | None = None,
        parked_bytes: int = 1000,
    ) -> None:
        self.states = states
        self.cache = PrefixCache(
            states, worker, fingerprint=fingerprint, folder=folder, parked_bytes=parked_bytes
        )

    async def read(self, slot: Slot, conversation: str, own: tuple[int, ...] = OWN) -> None:
        await self.cache.prepare(slot, conversation, (*SHARED, *own), len(SHARED))
        self.states.holds[slot.number] = f"of {conversation}"
        self.states.calls.clear()

    async def learn(self, prefix: tuple[int, ...] = SHARED) -> None:
        self.states.holds[9] = "persona"
        await self.cache.learn(Slot(9), prefix)
        self.states.calls.clear()
