"""One Discord channel as an `adapters.channel.Channel`.

Knows: which calls put an answer there, which may be repeated, what to leave out where a right is
missing. Does not know: when, how often, what of it is noted down.
"""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import discord

from adapters.base import Limits
from adapters.channel import Manner
from adapters.discord.errors import asked
from adapters.discord.formatting import TEXT_LIMIT, harmless
from adapters.messages import Card, File
from adapters.outcome import NotSent, PerhapsSent, Rejected, Unreachable

T = TypeVar("T")

Place = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.Thread
    | discord.DMChannel
    | discord.PartialMessageable
)
"""What takes messages."""

PRESS = "say:"
"""Before a button's command, in its custom id."""

NOBODY = discord.AllowedMentions.none()
"""Whom a message of ours calls."""

_NO_REPLY = {"no_history", "reply_gone", "reply_to_system"}
"""Refusals of the reply alone: without it the same message is taken."""

_NONCE_SECONDS = 60.0
"""For how long a nonce surely makes one message of two tries. Discord says: a few minutes."""

_PAUSE_SECONDS = 1.0
_LONGEST_LABEL = 80


class DiscordChannel:
    """Puts one answer into a channel; its first message replies to `reply_to`."""

    limits = Limits(TEXT_LIMIT)

    def __init__(self, place: Place, manner: Manner, reply_to: int | None = None) -> None:
        self.manner: Manner = manner
        self._place = place
        self._reply_to = reply_to

    async def create(self, text: str) -> str:
        """A new message. A try whose answer is lost is repeated once, under the same nonce."""
        words = harmless(text)
        return await self._created(lambda options: self._place.send(words, **options))

    async def edit(self, sent: str, text: str) -> None:
        """Another text for a message."""
        words, message = harmless(text), self._place.get_partial_message(int(sent))
        await _on_a_message(lambda: message.edit(content=words, allowed_mentions=NOBODY))

    async def remove(self, sent: str) -> None:
        """Delete a message of ours."""
        message = self._place.get_partial_message(int(sent))
        await _on_a_message(message.delete)

    async def draft(self, text: str) -> None:
        """Discord has none."""
        raise Rejected("no_drafts")

    async def card(self, card: Card) -> None:
        """A message with buttons, which work for as long as it stands there."""
        words, view = harmless(card.text), buttons(card)
        await self._created(lambda options: self._place.send(words, view=view, **options))

    async def file(self, file: File) -> None:
        """A message with a file and its caption."""
        try:
            await self._created(
                lambda options: self._place.send(file.caption, file=attachment(file), **options)
            )
        except Unreachable as error:
            if error.reason != "no_rights":
                raise
            raise Rejected("no_rights") from error  # perhaps only files are not allowed here

    async def typing(self) -> None:
        """ "… is typing", for ten seconds."""
        await asked(self._place.typing)

    async def _created(self, send: Callable[[dict[str, Any]], Awaitable[discord.Message]]) -> str:
        try:
            message = await self._once(send)
        except Rejected as error:
            if self._reply_to is None or error.reason not in _NO_REPLY:
                raise
            self._reply_to = None
            message = await self._once(send)
        self._reply_to = None
        return str(message.id)

    async def _once(
        self, send: Callable[[dict[str, Any]], Awaitable[discord.Message]]
    ) -> discord.Message:
        """One message, though it may take two tries: Discord makes none twice under one nonce."""
        # The library adds "enforce_nonce" to every nonce.
        options = self._options() | {"nonce": secrets.randbits(63)}
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            return await asked(lambda: send(options))
        except PerhapsSent:
            if clock() - begun > _NONCE_SECONDS:
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
        try:
            return await asked(lambda: send(options))
        except NotSent as error:
            raise PerhapsSent from error  # this try was not, the first may have been

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "allowed_mentions": NOBODY,
            "mention_author": False,
            "suppress_embeds": True,
        }
        if self._reply_to is not None:
            options["reference"] = discord.MessageReference(
                message_id=self._reply_to, channel_id=self._place.id, fail_if_not_exists=False
            )
        return options


def buttons(card: Card) -> discord.ui.View:
    """A card's buttons. Their custom ids say all there is to know, so nothing is kept of them."""
    view = discord.ui.View(timeout=None)
    for row, those in enumerate(card.buttons):
        for one in those:
            label, custom_id = one.label[:_LONGEST_LABEL], PRESS + one.command
            view.add_item(discord.ui.Button(label=label, custom_id=custom_id, row=row))
    view.stop()  # or the library would keep it for ever, and answer presses by itself
    return view


def attachment(file: File) -> discord.File:
    """A file to be sent once: the library closes it."""
    return discord.File(io.BytesIO(file.content), filename=file.name)


async def _on_a_message(call: Callable[[], Awaitable[T]]) -> T:
    """A change of a message of ours. An archived thread takes none, but a new message opens it."""
    try:
        return await asked(call)
    except Unreachable as error:
        if error.reason != "thread_archived":
            raise
        raise Rejected(error.reason) from error
