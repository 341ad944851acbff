"""What was said while the bot heard nothing: looked for in the channels it knows.

Knows: when a shard heard nothing, Discord's message history, how much of it is worth looking at.
Does not know: what is answered; a message that is known already is passed by whoever takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta

import discord
from discord.utils import snowflake_time, time_snowflake

from adapters.discord.channel import Place
from adapters.discord.errors import asked
from adapters.ledger import Heard
from adapters.outcome import Rejected, SendError, Unreachable

log = logging.getLogger(__name__)

KNOWN_FOR = timedelta(days=14)
"""A channel in which nothing was said to the bot for longer is not looked at."""

MARGIN = timedelta(minutes=2)
"""A connection was dead for a while before that showed, and two clocks differ. Who is asked for
too much passes by what is known."""

MOST_CHANNELS = 100
MOST_LOOKED_AT = 300
"""Messages of one channel, most of which are not for the bot: three calls."""

_TRIES, _PAUSE_SECONDS = 3, 2.0


class Gaps:
    """Since when which shard hears nothing."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._began: set[int] = set()
        self._deaf_since: dict[int, datetime] = {}
        self._missed_since: dict[int, datetime] = {}

    def lost(self, shard_id: int) -> None:
        """Its connection is gone; told again while it still is, nothing changes."""
        self._deaf_since.setdefault(shard_id, self._now())

    def resumed(self, shard_id: int) -> None:
        """The same session goes on: Discord has told everything again."""
        self._deaf_since.pop(shard_id, None)

    def renewed(self, shard_id: int) -> None:
        """A new session began: what happened before it is never told."""
        since = self._deaf_since.pop(shard_id, None)
        if since is not None:
            self._missed_since.setdefault(shard_id, since)

    def take(self, shard_id: int) -> datetime | None:
        """Since when something is to be looked for; None: since before this process began."""
        since = self._missed_since.pop(shard_id, None)
        if shard_id in self._began:
            return since or self._now()
        self._began.add(shard_id)
        return None


class History:
    """What stands in channels. `asks`: whether a message is for the bot; `most` of them a channel.

    Where there are more, the latest count.
    """

    def __init__(
        self, client: discord.AutoShardedClient, asks: Callable[[discord.Message], bool], most: int
    ) -> None:
        self._client = client
        self._asks = asks
        self._most = most

    async def since(
        self, known: Iterable[Heard], shard_id: int, after: Callable[[Heard], datetime]
    ) -> AsyncIterator[discord.Message]:
        """Messages in the channels of a shard, oldest first within each.

        One that cannot be read any more is passed over, and logged by its reason.
        """
        looked_at = 0
        for one in known:
            if self._shard_of(one) != shard_id:
                continue
            looked_at += 1
            if looked_at > MOST_CHANNELS:
                return
            for message in await self._read(one, after(one)):
                yield message

    def _shard_of(self, one: Heard) -> int | None:
        """The shard that hears a conversation; None for one of a server that is not here."""
        if one.private:
            return 0
        channel = self._client.get_channel(int(one.scope.chat_id))
        guild = getattr(channel, "guild", None)
        return guild.shard_id if isinstance(guild, discord.Guild) else None

    async def _read(self, one: Heard, after: datetime) -> list[discord.Message]:
        for tries in range(1, _TRIES + 1):
            try:
                return await asked(lambda: self._asking(one, time_snowflake(after)))
            except (Unreachable, Rejected) as error:
                log.info("a channel's history cannot be read: %s", error)
                break
            except SendError as error:
                if tries == _TRIES:
                    log.warning("a channel's history is not looked at: %s", error)
                else:
                    await asyncio.sleep(_PAUSE_SECONDS)
        return []

    async def _asking(self, one: Heard, after: int) -> list[discord.Message]:
        place = await self._place(int(one.scope.thread_id or one.scope.chat_id))
        if place is None or (getattr(place, "last_message_id", None) or after + 1) <= after:
            return []
        found: list[discord.Message] = []
        async for message in place.history(limit=MOST_LOOKED_AT, oldest_first=False):
            if message.id <= after or len(found) >= self._most:
                break
            if self._asks(message):
                found.append(message)
        return found[::-1]

    async def _place(self, number: int) -> Place | None:
        """A channel; no server's list names direct messages and threads that are archived."""
        found: object = self._client.get_channel(number) or await self._client.fetch_channel(number)
        return found if isinstance(found, Place) else None


def after_known(one: Heard, earliest: datetime) -> datetime:
    """From when on a conversation is looked at after a start: what follows its last message."""
    return max(earliest, snowflake_time(int(one.message_id)) - MARGIN)
