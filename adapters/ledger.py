"""What of an answer has reached the platform: an adapter's notes that outlive the process.

Knows: the shape alone. Whoever keeps it (the memory does) is handed in. A platform's send can
succeed while its answer is lost, so a creation is noted before it is tried and once it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adapters.messages import IncomingMessage, Scope


@dataclass(frozen=True, slots=True)
class Resumed:
    """A message whose answer did not wholly reach its chat before the process ended.

    `sent` are the platform's ids of the messages that exist, in order. `perhaps`: one more was
    being created, and nobody knows whether it was.
    """

    message: IncomingMessage
    sent: tuple[str, ...] = ()
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The latest message that is known of a conversation."""

    scope: Scope
    private: bool
    message_id: str


class Ledger(Protocol):
    """Notes about the answer to one message. A message that is not remembered has none."""

    async def creating(self, message: IncomingMessage) -> None:
        """A message with words of the answer is about to be created."""

    async def not_created(self, message: IncomingMessage) -> None:
        """It was not: the platform could not be reached, and certainly did nothing."""

    async def created(self, message: IncomingMessage, sent: str) -> None:
        """It exists, under the platform's id."""

    async def delivered(self, message: IncomingMessage) -> None:
        """The whole answer is there; nothing more will be done for it."""

    async def undeliverable(self, message: IncomingMessage, reason: str) -> None:
        """It never will be: the person blocked the bot, the chat or the topic is gone."""

    async def resumed(self) -> list[Resumed]:
        """What an earlier process left, oldest first; nothing older than a day."""

    async def moved(self, old: Scope, new: Scope) -> None:
        """A chat goes on under another id (a Telegram group becomes a supergroup)."""


class Notebook(Ledger, Protocol):
    """A ledger, and what else an adapter wants to know after a restart."""

    async def heard(self, since: datetime) -> list[Heard]:
        """The conversations in which something was said since then, the latest first."""

    async def note(self, key: str) -> str:
        """What the adapter noted for itself under a key; "" for nothing."""

    async def set_note(self, key: str, value: str) -> None:
        """Note something for a later process."""
