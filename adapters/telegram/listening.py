"""Telegram's updates as they come: asked for by long polling, or brought to a webhook.

Knows: that an update is confirmed only once it was taken over, what passes and what ends listening
for good. Does not know: what an update means.

The library's own `Updater` is not used. It confirms in the same way, but it goes on for ever after
a 409 (and its farewell poll then ends the other program's), falls silent for good after a 401, and
sleeps through a stop while Telegram is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from adapters.answer import failure_report
from adapters.base import AdapterError
from adapters.telegram.errors import asked_seconds
from adapters.telegram.settings import Webhook
from adapters.telegram.webhook import serving

log = logging.getLogger(__name__)

Take = Callable[[Update], Awaitable[None]]
"""Takes an update over: once it returns, killing the process does not lose it."""

T = TypeVar("T")

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")

_POLL_SECONDS = 30
_GOODBYE_SECONDS = 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0

_ANOTHER = (
    "another program uses this Telegram token: stop it, or get a token of your own from @BotFather"
)
_REVOKED = "Telegram no longer takes the token: get a new one from @BotFather"


async def listen(
    bot: Bot, take: Take, webhook: Webhook | None, listening: Callable[[], None]
) -> None:
    """Let updates flow into `take` until cancelled. `listening` is called once they do.

    Raises:
        AdapterError: the token is taken or refused, or the webhook cannot be set up.
    """
    take = partial(_taken, take)
    await (
        _poll(bot, take, listening) if webhook is None else _called(bot, take, webhook, listening)
    )


async def reached(call: Callable[[], Awaitable[T]]) -> T:
    """What Telegram answers, however long it is away.

    Raises:
        AdapterError: there is no use in asking again.
    """
    pause, away = _FIRST_PAUSE, False
    while True:
        try:
            answer = await call()
        except Conflict:
            raise AdapterError(_ANOTHER) from None
        except TelegramError as error:
            # A 404 makes an InvalidToken too, and comes from many a proxy.
            if isinstance(error, InvalidToken) and "unauthorized" in error.message.lower():
                raise AdapterError(_REVOKED) from None
            problem = type(error).__name__
            wait = asked_seconds(error) if isinstance(error, RetryAfter) else pause
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            if away:
                log.info("Telegram can be reached again")
            return answer
        if not away:
            log.warning("Telegram cannot be reached (%s); trying on", problem)
            away = True
        await asyncio.sleep(wait)


async def _poll(bot: Bot, take: Take, listening: Callable[[], None]) -> None:
    await reached(bot.delete_webhook)
    listening()
    asked = offset = 0

    async def ask() -> tuple[Update, ...]:
        return await bot.get_updates(
            offset=offset, timeout=_POLL_SECONDS, allowed_updates=list(WANTED)
        )

    try:
        while True:
            asked = offset
            for update in await reached(ask):
                await take(update)
                offset = update.update_id + 1  # asked for next, it confirms this one
    finally:
        if offset != asked:
            await _confirm(bot, offset)


async def _confirm(bot: Bot, offset: int) -> None:
    """Tell what was taken over, in passing: what is not told comes again, and is known then."""
    with suppress(TelegramError, TimeoutError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await bot.get_updates(offset=offset, limit=1, timeout=0)


async def _called(bot: Bot, take: Take, webhook: Webhook, listening: Callable[[], None]) -> None:
    async def announce() -> None:
        try:
            await bot.set_webhook(
                webhook.url,
                certificate=webhook.certificate,
                allowed_updates=list(WANTED),
                secret_token=webhook.secret,
            )
        except BadRequest as error:
            raise AdapterError(f"Telegram does not take the webhook: {error.message}") from None

    async with serving(bot, take, webhook) as served:
        await reached(announce)
        listening()
        await asyncio.shield(served)


async def _taken(take: Take, update: Update) -> None:
    """Hand an update over. One that cannot be is passed, and logged by its number."""
    try:
        await take(update)
    except Exception as error:  # noqa: BLE001 - the next update must come
        log.error("update %d is passed over: %s", update.update_id, failure_report(error))
