"""One chat of a platform, as an answer is put into it: what every messenger can do.

Knows: the shape alone. Does not know: when to send what, or how often; that is `adapters.delivery`.
"""

from __future__ import annotations

from typing import Literal, Protocol

from adapters.base import Limits
from adapters.messages import Card, File

Manner = Literal["draft", "edit", "off"]
"""How an answer is shown as it is written: as a native draft, by edits, or not before its end."""


class Channel(Protocol):
    """A chat, and the message in it that is being answered.

    Every method raises an `adapters.outcome.SendError` that says whether anything was done. Texts
    are never empty, never longer than `limits`; how they are formatted is the channel's business,
    and formatting that the platform refuses never loses them.
    """

    @property
    def limits(self) -> Limits:
        """What one message may hold."""

    @property
    def manner(self) -> Manner:
        """How answers stream in this chat."""

    async def create(self, text: str) -> str:
        """A new message, in reply where that helps; gives the platform's id of it."""

    async def edit(self, sent: str, text: str) -> None:
        """Let a message of ours say this instead. Harmless when repeated."""

    async def remove(self, sent: str) -> None:
        """Take a message of ours away. Harmless when repeated."""

    async def draft(self, text: str) -> None:
        """Show what is being written, for a few seconds, before it is a message at all."""

    async def card(self, card: Card) -> None:
        """A new message with buttons."""

    async def file(self, file: File) -> None:
        """A new message with a file, for the person alone."""

    async def typing(self) -> None:
        """Show that an answer is being written, for as long as the platform shows that."""
