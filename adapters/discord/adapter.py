"""The Discord adapter: the bot logs in, its commands are told, then events are answered.

Knows: the order of a start and of an end, which lost connections are taken up again. Does not know:
what an event means (`answers`), what a command means.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NoReturn

import aiohttp
import discord
from discord.backoff import ExponentialBackoff

from adapters.base import AdapterError
from adapters.discord.answers import Answers
from adapters.discord.catch_up import KNOWN_FOR
from adapters.discord.client import Client, MovedConnector, options
from adapters.discord.commands import fingerprint, payload
from adapters.discord.errors import asked
from adapters.discord.invite import invite
from adapters.discord.settings import DiscordSettings
from adapters.ledger import Notebook
from adapters.messages import File, Handler, Scope
from adapters.outcome import NotSent, SendError

log = logging.getLogger(__name__)

GRACE_SECONDS = 5.0
"""How long answers that are being written go on once the adapter stops."""

TELLING_SECONDS = 15.0
"""How long a start waits until Discord has taken the list of commands."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_COMMANDS_NOTE = "discord.commands"

_NOT_REACHED = (
    aiohttp.ClientError, OSError, discord.HTTPException, ValueError, TypeError, KeyError,
)  # fmt: skip
"""Discord is not there, or something answers in its place: a proxy's page."""

_FOR_GOOD = (4004, 4010, 4011, 4012, 4013, 4014)
"""Source: Discord's documentation, Gateway Close Codes; the library does not try again either."""

_REFUSED = (
    "Discord refuses the token: compare WARMLINE_DISCORD_TOKEN with the one in the developer"
    " portal, under Bot"
)


class Discord:
    """A bot on Discord. See `run`."""

    def __init__(
        self,
        settings: DiscordSettings,
        memory: Callable[[], Awaitable[Notebook]],
        started: Callable[[str], None] = lambda name: None,
        *,
        ending: Callable[[], None] = lambda: None,
    ) -> None:
        """Opens nothing yet.

        `memory` waits until messages can be answered and gives the notes about answers; `started`
        is told the bot's name once it listens, `ending` that answers are cut off from now on, which
        nobody wished.

        Raises:
            AdapterError: there is no token, or channels to listen to without their content.
        """
        if not settings.token:
            raise AdapterError(
                "Discord is enabled and has no token: set WARMLINE_DISCORD_TOKEN to the one from"
                " the developer portal, under Bot"
            )
        if settings.channels and not settings.message_content:
            raise AdapterError(
                "[discord] channels needs message_content = true: without it Discord hides what is"
                " said there"
            )
        self._settings = settings
        self._memory = memory
        self._started = started
        self._ending = ending
        self._answers: Answers | None = None

    async def run(self, handler: Handler) -> None:
        """Serve until cancelled; then nothing new is taken, running answers get GRACE_SECONDS.

        Raises:
            AdapterError: the token or an intent is refused.
        """
        async with self._logged_in() as client:
            ledger = await self._memory()
            await self._tell_commands(client, ledger)
            # Looked up before anything new comes, which is not left over but under way.
            left, heard = await ledger.resumed(), await ledger.heard(datetime.now(UTC) - KNOWN_FOR)
            answers = Answers(client, handler, ledger, self._settings, left=left, heard=heard)
            self._answers = answers
            client.begin(answers, self._started)
            try:
                await self._connected(client)
            finally:
                self._answers = None
                client.leave()
                self._ending()
                await answers.close(GRACE_SECONDS)

    @property
    def can_reach(self) -> bool:
        """See `adapters.base.Reaches`, here and below."""
        return self._answers is not None

    async def reach(self, scope: Scope, text: str, file: File | None = None) -> None:
        """Write to a person first, in the direct messages between them and the bot."""
        if self._answers is None:
            raise NotSent
        await self._answers.reach(scope, text, file)

    async def check(self) -> str:
        """Who Discord takes us for, and the link that invites the bot; AdapterError as `run`."""
        async with self._logged_in() as client:
            return f"Discord: {client.user}; to invite it: {invite(client.application_id or 0)}"

    @asynccontextmanager
    async def _logged_in(self) -> AsyncIterator[Client]:
        """A client whose token Discord has confirmed."""
        pause = _FIRST_PAUSE
        while True:
            client = Client(**options(self._settings))
            try:
                await self._log_in(client)
                break
            except _NOT_REACHED as error:
                log.warning("Discord cannot be reached (%s); trying again", type(error).__name__)
                await client.end()
            except BaseException:
                await client.end()
                raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        try:
            yield client
        finally:
            await client.end()

    async def _log_in(self, client: Client) -> None:
        try:
            await client.login(self._settings.token)
        except discord.LoginFailure:
            raise AdapterError(_REFUSED) from None
        connector = client.http.connector
        if isinstance(connector, MovedConnector):
            found = await client.http.request(discord.http.Route("GET", "/gateway"))
            connector.gateway_at(found["url"])

    async def _tell_commands(self, client: Client, ledger: Notebook) -> None:
        """The list of slash commands, told only when it has changed: 200 changes a day are free."""
        settings = self._settings
        commands = payload(settings.commands, settings.texts, settings.language)
        application = client.application_id
        print_ = f"{application}:{fingerprint(commands)}"
        if application is None or await ledger.note(_COMMANDS_NOTE) == print_:
            return
        try:
            async with asyncio.timeout(TELLING_SECONDS):
                await asked(
                    lambda: client.http.bulk_upsert_global_commands(application, payload=commands)
                )
        except (SendError, TimeoutError) as error:
            log.warning("the slash commands are not told to Discord: %s", error or "it is too slow")
        else:
            await ledger.set_note(_COMMANDS_NOTE, print_)

    async def _connected(self, client: Client) -> NoReturn:
        """Listen. The library takes up most lost connections again; what it gives up on, but for
        the losses that are for good, is begun anew here."""
        backoff = ExponentialBackoff()  # few enough logins for Discord's 1000 a day
        while True:
            try:
                await client.connect()
                failure = "closed"
            except discord.PrivilegedIntentsRequired:
                raise AdapterError(_closed(4014)) from None
            except discord.ConnectionClosed as error:
                if error.code in _FOR_GOOD:
                    raise AdapterError(_closed(error.code)) from None
                failure = str(error.code)
            except discord.GatewayNotFound as error:
                if getattr(error.__cause__, "status", 0) == 401:
                    raise AdapterError(_REFUSED) from None
                failure = type(error).__name__
            except Exception as error:  # noqa: BLE001 - whatever the library stumbled over
                failure = type(error).__name__
            pause = backoff.delay()
            log.error("the connection to Discord is lost (%s); anew in %.0f s", failure, pause)
            await asyncio.sleep(pause)
            await client.renew()


def _closed(code: int) -> str:
    """What a close code for good means."""
    match code:
        case 4004:
            return _REFUSED
        case 4010 | 4011:
            return "Discord refuses these shards: see [discord] shards and shard_count"
        case 4014:
            return (
                "Discord refuses the message content intent: switch it on in the developer portal"
                " (Bot, Privileged Gateway Intents), or set [discord] message_content = false"
            )
        case _:
            return f"Discord closed the connection for good (code {code})"
