"""Whether the bot may do in a place what a call asks. Raises `Refusal`, with Discord's codes."""

from __future__ import annotations

from tests.discord_server import permissions
from tests.discord_server.calls import Call
from tests.discord_server.faults import (
    ARCHIVED,
    LOCKED,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NO_TEXT_IN_FORUM,
    NOT_A_TEXT_CHANNEL,
    SEALED,
    SHUT_DM,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MESSAGE,
    Refusal,
)
from tests.discord_server.messages import Message
from tests.discord_server.people import BOT
from tests.discord_server.places import Channel, Guild, Kind
from tests.discord_server.world import World


def guild_of(world: World, call: Call) -> Guild:
    """The server of the path; one that the bot isn't in is unknown to it."""
    found = world.guilds.get(call.id("guild"))
    if found is None or not found.has_bot:
        raise Refusal(UNKNOWN_GUILD)
    return found


def channel_of(world: World, call: Call) -> Channel:
    """The channel of the path, which the bot sees."""
    found = world.channels.get(call.id("channel"))
    if found is None:
        raise Refusal(UNKNOWN_CHANNEL)
    if not sees(found):
        raise Refusal(MISSING_ACCESS)
    return found


def message_of(world: World, call: Call, channel: Channel) -> Message:
    """The message of the path. An ephemeral one is there only by its interaction's token."""
    found = world.find(channel, call.id("message"))
    if found is None or found.is_ephemeral:
        raise Refusal(UNKNOWN_MESSAGE)
    return found


def sees(channel: Channel) -> bool:
    if channel.guild is None:
        return any(one.id == BOT.id for one in channel.people)
    if channel.kind is Kind.PRIVATE_THREAD and not channel.bot_joined:
        return False
    return channel.guild.has_bot and may(channel, "view_channel")


def may(channel: Channel, *names: str) -> bool:
    needed = permissions.bits(names)
    return permissions.of(BOT.id, channel) & needed == needed


def require(channel: Channel, *names: str) -> None:
    if not may(channel, *names):
        raise Refusal(MISSING_PERMISSIONS)


def require_open(channel: Channel) -> None:
    """That messages here may be changed: in a thread that is neither archived nor locked."""
    if channel.archived:
        raise Refusal(SEALED if channel.locked else ARCHIVED)
    if channel.locked and not may(channel, "manage_threads"):
        raise Refusal(LOCKED)


def require_sending(channel: Channel) -> None:
    """That the bot may write here. An archived thread opens by that, unless it is locked."""
    if channel.kind is Kind.FORUM:
        raise Refusal(NO_TEXT_IN_FORUM)
    if channel.kind is Kind.CATEGORY:
        raise Refusal(NOT_A_TEXT_CHANNEL)
    if channel.guild is None:
        if channel.shut or all(one.is_bot for one in channel.people):
            raise Refusal(SHUT_DM)
        return
    require(channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
    if channel.locked and not may(channel, "manage_threads"):
        raise Refusal(SEALED if channel.archived else LOCKED)
