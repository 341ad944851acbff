"""A chat that keeps what is put into it and goes wrong when told to, and the notes about it."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime

from adapters.base import Limits
from adapters.channel import Manner
from adapters.ledger import Resumed
from adapters.messages import Card, File, IncomingMessage, Person, Scope
from adapters.outcome import PerhapsSent, Rejected, SendError
from adapters.pace import ChatPace, Paces
from tests.unit.adapters.virtual_time import now

LIMIT = 100

QUESTION = IncomingMessage(
    Scope("chat", "1"), Person("chat", "ann"), "m1", "hello", datetime(2026, 11, 1, tzinfo=UTC)
)


class Lost(PerhapsSent):
    """The chat did what it was asked; its answer was lost."""


class FakeChat:
    """An `adapters.channel.Channel` where every call takes `seconds`.

    `messages` are those now shown, by id; `calls` is all that was asked: when, what, which words.
    """

    def __init__(self, manner: Manner = "edit", seconds: float = 0.0) -> None:
        self.limits = Limits(LIMIT)
        self.manner: Manner = manner
        self.seconds = seconds
        self.messages: dict[str, str] = {}
        self.calls: list[tuple[float, str, str]] = []
        self._faults: defaultdict[str, deque[SendError | None]] = defaultdict(deque)
        self._count = 0

    def fail(self, method: str, *faults: SendError | None) -> None:
        """What the next calls of a method raise; None for one that goes well."""
        self._faults[method].extend(faults)

    @property
    def texts(self) -> list[str]:
        return list(self.messages.values())

    def asked(self, *methods: str) -> list[tuple[float, str]]:
        """When these were called, with which words."""
        return [(time, text) for time, method, text in self.calls if method in methods]

    def times(self, *methods: str) -> list[float]:
        return [time for time, _ in self.asked(*methods)]

    def put(self, text: str) -> str:
        """A message that is there."""
        self._count += 1
        self.messages[str(self._count)] = text
        return str(self._count)

    async def create(self, text: str) -> str:
        return await self._call("create", text, lambda: self.put(text)) or ""

    async def edit(self, sent: str, text: str) -> None:
        await self._call("edit", text, lambda: self.messages.update({self._own(sent): text}))

    async def remove(self, sent: str) -> None:
        await self._call("remove", sent, lambda: self.messages.pop(self._own(sent)))

    async def draft(self, text: str) -> None:
        await self._call("draft", text, lambda: None)

    async def card(self, card: Card) -> None:
        await self._call("card", card.text, lambda: self.put(card.text))

    async def file(self, file: File) -> None:
        await self._call("file", file.name, lambda: self.put(file.name))

    async def typing(self) -> None:
        await self._call("typing", "", lambda: None)

    def _own(self, sent: str) -> str:
        if sent not in self.messages:
            raise Rejected("message_gone")
        return sent

    async def _call(self, method: str, text: str, act: Callable[[], str | None]) -> str | None:
        self.calls.append((now(), method, text))
        faults = self._faults[method]
        fault = faults.popleft() if faults else None
        done = act() if fault is None or isinstance(fault, Lost) else None
        await asyncio.sleep(self.seconds)
        if fault is not None:
            raise fault
        return done


class FakeLedger:
    """An `adapters.ledger.Ledger` that is a list of what was noted."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    @property
    def in_doubt(self) -> bool:
        return self.notes[-1:] == ["creating"]

    async def creating(self, message: IncomingMessage) -> None:
        self.notes.append("creating")

    async def not_created(self, message: IncomingMessage) -> None:
        self.notes.append("not created")

    async def created(self, message: IncomingMessage, sent: str) -> None:
        self.notes.append(f"created {sent}")

    async def delivered(self, message: IncomingMessage) -> None:
        self.notes.append("delivered")

    async def undeliverable(self, message: IncomingMessage, reason: str) -> None:
        self.notes.append(f"undeliverable: {reason}")

    async def resumed(self) -> list[Resumed]:
        return []

    async def moved(self, old: Scope, new: Scope) -> None: ...


def paces() -> Paces:
    """Of the running loop's time; a hundredth of a second between any two calls."""
    return Paces(0.01, clock=asyncio.get_running_loop().time)


def pace(interval: float = 1.0) -> ChatPace:
    """Of one chat alone."""
    return paces().of("1", interval)
