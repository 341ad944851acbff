"""Which slot of the model serves which conversation.

Knows: how many slots there are, whose state each holds, and which are free. Does not know: the
model, state files, what a conversation is beyond its key. Lives on one event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Slot:
    """One place in the model's memory: the tokens it holds, and for which conversation."""

    number: int
    conversation: str = ""
    tokens: tuple[int, ...] = ()
    shared: int = 0
    used: int = 0

    def common_prefix(self, tokens: Sequence[int]) -> int:
        """How many leading tokens need not be read again."""
        return common_prefix(self.tokens, tokens)


class Slots:
    """A fixed number of slots, handed out first come, first served."""

    def __init__(self, count: int) -> None:
        self._slots = [Slot(number) for number in range(count)]
        self._free = list(self._slots)
        self._turnstile = asyncio.Semaphore(count)
        self._clock = 0

    async def acquire(self, conversation: str) -> Slot:
        """A free slot: the conversation's own if it has one, else the least recently used.

        A turn scores and then streams. Between the two its slot is the most recently used one, so
        that nobody takes it while no more turns run than there are slots.
        """
        await self._turnstile.acquire()
        own = [s for s in self._free if conversation and s.conversation == conversation]
        slot = own[0] if own else min(self._free, key=lambda s: s.used)
        self._free.remove(slot)
        return slot

    def release(self, slot: Slot) -> None:
        """Give a slot back."""
        self._clock += 1
        slot.used = self._clock
        self._free.append(slot)
        self._turnstile.release()

    def of(self, conversation: str) -> list[Slot]:
        """The slots that hold a conversation's state."""
        return [s for s in self._slots if s.conversation == conversation]


def common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the longest common prefix of two token sequences."""
    for index, (left, right) in enumerate(zip(a, b, strict=False)):
        if left != right:
            return index
    return min(len(a), len(b))
