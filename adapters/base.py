"""What every adapter is: one coroutine that serves a platform, and the words around it.

Knows: the shape of an adapter, the limits of its platform, how well Warmline is.
Does not know: any platform, who answers, what is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from adapters.messages import File, Handler, Scope


class AdapterError(Exception):
    """An adapter cannot start. Its message is one sentence for the owner and says what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform takes in one message: so many characters, as `measure` counts them."""

    max_characters: int
    measure: Callable[[str], int] = len


@dataclass(frozen=True, slots=True)
class Health:
    """How Warmline is. `detail` is one sentence for the owner: no words of a person, no secret."""

    state: Literal["loading", "ready", "broken"]
    detail: str = ""


class Adapter(Protocol):
    """One platform. Its constructor opens nothing; `run` opens and closes all it needs."""

    async def run(self, handler: Handler) -> None:
        """Serve until cancelled, or until the person at a terminal leaves.

        An implementation consumes the handler's iterator to its end or closes it, never retries
        a message that the handler has begun, and never logs what a person or the model wrote.

        Raises:
            AdapterError: the platform cannot be reached or used at all.
        """


@runtime_checkable
class Checkable(Protocol):
    """An adapter whose platform can be asked, before anything runs, whether it lets us in."""

    async def check(self) -> str:
        """One line that says who the platform takes us for.

        Raises:
            AdapterError: it does not let us in.
        """


@runtime_checkable
class Reaches(Protocol):
    """An adapter that can write to a person first, while it runs."""

    @property
    def can_reach(self) -> bool:
        """Whether it runs, so that anybody can be reached at all."""

    async def reach(self, scope: Scope, text: str, file: File | None = None) -> None:
        """Put a text, and a file after it, into the private chat with a person; tried once.

        `scope.chat_id` is the person's own id. What is under way when the adapter stops gets the
        time that running answers get.

        Raises:
            adapters.outcome.SendError: NotSent where nothing arrived, and it may be tried again;
                PerhapsSent where something has or may have; Unreachable where nothing ever will.
        """
