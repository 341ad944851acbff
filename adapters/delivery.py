"""An answer on its way into a chat: shown while it is written, whole at the end, once.

Knows: the events of a reply, which of them are words of the answer, what is noted down.
Does not know: any platform (`adapters.channel`), how words are shown before their end
(`adapters.preview`), split and retried (`adapters.pages`), who answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from adapters.channel import Channel
from adapters.ledger import Ledger
from adapters.messages import (
    Card,
    File,
    IncomingMessage,
    Notice,
    Reply,
    Text,
    Waiting,
)
from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable
from adapters.pace import ChatPace
from adapters.pages import Pages
from adapters.preview import Preview
from adapters.split import split

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryTexts:
    """What is said about a delivery itself, in the person's language."""

    perhaps_sent: str
    rejected: str
    failed: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When signs of life are given, in seconds.

    A command is answered before `typing_after`, and needs no sign that it will be. Telegram shows
    typing for 5 seconds, Discord for 10; a draft lasts for 30.
    """

    typing_after: float = 0.4
    typing_again: float = 4.0
    draft_again: float = 20.0


class Delivery:
    """Shows answers in the chats of one platform. Holds no state but what its ledger notes."""

    def __init__(self, ledger: Ledger, rhythm: Rhythm | None = None) -> None:
        self._ledger = ledger
        self._rhythm = rhythm or Rhythm()

    async def deliver(
        self,
        events: AsyncGenerator[Reply, None],
        message: IncomingMessage,
        channel: Channel,
        pace: ChatPace,
        texts: DeliveryTexts,
        sent: tuple[str, ...] = (),
    ) -> None:
        """Show the events to their end. `sent` are messages of this answer that exist already.

        Nothing of the platform's is raised: what cannot be shown is noted, and logged by its kind.
        What the handler raises comes through, after what was written is shown.
        """
        # An edited message has the name of the first one: the notes there are of that answer.
        ledger = None if message.edited else self._ledger
        pages = Pages(channel, pace, ledger, message, sent)
        try:
            await self._shown(events, pages, channel)
            await self._ended(message)
        except Unreachable as error:
            log.info("an answer reached nobody: %s", error)
            await self._ended(message, error.reason)
        except Rejected as error:
            log.error("an answer was refused: %s", error)
            await self._ended(message, error.reason)
            await say_once(channel, pace, message, texts.rejected)
        except PerhapsSent:
            await self.doubt(message, channel, pace, texts)
        except NotSent as error:
            log.error("an answer was given up: %s", error)
            await self._ended(message, "not_sent")

    async def doubt(
        self, message: IncomingMessage, channel: Channel, pace: ChatPace, texts: DeliveryTexts
    ) -> None:
        """An answer was perhaps sent: say so in one line, and leave it at that."""
        log.warning("an answer was perhaps sent; its person is told how to ask again")
        await self._ended(message)
        await say_once(channel, pace, message, texts.perhaps_sent)

    async def _shown(
        self, events: AsyncGenerator[Reply, None], pages: Pages, channel: Channel
    ) -> None:
        """The words as they come, and all of them in the end, also where the events break off."""
        text = ""
        try:
            async with (
                aclosing(events),
                _typing(channel, self._rhythm),
                Preview(pages, self._rhythm.draft_again) as preview,
            ):
                async for event in events:
                    match event:
                        case Waiting():
                            preview.show(event.text, line=True)
                        case Text(whole=False):
                            text += event.delta
                            preview.show(text)
                        case Text():
                            text += event.delta
                            await preview.finish(text, fixed=True)
                        case Notice():
                            text = f"{text}\n\n{event.text}" if text else event.text
                        case Card():
                            await preview.finish(text)
                            await pages.card(event)
                        case File():
                            await preview.finish(text)
                            await pages.file(event)
        except SendError:
            raise
        except Exception:
            await pages.finish(text)
            raise
        await pages.finish(text)

    async def _ended(self, message: IncomingMessage, reason: str = "") -> None:
        """Nothing more will be done: the answer is there, or `reason` says why it never will be."""
        if message.edited:
            return
        if reason:
            await self._ledger.undeliverable(message, reason)
        else:
            await self._ledger.delivered(message)


async def say_once(channel: Channel, pace: ChatPace, message: IncomingMessage, text: str) -> None:
    """One line beside the answers. Tried until it is there or may be, and never noted."""
    try:
        await Pages(channel, pace, None, message).finish(text)
    except SendError as error:
        log.info("a line did not arrive: %s", error)


async def put(channel: Channel, pace: ChatPace, text: str, file: File | None = None) -> None:
    """Words that answer nothing, and a file after them: each tried once, and nothing noted.

    Raises:
        SendError: PerhapsSent where a part of it is there.
    """
    limits = channel.limits
    parts = split(text, limits.max_characters, limits.measure)
    calls: list[Callable[[], Awaitable[object]]] = [partial(channel.create, p.shown) for p in parts]
    if file is not None:
        calls.append(partial(channel.file, file))
    for number, call in enumerate(calls):
        await pace.turn()
        try:
            await call()
        except NotSent as error:
            if error.after:
                pace.hold(error.after)
            if number:
                raise PerhapsSent from error
            raise
        pace.ease()


@asynccontextmanager
async def _typing(channel: Channel, rhythm: Rhythm) -> AsyncIterator[None]:
    """The sign that somebody writes, renewed until the events are over."""
    sign = asyncio.create_task(_keep_typing(channel, rhythm))
    try:
        yield
    finally:
        sign.cancel()
        await asyncio.wait({sign})


async def _keep_typing(channel: Channel, rhythm: Rhythm) -> None:
    pause = rhythm.typing_after
    while True:
        await asyncio.sleep(pause)
        pause = rhythm.typing_again
        try:
            await channel.typing()
        except NotSent as error:
            pause = max(pause, error.after)
        except Unreachable:
            return  # the answer will find that out, and say so
        except SendError:
            pass
