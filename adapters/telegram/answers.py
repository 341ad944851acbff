"""Updates answered: taken over before Telegram may forget them.

Knows: which update becomes which call of the handler, the way to its chat. Does not know: how
updates come (`listening`), what they mean (`updates`), what runs (`UnderWay`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from telegram import Bot, Update
from telegram.error import TelegramError

from adapters.channel import Manner
from adapters.delivery import put, say_once
from adapters.ledger import Ledger, Resumed
from adapters.messages import File, Handler, IncomingMessage, Person, Scope
from adapters.outcome import Unreachable
from adapters.pace import ChatPace, Paces
from adapters.telegram.channel import Address, TelegramChannel
from adapters.telegram.managers import Managers
from adapters.telegram.seen import Seen
from adapters.telegram.settings import TelegramSettings
from adapters.telegram.updates import PLATFORM, Membership, Moved, Pressed, Said, read
from adapters.under_way import Destination, UnderWay

log = logging.getLogger(__name__)

_ALL_CHATS_SECONDS = 1 / 25
"""Telegram allows about 30 calls a second in all."""

_GREETING_SECONDS = 2.0
"""A group that becomes a supergroup takes the bot in anew, and tells what it was about then."""


class Answers:
    """Everything that is being answered for one bot."""

    def __init__(
        self, bot: Bot, handler: Handler, ledger: Ledger, settings: TelegramSettings
    ) -> None:
        self._bot = bot
        self._ledger = ledger
        self._settings = settings
        self._under_way = UnderWay(handler, ledger)
        self._managers = Managers(bot)
        self._paces = Paces(_ALL_CHATS_SECONDS, clock=asyncio.get_running_loop().time)
        self._seen = Seen()
        self._albums = Seen()
        self._arrived = Seen()

    async def take(self, update: Update) -> None:
        """Answer an update. Returns once it is in safe hands, while the answer goes on."""
        if update.update_id in self._seen:
            return
        meaning = read(
            update,
            self._bot.bot,
            self._settings.commands,
            managing=self._settings.managing,
            now=datetime.now(UTC),
        )
        match meaning:
            case Said():
                await self._said(meaning)
            case Pressed():
                self._under_way.start(self._acknowledge(meaning.query_id))
                address = Address(meaning.chat_id, meaning.thread_id, None, meaning.message.private)
                await self._under_way.begin(meaning.message, self._to(address, meaning.message))
            case Moved():
                await self._moved(meaning.old, meaning.new)
            case Membership():
                await self._membership(meaning)
        # Not before: one that comes again meanwhile is not in safe hands yet.
        self._seen.add(update.update_id)

    def resume(self, left: Sequence[Resumed]) -> None:
        """Go on, in the background, with what an earlier process left; each chat's in order."""
        self._under_way.resume(left, self._way_back)

    async def reach(self, scope: Scope, text: str, file: File | None) -> None:
        """Write to a person first; SendError as `adapters.delivery.put`."""
        if not scope.chat_id.isdecimal():
            raise Unreachable("chat_gone")
        address = Address(int(scope.chat_id), None, None, private=True)
        await self._under_way.finish(put(self._channel(address), self._pace(address), text, file))

    async def close(self, grace: float) -> None:
        """Let running answers end for `grace` seconds; cut the rest off, to go on later."""
        await self._under_way.close(grace)

    async def _said(self, said: Said) -> None:
        album = (said.chat_id, said.album)
        if said.album and not said.message.text and album in self._albums:
            return  # one line for all the pictures of an album
        if said.album:
            self._albums.add(album)
        address = Address(said.chat_id, said.thread_id, said.reply_to, said.private)
        message = await self._with_standing(said)
        await self._under_way.begin(message, self._to(address, message))

    async def _with_standing(self, said: Said) -> IncomingMessage:
        """The message, and whether its writer manages the group, where the command needs that."""
        message = said.message
        if said.private or message.edited or message.manages:
            return message
        if said.command not in self._settings.managing:
            return message
        manages = await self._managers.include(said.chat_id, int(message.person.user_id))
        return replace(message, manages=manages)

    async def _membership(self, change: Membership) -> None:
        log.info("chat %d: %s", change.chat_id, change.now)
        if change.now == "joined" and not change.private:
            self._under_way.start(self._greet(change.chat_id))
        elif change.now in ("left", "blocked", "restricted"):
            await self._under_way.give_up(str(change.chat_id), change.now)

    async def _greet(self, chat_id: int) -> None:
        if self._settings.groups is not None and chat_id not in self._settings.groups:
            return  # not let in: nothing is said there
        await asyncio.sleep(_GREETING_SECONDS)
        if str(chat_id) in self._arrived:
            return  # no new group: one that became a supergroup
        address = Address(chat_id, None, None, private=False)
        texts = self._settings.texts[self._settings.language]
        nobody = IncomingMessage(
            Scope(PLATFORM, str(chat_id)), Person(PLATFORM, ""), "", "", datetime.now(UTC)
        )
        await say_once(self._channel(address), self._pace(address), nobody, texts.group_hello)

    async def _acknowledge(self, query_id: str) -> None:
        with suppress(TelegramError):  # the button then spins for a while
            await self._bot.answer_callback_query(query_id)

    async def _chat_moved(self, old: int, new: int) -> None:
        await self._moved(Scope(PLATFORM, str(old)), Scope(PLATFORM, str(new)))

    async def _moved(self, old: Scope, new: Scope) -> None:
        self._arrived.add(new.chat_id)
        await self._ledger.moved(old, new)

    async def _way_back(self, message: IncomingMessage) -> Destination:
        return self._to(_address(message), message)

    def _to(self, address: Address, message: IncomingMessage) -> Destination:
        texts = self._settings.texts_for(message.locale).delivery
        return Destination(self._channel(address), self._pace(address), texts)

    def _channel(self, address: Address) -> TelegramChannel:
        return TelegramChannel(self._bot, address, self._manner(address), self._chat_moved)

    def _manner(self, address: Address) -> Manner:
        match self._settings.stream:
            case "auto" | "draft":
                return "draft" if address.private else "edit"
            case "edit":
                return "edit"
            case "off":
                return "off"

    def _pace(self, address: Address) -> ChatPace:
        settings = self._settings
        interval = settings.private_seconds if address.private else settings.group_seconds
        return self._paces.of(str(address.chat_id), interval)


def _address(message: IncomingMessage) -> Address:
    """Where the answer to a stored message goes."""
    scope = message.scope
    reply_to = int(message.message_id) if message.message_id.isdecimal() else None
    thread_id = int(scope.thread_id) if scope.thread_id else None
    return Address(int(scope.chat_id), thread_id, reply_to, message.private)
