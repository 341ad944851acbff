"""The Telegram adapter: the bot is checked, what was left is finished, then updates are answered.

Knows: the order of a start and of an end. Does not know: what an update means (`updates`), how it
is answered (`answers`), how Telegram is listened to (`listening`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
)
from telegram.error import InvalidToken, TelegramError

from adapters.base import AdapterError
from adapters.ledger import Ledger
from adapters.messages import File, Handler, Scope
from adapters.outcome import NotSent
from adapters.telegram.answers import Answers
from adapters.telegram.listening import listen, reached
from adapters.telegram.requests import QuietRequest, UpdatesRequest
from adapters.telegram.settings import Menu, TelegramSettings

log = logging.getLogger(__name__)

GRACE_SECONDS = 5.0
"""How long answers that are being written go on once the adapter stops."""

_OFFICIAL = "https://api.telegram.org/bot"
_CONNECTIONS = 64
_WAIT_SECONDS = 20.0


class Telegram:
    """A bot on Telegram. See `run`."""

    def __init__(
        self,
        settings: TelegramSettings,
        memory: Callable[[], Awaitable[Ledger]],
        *,
        started: Callable[[str], None] = lambda name: None,
        ending: Callable[[], None] = lambda: None,
    ) -> None:
        """Opens nothing yet.

        `memory` waits until messages can be answered and gives the notes about answers; `started`
        is told "@name" once the bot listens, `ending` that answers are cut off from now on, which
        nobody wished.

        Raises:
            AdapterError: there is no token, or a webhook without its secret.
        """
        if not settings.token:
            raise AdapterError(
                "Telegram is enabled and has no token: set WARMLINE_TELEGRAM_TOKEN to the one that"
                " @BotFather gave"
            )
        if settings.webhook and not settings.webhook.secret:
            raise AdapterError(
                "[telegram] webhook_url is set: set WARMLINE_TELEGRAM_WEBHOOK_SECRET too, so that"
                " nobody else can speak as Telegram"
            )
        self._settings = settings
        self._memory = memory
        self._started = started
        self._ending = ending
        self._answers: Answers | None = None

    async def run(self, handler: Handler) -> None:
        """Serve until cancelled; then nothing new is taken, running answers get GRACE_SECONDS.

        Raises:
            AdapterError: the token is refused, or another program uses it.
        """
        os.environ.setdefault("PTB_TIMEDELTA", "true")  # how the library likes its times read
        async with self._bot() as bot:
            await self._set_commands(bot)
            ledger = await self._memory()
            # Looked up before anything new comes, which is not left over but under way.
            left = await ledger.resumed()
            answers = self._answers = Answers(bot, handler, ledger, self._settings)
            try:
                answers.resume(left)
                await listen(
                    bot,
                    answers.take,
                    self._settings.webhook,
                    lambda: self._started(f"@{bot.username}"),
                )
            finally:
                self._answers = None
                self._ending()
                await answers.close(GRACE_SECONDS)

    @property
    def can_reach(self) -> bool:
        """See `adapters.base.Reaches`, here and below."""
        return self._answers is not None

    async def reach(self, scope: Scope, text: str, file: File | None = None) -> None:
        """Write to a person first: their private chat with the bot has their own id."""
        if self._answers is None:
            raise NotSent
        await self._answers.reach(scope, text, file)

    async def check(self) -> str:
        """Who Telegram takes us for; AdapterError as `run`."""
        async with self._bot() as bot:
            return f"Telegram: @{bot.username}"

    @asynccontextmanager
    async def _bot(self) -> AsyncIterator[Bot]:
        """The bot, whose token Telegram has confirmed."""
        bot = Bot(
            self._settings.token,
            base_url=self._settings.base_url or _OFFICIAL,
            request=QuietRequest(
                connection_pool_size=_CONNECTIONS,
                read_timeout=_WAIT_SECONDS,
                write_timeout=_WAIT_SECONDS,
                connect_timeout=10.0,
                pool_timeout=_WAIT_SECONDS,
            ),
            get_updates_request=UpdatesRequest(connection_pool_size=1, connect_timeout=10.0),
        )
        try:
            await reached(lambda: self._checked(bot))
            yield bot
        finally:
            await bot.shutdown()

    async def _checked(self, bot: Bot) -> None:
        """Ask Telegram who we are."""
        try:
            await bot.initialize()
        except InvalidToken:
            # The library's error holds the token: it is not passed on.
            asked = "the server of [telegram] base_url" if self._settings.base_url else "Telegram"
            raise AdapterError(
                f"{asked} refuses the token: compare WARMLINE_TELEGRAM_TOKEN with the one that"
                " @BotFather gave"
            ) from None

    async def _set_commands(self, bot: Bot) -> None:
        """The lists of commands. Without them the bot works all the same."""
        try:
            for language, texts in self._settings.texts.items():
                code = "" if language == self._settings.language else language
                await _set(bot, texts.menu, BotCommandScopeDefault(), code)
                await _set(bot, texts.group_menu, BotCommandScopeAllGroupChats(), code)
                await _set(bot, texts.admins_menu, BotCommandScopeAllChatAdministrators(), code)
        except TelegramError as error:
            log.warning("the lists of commands are not set: %s", type(error).__name__)


async def _set(bot: Bot, menu: Menu, scope: BotCommandScope, code: str) -> None:
    commands = [BotCommand(name, description) for name, description in menu]
    if commands:
        await bot.set_my_commands(commands, scope=scope, language_code=code or None)
