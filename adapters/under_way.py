"""The answers of one platform that run: begun, resumed after a restart, given up, let end.

Knows: tasks, and that a message is in safe hands once the handler has accepted it. Does not know:
any platform, how an answer is shown (`adapters.delivery`), what is in it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.answer import failure_report, opened
from adapters.channel import Channel
from adapters.delivery import Delivery, DeliveryTexts, say_once
from adapters.ledger import Ledger, Resumed
from adapters.messages import Accepted, Handler, IncomingMessage, Scope
from adapters.outcome import PerhapsSent
from adapters.pace import ChatPace

log = logging.getLogger(__name__)

_RESUMED_TOGETHER = 4
"""So many chats go on at once after a restart; newcomers are not to wait behind all of them."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer goes, how often that chat may be written to, what is said by the way.

    `over` is called once nothing more will be shown, or nothing ever was. It raises nothing.
    """

    channel: Channel
    pace: ChatPace
    texts: DeliveryTexts
    over: Callable[[], Awaitable[None]] | None = None


Finds = Callable[[IncomingMessage], Awaitable[Destination | None]]
"""The way back to a stored message's chat; None where there is none any more."""


class UnderWay:
    """Everything that is being answered on one platform."""

    def __init__(self, handler: Handler, ledger: Ledger) -> None:
        self._handler = handler
        self._ledger = ledger
        self._delivery = Delivery(ledger)
        self._running: dict[asyncio.Task[None], IncomingMessage | None] = {}
        self._resuming: list[asyncio.Task[None]] = []

    async def begin(self, message: IncomingMessage, to: Destination) -> None:
        """Answer in the background. Returns once the message is in safe hands."""
        accepted = asyncio.Event()
        task = self.start(self._answer(message, to, accepted), message)
        waiting = asyncio.create_task(accepted.wait())
        try:
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    def resume(self, left: Sequence[Resumed], finds: Finds) -> None:
        """Go on, in the background, with what an earlier process left; each chat's in order."""
        chats: dict[str, list[Resumed]] = {}
        for one in left:
            chats.setdefault(one.message.scope.chat_id, []).append(one)
        together = asyncio.Semaphore(_RESUMED_TOGETHER)
        self._resuming = [
            asyncio.create_task(self._resume(those, finds, together)) for those in chats.values()
        ]

    async def give_up(self, chat_id: str, reason: str, *, thread_id: str = "") -> None:
        """Nobody in that chat can read an answer: end those that run.

        `thread_id` is for a platform whose threads have ids of their own: that one is over too.
        """

        def is_lost(scope: Scope) -> bool:
            return scope.chat_id == chat_id or scope.thread_id == thread_id != ""

        lost = {t: m for t, m in self._running.items() if m and is_lost(m.scope)}
        await _cancelled(lost)
        for message in lost.values():
            if message is not None:
                await self._ledger.undeliverable(message, reason)

    async def close(self, grace: float) -> None:
        """Let running answers end for `grace` seconds; cut the rest off, to go on later."""
        await _cancelled(self._resuming)
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        await _cancelled(self._running)

    def start(
        self, work: Coroutine[Any, Any, None], message: IncomingMessage | None = None
    ) -> asyncio.Task[None]:
        """Do something in the background; with a `message`, for its answer."""
        task = asyncio.create_task(work)
        self._running[task] = message
        task.add_done_callback(self._running.pop)
        return task

    async def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something to its end, though whoever waits for it may be gone by then.

        Raises:
            PerhapsSent: it was cut off by `close`. What the work raises comes through.
        """
        task = self.start(work)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
            raise PerhapsSent from None

    async def _answer(
        self,
        message: IncomingMessage,
        to: Destination,
        accepted: asyncio.Event,
        resumed: Resumed | None = None,
    ) -> None:
        try:
            async with opened(self._handler, message) as events:
                first = await anext(events)
                accepted.set()
                # What is not new is answered already, or on its way.
                if not isinstance(first, Accepted) or first.new or resumed is not None:
                    sent = resumed.sent if resumed else ()
                    await self._delivery.deliver(
                        events, message, to.channel, to.pace, to.texts, sent
                    )
        except Exception as error:  # noqa: BLE001 - one answer fails, the bot goes on
            log.error("an answer failed: %s", failure_report(error))
            await say_once(to.channel, to.pace, message, to.texts.failed)
        if to.over:
            await to.over()

    async def _resume(
        self, left: Sequence[Resumed], finds: Finds, together: asyncio.Semaphore
    ) -> None:
        for one in left:
            async with together:
                await asyncio.wait({self.start(self._go_on(one, finds), one.message)})

    async def _go_on(self, left: Resumed, finds: Finds) -> None:
        message = left.message
        to = await finds(message)
        if to is None:
            await self._ledger.undeliverable(message, "chat_gone")
        elif left.perhaps:
            await self._delivery.doubt(message, to.channel, to.pace, to.texts)
        else:
            await self._answer(message, to, asyncio.Event(), left)


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks, and wait until they have tidied up."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
