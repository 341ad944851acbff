"""Updates answered: each in a task of its own, taken over before Telegram may forget it.

Knows: which update becomes which call of the handler, what runs in which chat. Does not know: how
updates come (`listening`), what they mean (`updates`), how an answer is shown (`delivery`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError

from adapters.answer import failure_report, opened
from adapters.channel import Manner
from adapters.delivery import Delivery, say_once
from adapters.ledger import Ledger, Resumed
from adapters.messages import Accepted, Handler, IncomingMessage, Person, Scope
from adapters.pace import ChatPace, Paces
from adapters.telegram.channel import Address, TelegramChannel
from adapters.telegram.seen import Seen
from adapters.telegram.settings import TelegramSettings
from adapters.telegram.updates import PLATFORM, Membership, Moved, Pressed, Said, read

log = logging.getLogger(__name__)

_ALL_CHATS_SECONDS = 1 / 25
"""Telegram allows about 30 calls a second in all."""

_GREETING_SECONDS = 2.0
"""A group that becomes a supergroup takes the bot in anew, and tells what it was about then."""

_RESUMED_TOGETHER = 4
"""Chats in which left-over answers go on at once, so that the model's queue has room for others."""


@dataclass(frozen=True, slots=True)
class Running:
    """An answer under way."""

    message: IncomingMessage
    chat_id: int


class Answers:
    """Everything that is being answered for one bot."""

    def __init__(
        self, bot: Bot, handler: Handler, ledger: Ledger, settings: TelegramSettings
    ) -> None:
        self._bot = bot
        self._handler = handler
        self._ledger = ledger
        self._settings = settings
        self._delivery = Delivery(ledger)
        self._paces = Paces(_ALL_CHATS_SECONDS, clock=asyncio.get_running_loop().time)
        self._running: dict[asyncio.Task[None], Running | None] = {}
        self._resuming: list[asyncio.Task[None]] = []
        self._seen = Seen()
        self._albums = Seen()
        self._arrived = Seen()

    async def take(self, update: Update) -> None:
        """Answer an update. Returns once it is in safe hands, while the answer goes on."""
        if update.update_id in self._seen:
            return
        meaning = read(update, self._bot.bot, self._settings.commands, now=datetime.now(UTC))
        match meaning:
            case Said():
                await self._said(meaning)
            case Pressed():
                self._start(self._acknowledge(meaning.query_id))
                address = Address(meaning.chat_id, meaning.thread_id, None, meaning.message.private)
                await self._begin(meaning.message, address)
            case Moved():
                await self._moved(meaning.old, meaning.new)
            case Membership():
                await self._membership(meaning)
        # Not before: one that comes again meanwhile is not in safe hands yet.
        self._seen.add(update.update_id)

    def resume(self, left: Sequence[Resumed]) -> None:
        """Go on, in the background, with what an earlier process left; each chat's in order."""
        chats: dict[str, list[Resumed]] = {}
        for one in left:
            chats.setdefault(one.message.scope.chat_id, []).append(one)
        together = asyncio.Semaphore(_RESUMED_TOGETHER)
        self._resuming = [
            asyncio.create_task(self._resume(those, together)) for those in chats.values()
        ]

    async def close(self, grace: float) -> None:
        """Let running answers end for `grace` seconds; cut the rest off, to go on later."""
        await _cancelled(self._resuming)
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        await _cancelled(self._running)

    async def _said(self, said: Said) -> None:
        album = (said.chat_id, said.album)
        if said.album and not said.message.text and album in self._albums:
            return  # one line for all the pictures of an album
        if said.album:
            self._albums.add(album)
        address = Address(said.chat_id, said.thread_id, said.reply_to, said.private)
        await self._begin(said.message, address)

    async def _begin(self, message: IncomingMessage, address: Address) -> None:
        accepted = asyncio.Event()
        task = self._start(
            self._answer(message, address, accepted), Running(message, address.chat_id)
        )
        waiting = asyncio.create_task(accepted.wait())
        try:
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    async def _answer(
        self,
        message: IncomingMessage,
        address: Address,
        accepted: asyncio.Event,
        resumed: Resumed | None = None,
    ) -> None:
        channel, pace = self._channel(address), self._pace(address)
        texts = self._settings.texts_for(message.locale).delivery
        try:
            async with opened(self._handler, message) as events:
                first = await anext(events)
                accepted.set()
                if isinstance(first, Accepted) and not first.new and resumed is None:
                    return  # it is answered already, or on its way
                sent = resumed.sent if resumed else ()
                await self._delivery.deliver(events, message, channel, pace, texts, sent)
        except Exception as error:  # noqa: BLE001 - one answer fails, the bot goes on
            log.error("an answer failed: %s", failure_report(error))
            await say_once(channel, pace, message, texts.failed)

    async def _resume(self, left: Sequence[Resumed], together: asyncio.Semaphore) -> None:
        for one in left:
            async with together:
                running = Running(one.message, int(one.message.scope.chat_id))
                await asyncio.wait({self._start(self._go_on(one), running)})

    async def _go_on(self, left: Resumed) -> None:
        message, address = left.message, _address(left.message)
        if left.perhaps:
            texts = self._settings.texts_for(message.locale).delivery
            channel, pace = self._channel(address), self._pace(address)
            await self._delivery.doubt(message, channel, pace, texts)
        else:
            await self._answer(message, address, asyncio.Event(), left)

    async def _membership(self, change: Membership) -> None:
        log.info("chat %d: %s", change.chat_id, change.now)
        if change.now == "joined" and not change.private:
            self._start(self._greet(change.chat_id))
        elif change.now in ("left", "blocked", "restricted"):
            await self._give_up(change.chat_id, change.now)

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

    async def _give_up(self, chat_id: int, reason: str) -> None:
        """Nobody there can read an answer: end those that run."""
        lost = {t: r for t, r in self._running.items() if r is not None and r.chat_id == chat_id}
        await _cancelled(lost)
        for running in lost.values():
            await self._ledger.undeliverable(running.message, reason)

    async def _acknowledge(self, query_id: str) -> None:
        with suppress(TelegramError):  # the button then spins for a while
            await self._bot.answer_callback_query(query_id)

    async def _chat_moved(self, old: int, new: int) -> None:
        await self._moved(Scope(PLATFORM, str(old)), Scope(PLATFORM, str(new)))

    async def _moved(self, old: Scope, new: Scope) -> None:
        self._arrived.add(new.chat_id)
        await self._ledger.moved(old, new)

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

    def _start(
        self, work: Coroutine[Any, Any, None], running: Running | None = None
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running[task] = running
        task.add_done_callback(self._running.pop)
        return task


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks, and wait until they have tidied up."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _address(message: IncomingMessage) -> Address:
    """Where the answer to a stored message goes."""
    scope = message.scope
    reply_to = int(message.message_id) if message.message_id.isdecimal() else None
    thread_id = int(scope.thread_id) if scope.thread_id else None
    return Address(int(scope.chat_id), thread_id, reply_to, message.private)
