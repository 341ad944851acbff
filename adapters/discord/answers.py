"""Discord's events answered: messages, edits, slash commands, presses, and what was missed.

Knows: which event becomes which call of the handler, and the way to its channel. Does not know:
how events come (`adapter`), what they mean (`messages`, `interactions`), what runs (`UnderWay`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

import discord

from adapters.answer import failure_report
from adapters.channel import Channel
from adapters.delivery import put
from adapters.discord.catch_up import KNOWN_FOR, MARGIN, History, after_known
from adapters.discord.channel import DiscordChannel, Place
from adapters.discord.errors import asked
from adapters.discord.interactions import Interaction, read_interaction
from adapters.discord.messages import Said, read
from adapters.discord.responses import InteractionChannel
from adapters.discord.settings import DiscordSettings
from adapters.ledger import Heard, Notebook, Resumed
from adapters.messages import File, Handler, IncomingMessage, Scope
from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable
from adapters.pace import ChatPace, Paces
from adapters.under_way import Destination, UnderWay

T = TypeVar("T")

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_ALL_CHATS_SECONDS = 1 / 40
_CHANNEL_SECONDS = 1.2
"""Discord allows 50 calls a second in all, and 5 messages or edits in 5 seconds in one channel."""


class Answers:
    """Everything that is being answered for one bot."""

    def __init__(
        self,
        client: discord.AutoShardedClient,
        handler: Handler,
        ledger: Notebook,
        settings: DiscordSettings,
        *,
        left: Sequence[Resumed] = (),
        heard: Sequence[Heard] = (),
    ) -> None:
        """`left` is what earlier processes left, `heard` what they heard last in each conversation:
        both looked up before anything new comes."""
        self._client = client
        self._ledger = ledger
        self._settings = settings
        self._left = list(left)
        self._heard = heard
        self._commands = {command.name: command for command in settings.commands}
        self._paces = Paces(_ALL_CHATS_SECONDS, clock=asyncio.get_running_loop().time)
        self._under_way = UnderWay(handler, ledger)
        self._history = History(client, self._is_for_us, settings.catch_up_most)
        self._lines: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def message(self, message: discord.Message, *, edited: bool = False) -> None:
        """A message, or a new text for one. Those of one channel are taken in their order."""
        if not self._is_for_us(message, edited=edited):
            return
        line = self._lines.setdefault(message.channel.id, asyncio.Lock())
        async with line:
            if isinstance(message.channel, discord.PartialMessageable):
                # A thread, or a server, that is not known yet: whose conversation it is depends.
                message.channel = await self._place(message.channel.id) or message.channel
            said = self._read(message, edited=edited)
            if said is not None and (to := self._to(message.channel, said)) is not None:
                await self._under_way.begin(said.message, to)

    async def interaction(self, interaction: Interaction) -> None:
        """A slash command or a press: acknowledged at once, then answered."""
        found = read_interaction(interaction, self._commands)
        if found is None:
            return
        message = found.message
        channel = InteractionChannel(
            interaction,
            self._settings.manner,
            lambda: self._elsewhere(interaction, message),
            ephemeral=message.ephemeral,
        )
        await channel.acknowledge()
        to = self._destination(channel, message)
        # Discord counts what answers an interaction apart from the channel.
        pace = self._paces.of(message.message_id, _CHANNEL_SECONDS)
        await self._under_way.begin(message, replace(to, pace=pace, over=channel.put_away))

    async def gone(self, channel_id: int) -> None:
        """A channel or a thread was deleted, or the bot was thrown out."""
        number = str(channel_id)
        await self._under_way.give_up(number, "chat_gone", thread_id=number)

    def listening(self, shard_id: int, deaf_since: datetime | None) -> None:
        """A shard began a session, and heard nothing before it: since then, or (None) since before
        this process. What was left is gone on with, what was missed is looked for."""
        left, self._left = self._left, []
        if ours := [self._again(one) for one in left if self._is_ours(one.message)]:
            self._under_way.resume(ours, self._way_back)
        self._under_way.start(self._catch_up(shard_id, deaf_since))

    async def reach(self, scope: Scope, text: str, file: File | None) -> None:
        """Write to a person first; SendError as `adapters.delivery.put`."""
        if not scope.chat_id.isdecimal():
            raise Unreachable("user_gone")
        private = await self._private(int(scope.chat_id))
        pace = self._paces.of(str(private.id), _CHANNEL_SECONDS)
        await self._under_way.finish(put(self._channel(private, None), pace, text, file))

    async def close(self, grace: float) -> None:
        """Let running answers end for `grace` seconds; the rest goes on later."""
        await self._under_way.close(grace)

    async def _catch_up(self, shard_id: int, deaf_since: datetime | None) -> None:
        now = datetime.now(UTC)
        earliest = now - timedelta(minutes=self._settings.catch_up_minutes)
        if earliest == now:
            return
        try:
            if deaf_since is None:
                known, since = self._heard, earliest
            else:
                known = await self._ledger.heard(now - KNOWN_FOR)
                since = max(earliest, deaf_since - MARGIN)
            found = self._history.since(
                known,
                shard_id,
                lambda one: since if deaf_since else after_known(one, earliest),
            )
            async for message in found:
                await self.message(message)
        except Exception as error:  # noqa: BLE001 - what is said now is answered all the same
            log.error("what was missed is not looked for: %s", failure_report(error))

    def _is_for_us(self, message: discord.Message, *, edited: bool = False) -> bool:
        return self._read(message, edited=edited) is not None

    def _read(self, message: discord.Message, *, edited: bool = False) -> Said | None:
        me = self._client.user
        return read(message, me, self._settings.channels, edited=edited) if me else None

    def _is_ours(self, message: IncomingMessage) -> bool:
        """Whether a shard of this process hears that server; shard 0 hears what is in none."""
        mine, count = self._settings.shards, self._client.shard_count
        if mine == "auto" or not count:
            return True
        return (int(message.server or 0) >> 22) % count in mine

    def _again(self, one: Resumed) -> Resumed:
        """As it was said: whether an answer was for the person alone is not kept."""
        message = one.message
        if message.private or message.message_id.isdecimal() or message.text[:1] != "/":
            return one
        command = self._commands.get(message.text[1:].partition(" ")[0])
        alone = command is None or command.ephemeral
        return replace(one, message=replace(message, ephemeral=alone))

    async def _way_back(self, message: IncomingMessage) -> Destination | None:
        """To the chat of a stored message; an interaction's own answer can't be reached again."""
        place: Place | None
        if message.ephemeral:
            user = discord.Object(int(message.person.user_id))
            place = await _found(lambda: self._client.create_dm(user))
        else:
            place = await self._place(int(message.scope.thread_id or message.scope.chat_id))
        if place is None:
            return None
        reply_to = int(message.message_id) if message.message_id.isdecimal() else None
        return self._destination(self._channel(place, reply_to), message)

    async def _place(self, number: int) -> Place | None:
        found: object = self._client.get_channel(number)
        if found is None:
            found = await _found(lambda: self._fetched(number))
        return found if isinstance(found, Place) else None

    async def _private(self, user_id: int) -> discord.DMChannel:
        """The direct messages with a person; asked for twice they are the same."""
        try:
            return await asked(lambda: self._client.create_dm(discord.Object(user_id)))
        except PerhapsSent as error:
            raise NotSent from error
        except Rejected as error:
            raise Unreachable("user_gone") from error

    async def _fetched(self, number: int) -> object:
        try:
            return await self._client.fetch_channel(number)
        except discord.InvalidData:
            return None  # a kind of channel that the library does not know

    async def _elsewhere(self, interaction: Interaction, message: IncomingMessage) -> Channel:
        """Where an answer goes that came too late for its interaction."""
        # Where a person alone brought the bot, it is no member: only its interactions may write.
        brought = interaction.is_user_integration() and not interaction.is_guild_integration()
        if message.for_one or brought:
            private = await interaction.user.create_dm()
            return self._channel(private, None)
        place = interaction.channel
        if isinstance(place, Place):
            return self._channel(place, None)
        return self._channel(
            self._client.get_partial_messageable(interaction.channel_id or 0), None
        )

    def _to(self, place: object, said: Said) -> Destination | None:
        if not isinstance(place, Place):
            return None
        return self._destination(self._channel(place, said.reply_to), said.message)

    def _channel(self, place: Place, reply_to: int | None) -> DiscordChannel:
        return DiscordChannel(place, self._settings.manner, reply_to)

    def _destination(self, channel: Channel, message: IncomingMessage) -> Destination:
        texts = self._settings.texts_for(message.locale).delivery
        return Destination(channel, self._pace(message), texts)

    def _pace(self, message: IncomingMessage) -> ChatPace:
        scope = message.scope
        return self._paces.of(scope.thread_id or scope.chat_id, _CHANNEL_SECONDS)


async def _found(call: Callable[[], Awaitable[T]]) -> T | None:
    """What Discord knows; None where there is no such thing. Waits while Discord can't be asked."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return await asked(call)
        except (Unreachable, Rejected):
            return None
        except SendError as error:
            wait = error.after if isinstance(error, NotSent) else 0.0
            await asyncio.sleep(max(wait, pause))
            pause = min(pause * 2, _LONGEST_PAUSE)
