"""Which events a bot hears, and what of a message it may read, by the intents it asked for."""

from __future__ import annotations

from enum import IntFlag

from tests.discord_server import messages
from tests.discord_server.people import BOT, Json


class Intent(IntFlag):
    """Intents, with Discord's numbers; those that nothing here needs are left out."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = {
    "members": Intent.GUILD_MEMBERS,
    "presences": Intent.GUILD_PRESENCES,
    "message_content": Intent.MESSAGE_CONTENT,
}

_PORTAL_FLAGS = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}

_BY_START = {
    "GUILD_MEMBER_": (Intent.GUILD_MEMBERS, Intent.GUILD_MEMBERS),
    "GUILD_": (Intent.GUILDS, Intent.GUILDS),
    "CHANNEL_": (Intent.GUILDS, Intent.GUILDS),
    "THREAD_": (Intent.GUILDS, Intent.GUILDS),
    "MESSAGE_REACTION_": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "TYPING_": (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
}
"""The intent for an event in a server, and that for one in direct messages."""


def needed(event: str, *, in_guild: bool) -> Intent:
    """The intent that a bot must have to hear of it; none, for interactions and the like."""
    if event == "GUILD_MEMBERS_CHUNK":
        return Intent(0)
    for start, (guild, direct) in _BY_START.items():
        if event.startswith(start):
            return guild if in_guild else direct
    return Intent(0)


def forbidden(asked: int, allowed: set[str]) -> list[str]:
    """The privileged intents that were asked for, but the portal doesn't allow."""
    return [name for name, bit in PRIVILEGED.items() if asked & bit and name not in allowed]


def portal_flags(allowed: set[str]) -> int:
    """What the portal allows, as an application shows it."""
    return sum(_PORTAL_FLAGS[one] for one in allowed)


def hide_content(message: Json, *, private: bool) -> None:
    """Empties what a bot without MESSAGE_CONTENT may not read, each message by itself.

    It reads its own messages, its direct messages, and those that mention it: by name, or by a
    reply that pings it. A mention of its role doesn't count, nor a reply to what it answered to
    an interaction.
    """
    inner = message.get("referenced_message")
    if inner:
        hide_content(inner, private=private)
    if private or message["author"]["id"] == str(BOT.id) or _mentioned(message, inner):
        return
    message["content"] = ""
    message["embeds"], message["attachments"], message["components"] = [], [], []
    message.pop("poll", None)
    message.pop("message_snapshots", None)


def _mentioned(message: Json, replied: Json | None) -> bool:
    if BOT.id in messages.users_in(message["content"]):
        return True
    pinged = any(one["id"] == str(BOT.id) for one in message["mentions"])
    return pinged and not (replied and "interaction_metadata" in replied)
