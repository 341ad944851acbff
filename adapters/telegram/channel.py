"""One Telegram chat as an `adapters.channel.Channel`.

Knows: which methods of the Bot API put an answer there, and how it comes out as plain text where
formatting is refused. Does not know: when, how often, what of it is noted down.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import TelegramError

from adapters.base import Limits
from adapters.channel import Manner
from adapters.messages import Card, File
from adapters.split import utf16_units
from adapters.telegram.errors import (
    is_entities,
    is_unchanged,
    new_chat_id,
    translate,
)
from adapters.telegram.formatting import TEXT_LIMIT, formatted

T = TypeVar("T")

Send = Callable[[str, Sequence[MessageEntity]], Awaitable[Any]]
"""Sends words with their entities."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes: a chat, its topic, and in a group the message that it replies to."""

    chat_id: int
    thread_id: int | None
    reply_to: int | None
    private: bool


class TelegramChannel:
    """Calls the Bot API for one answer. `moved` is told when the chat goes on under another id."""

    limits = Limits(TEXT_LIMIT, utf16_units)

    def __init__(
        self,
        bot: Bot,
        address: Address,
        manner: Manner,
        moved: Callable[[int, int], Awaitable[None]],
    ) -> None:
        self.manner: Manner = manner
        self._bot = bot
        self._chat_id = address.chat_id
        self._thread_id = address.thread_id
        self._draft_id = address.reply_to or 1
        self._reply_to = None if address.private else address.reply_to
        self._moved = moved
        self._plain = False

    async def create(self, text: str) -> str:
        """A new message; the first one replies, where a group needs to see to whom."""

        def send(words: str, entities: Sequence[MessageEntity]) -> Awaitable[Any]:
            return self._bot.send_message(
                self._chat_id,
                words,
                entities=entities,
                message_thread_id=self._thread_id,
                reply_parameters=self._reply(),
                link_preview_options=_NO_PREVIEW,
            )

        sent = await self._asked(lambda: self._formatted(text, send))
        self._reply_to = None
        return str(sent.message_id)

    async def edit(self, sent: str, text: str) -> None:
        """Another text for a message; one that reads so already is a success."""

        def send(words: str, entities: Sequence[MessageEntity]) -> Awaitable[Any]:
            return self._bot.edit_message_text(
                words,
                self._chat_id,
                int(sent),
                entities=entities,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await self._moving(lambda: self._formatted(text, send))
        except TelegramError as error:
            if not is_unchanged(error):
                raise translate(error) from error

    async def remove(self, sent: str) -> None:
        """Delete a message of ours."""
        await self._asked(lambda: self._bot.delete_message(self._chat_id, int(sent)))

    async def draft(self, text: str) -> None:
        """The native preview; without formatting, which half a text rarely has."""
        await self._asked(
            lambda: self._bot.send_message_draft(
                self._chat_id, self._draft_id, text, message_thread_id=self._thread_id
            )
        )

    async def card(self, card: Card) -> None:
        """A message with an inline keyboard; a button's data is its command."""
        keyboard = InlineKeyboardMarkup(
            [
                [InlineKeyboardButton(b.label, callback_data=b.command) for b in row]
                for row in card.buttons
            ]
        )
        await self._asked(
            lambda: self._bot.send_message(
                self._chat_id,
                card.text,
                message_thread_id=self._thread_id,
                reply_parameters=self._reply(),
                reply_markup=keyboard,
                link_preview_options=_NO_PREVIEW,
            )
        )

    async def file(self, file: File) -> None:
        """A document with its caption."""
        await self._asked(
            lambda: self._bot.send_document(
                self._chat_id,
                InputFile(file.content, filename=file.name),
                caption=file.caption,
                message_thread_id=self._thread_id,
            )
        )

    async def typing(self) -> None:
        """ "typing…" under the chat's name, for five seconds."""
        await self._asked(
            lambda: self._bot.send_chat_action(
                self._chat_id, ChatAction.TYPING, message_thread_id=self._thread_id
            )
        )

    def _reply(self) -> ReplyParameters | None:
        if self._reply_to is None:
            return None
        # A message that was deleted meanwhile must not cost its writer the answer.
        return ReplyParameters(self._reply_to, allow_sending_without_reply=True)

    async def _formatted(self, text: str, send: Send) -> Any:
        """Send with formatting; once that is refused, this answer goes on as plain text."""
        if not self._plain:
            try:
                return await send(*formatted(text))
            except TelegramError as error:
                if not is_entities(error):
                    raise
            self._plain = True
        return await send(text, ())

    async def _asked(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._moving(call)
        except TelegramError as error:
            raise translate(error) from error

    async def _moving(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask; in a group that became a supergroup meanwhile, ask once more there."""
        try:
            return await call()
        except TelegramError as error:
            now = new_chat_id(error)
            if now is None:
                raise
            old, self._chat_id, self._reply_to = self._chat_id, now, None
            await self._moved(old, now)
            return await call()
