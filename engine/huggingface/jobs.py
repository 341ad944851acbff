"""What the model's thread can be asked, and the way its answers take back.

Knows: two sides, an event loop that asks and a thread that answers. Does not know: the model,
who goes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from engine.huggingface.kv import Kv
from engine.huggingface.sampling import Sampler
from engine.huggingface.writing import Writing


class Answers:
    """What one waiter on the event loop is told. Made on that loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Any] = asyncio.Queue()

    def put(self, answer: Any) -> None:
        """Tell the waiter something, from the model's thread. An exception is raised there."""
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._queue.put_nowait, answer)

    async def get(self) -> Any:
        """The next answer, in order."""
        answer = await self._queue.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass(slots=True, eq=False, kw_only=True)
class Job:
    """A prompt to be read. The waiter sets `stopped`; the rest belongs to the model's thread.

    `shared` are the tokens at its beginning that are the same for everybody. `held` is what is
    read of it, as parts that follow each other. `forgotten`: nothing of it may be kept.
    """

    tokens: tuple[int, ...]
    shared: int = 0
    conversation: str = ""
    answers: Answers = field(default_factory=Answers)
    stopped: bool = False
    forgotten: bool = False
    held: tuple[Kv, ...] = ()

    @property
    def length(self) -> int:
        """How many tokens are read."""
        return sum(part.length for part in self.held)

    @property
    def unread(self) -> int:
        """How many tokens are still to be read."""
        return len(self.tokens) - self.length


@dataclass(slots=True, eq=False, kw_only=True)
class Learn(Job):
    """Read a shared prefix and keep it. Answered with None."""


@dataclass(slots=True, eq=False, kw_only=True)
class Score(Job):
    """Weigh labels, given as token sequences. Answered with their log-probabilities."""

    labels: Mapping[str, Sequence[int]]


@dataclass(slots=True, eq=False, kw_only=True)
class Reply(Job):
    """Write a reply of at most `room` tokens. Answered with pieces of text, then None."""

    room: int
    sampler: Sampler
    writing: Writing
    written: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Forget:
    """Drop what is kept of a conversation. Answered with None."""

    conversation: str
    answers: Answers = field(default_factory=Answers)
