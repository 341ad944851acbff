"""discord.py's client: which events it listens to, where Discord is, what a loss does not end.

Knows: intents, shards, the addresses, to whom an event goes. Does not know: what an event means.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from aiohttp import hdrs
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from yarl import URL

from adapters.answer import failure_report
from adapters.discord.catch_up import Gaps
from adapters.discord.settings import DiscordSettings

if TYPE_CHECKING:
    from adapters.discord.answers import Answers

log = logging.getLogger(__name__)

GUILDS_SECONDS = 2.0
"""How long a start waits for servers that Discord has announced."""

_REST = "https://discord.com/api/v10"
_GATEWAY = "wss://gateway.discord.gg/"
_SESSION = {"READY", "RESUMED"}
"""Events without which a session is none."""


def intents(message_content: bool) -> discord.Intents:
    """What is listened to: no privileged intent, unless message content is asked for.

    What is said to the bot (directly, by a mention, by a reply that pings it) comes without it.
    """
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.message_content = message_content
    return wanted


def options(settings: DiscordSettings) -> dict[str, Any]:
    """The arguments of a client. To be called where the loop runs."""
    found: dict[str, Any] = {
        "intents": intents(settings.message_content),
        "allowed_mentions": discord.AllowedMentions.none(),
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_messages": None,
        "max_ratelimit_timeout": 60.0,
        "guild_ready_timeout": GUILDS_SECONDS,
    }
    if settings.shards != "auto":
        found |= {"shard_ids": list(settings.shards), "shard_count": settings.shard_count}
    if settings.api_base_url:
        found["connector"] = MovedConnector(settings.api_base_url.rstrip("/"))
    return found


class Client(discord.AutoShardedClient):
    """The library's client, with its events handed on to `Answers`."""

    def __init__(self, **options: Any) -> None:
        # The library warns that it could not speak.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(**options)
        self._answers: Answers | None = None
        self._tell_ready: Callable[[str], None] | None = None
        self._gaps = Gaps()
        parsers = self._connection.parsers
        for event in parsers.keys() - _SESSION:
            parsers[event] = _tolerant(event, parsers[event])

    def begin(self, answers: Answers, ready: Callable[[str], None]) -> None:
        """From now on events go there. `ready` is told the bot's name once all shards listen."""
        self._answers = answers
        self._tell_ready = ready

    def leave(self) -> None:
        """From now on events go nowhere."""
        self._answers = None

    async def close(self) -> None:
        """Hang up. The library calls it where it knows no way on; answers may need its calls still,
        so REST stays open until `end`, and `renew` makes a new connection possible."""
        shards = self.shards
        for shard_id in shards:
            self._gaps.lost(shard_id)
        await asyncio.gather(
            *(shard._parent.close() for shard in shards.values()), return_exceptions=True
        )

    async def end(self) -> None:
        """Close everything for good."""
        await super().close()

    async def renew(self) -> None:
        """Forget what is left of connections that ended, so that `connect` can be called again."""
        await self._async_setup_hook()
        if self.shard_ids is None:
            self.shard_count = None  # type: ignore[assignment]  # asked for anew

    async def on_ready(self) -> None:
        """All shards listen. Comes again after a session that could not be resumed."""
        tell, self._tell_ready = self._tell_ready, None
        if tell:
            tell(str(self.user))

    async def on_shard_connect(self, shard_id: int) -> None:
        """A shard began a new session."""
        log.info("shard %d: connected", shard_id)
        self._gaps.renewed(shard_id)

    async def on_shard_ready(self, shard_id: int) -> None:
        """Its servers are known as well."""
        if self._answers:
            self._answers.listening(shard_id, self._gaps.take(shard_id))

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A shard goes on with its session, and has heard what it missed."""
        log.info("shard %d: connected again", shard_id)
        self._gaps.resumed(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """A shard lost its connection."""
        log.info("shard %d: disconnected", shard_id)
        self._gaps.lost(shard_id)

    async def on_message(self, message: discord.Message) -> None:
        """Somebody said something."""
        if self._answers:
            await self._answers.message(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Somebody changed what they said."""
        if self._answers:
            await self._answers.message(payload.message, edited=True)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody used a command or pressed a button."""
        if self._answers:
            await self._answers.interaction(interaction)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is gone, and with it whoever would read an answer."""
        if self._answers:
            await self._answers.gone(channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread is gone."""
        if self._answers:
            await self._answers.gone(payload.thread_id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was thrown out of a server."""
        for channel in guild.channels:
            if self._answers:
                await self._answers.gone(channel.id)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """One event failed, the bot goes on. The library would log what somebody said."""
        error = sys.exc_info()[1]
        log.error("%s failed: %s", event_method, failure_report(error) if error else "")


def _tolerant(event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """A parser of the library that passes over what it cannot read: its error ends a connection."""

    def parsed(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, other events are to come
            log.error("a %s of Discord's cannot be read: %s", event, failure_report(error))

    return parsed


class MovedConnector(aiohttp.TCPConnector):
    """Sends what goes to Discord's address to another: a proxy, a front for tests.

    discord.py takes its addresses from class variables, which hold for a whole process; what
    belongs to one client is the connector under its HTTP session.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(limit=0)
        self._moves = {_REST: base_url, _GATEWAY: ""}

    def gateway_at(self, url: str) -> None:
        """Where the gateway of that Discord is."""
        self._moves[_GATEWAY] = url if url.endswith("/") else f"{url}/"

    async def connect(self, req: ClientRequest, *rest: Any, **more: Any) -> Connection:
        """As the library's, at the new address."""
        for old, new in self._moves.items():
            if new and str(req.url).startswith(old):
                req.url = URL(new + str(req.url)[len(old) :], encoded=True)
                req.headers[hdrs.HOST] = req.url.authority
                break
        return await super().connect(req, *rest, **more)
