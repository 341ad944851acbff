"""One interaction as an `adapters.channel.Channel`: a slash command or a press, answered.

Knows: how and for how long Discord lets an interaction be answered: acknowledged within 3 seconds,
then for 15 minutes; and where the answer goes on after that. Does not know: what was asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import discord
from discord.utils import MISSING

from adapters.base import Limits
from adapters.channel import Channel, Manner
from adapters.discord.channel import NOBODY, attachment, buttons
from adapters.discord.errors import INTERACTION_GONE, asked
from adapters.discord.formatting import TEXT_LIMIT, harmless
from adapters.discord.once import tried_once
from adapters.messages import Card, File
from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable

T = TypeVar("T")


class InteractionChannel:
    """Answers one interaction: its own response first, follow-ups after it.

    Once Discord takes nothing more for it, the answer goes on where `fallback` says: in a private
    chat, or in the channel. `fallback` is asked once.
    """

    limits = Limits(TEXT_LIMIT)

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        manner: Manner,
        fallback: Callable[[], Awaitable[Channel]],
        *,
        ephemeral: bool,
    ) -> None:
        self.manner: Manner = manner
        self._interaction = interaction
        self._fallback = fallback
        self._ephemeral = ephemeral
        self._gone = False
        self._thinking = False
        self._elsewhere: Channel | None = None
        self._response: str | None = None  # the id of the message that shows "thinking…" at first

    async def acknowledge(self) -> None:
        """Show "thinking…". To be awaited at once. Raises nothing: the answer finds its way."""
        for _ in range(2):
            try:
                await asked(
                    lambda: self._interaction.response.defer(
                        ephemeral=self._ephemeral, thinking=True
                    )
                )
            except (Rejected, Unreachable) as error:
                self._gone = error.reason == INTERACTION_GONE
                return
            except SendError:
                continue  # a second one does no harm
            self._thinking = True
            return

    async def put_away(self) -> None:
        """Take "thinking…" away where no answer came, or Discord would say that none did."""
        if self._thinking and self._response is None and not self._gone:
            with suppress(SendError):
                await asked(self._interaction.delete_original_response)

    async def create(self, text: str) -> str:
        """The response, or a new message after it."""
        words = harmless(text)
        return await self._either(lambda: self._put(words), lambda channel: channel.create(text))

    async def edit(self, sent: str, text: str) -> None:
        """Another text for a message."""
        interaction, words = self._interaction, harmless(text)

        async def here() -> None:
            if sent == self._response:
                await interaction.edit_original_response(content=words, allowed_mentions=NOBODY)
            else:
                await interaction.followup.edit_message(
                    int(sent), content=words, allowed_mentions=NOBODY
                )

        await self._either(here, lambda channel: channel.edit(sent, text))

    async def remove(self, sent: str) -> None:
        """Delete a message of ours."""
        interaction = self._interaction

        async def here() -> None:
            if sent == self._response:
                await interaction.delete_original_response()
            else:
                await interaction.followup.delete_message(int(sent))

        await self._either(here, lambda channel: channel.remove(sent))

    async def draft(self, text: str) -> None:
        """Discord has none."""
        raise Rejected("no_drafts")

    async def card(self, card: Card) -> None:
        """A message with buttons."""
        words, view = harmless(card.text), buttons(card)
        await self._either(lambda: self._put(words, view=view), lambda channel: channel.card(card))

    async def file(self, file: File) -> None:
        """A message with a file and its caption."""
        try:
            await self._either(
                lambda: self._put(file.caption, file=file), lambda channel: channel.file(file)
            )
        except Unreachable as error:
            if error.reason != "no_rights":
                raise
            raise Rejected("no_rights") from error  # perhaps only files are not allowed here

    async def typing(self) -> None:
        """Discord shows "thinking…" by itself, as long as nothing else is there."""

    async def _either(
        self, here: Callable[[], Awaitable[T]], there: Callable[[Channel], Awaitable[T]]
    ) -> T:
        if not self._gone:
            try:
                return await asked(here)
            except Unreachable as error:
                if error.reason != INTERACTION_GONE:
                    raise
                self._gone = True
        if self._elsewhere is None:
            self._elsewhere = await asked(self._fallback)
        return await there(self._elsewhere)

    async def _put(
        self, text: str, *, view: discord.ui.View = MISSING, file: File | None = None
    ) -> str:
        """A message: the response as long as it is free. Gives its id."""
        if self._response is None:
            try:
                return await self._respond(text, view, file)
            except Rejected as error:
                if error.reason != "message_gone":
                    raise
                self._response = ""  # the person has put "thinking…" away
        with tried_once():
            message = await self._interaction.followup.send(
                text,
                wait=True,
                view=view,
                file=attachment(file) if file else MISSING,
                ephemeral=self._ephemeral,
                suppress_embeds=True,
                allowed_mentions=NOBODY,
            )
        return str(message.id)

    async def _respond(self, text: str, view: discord.ui.View, file: File | None) -> str:
        try:
            message = await asked(
                lambda: self._interaction.edit_original_response(
                    content=text,
                    view=view,
                    attachments=[attachment(file)] if file else MISSING,
                    allowed_mentions=NOBODY,
                )
            )
        except PerhapsSent as error:
            raise NotSent from error  # said again, it is still one message
        self._response = str(message.id)
        return self._response
