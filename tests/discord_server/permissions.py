"""What a member may do in a channel, computed as Discord computes it."""

from __future__ import annotations

from collections.abc import Iterable

from tests.discord_server.places import Channel, Guild, Kind

BITS = {
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "connect": 1 << 20,
    "speak": 1 << 21,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "use_external_apps": 1 << 50,
}
_MANAGING = ("administrator", "manage_")
EVERYONE = sum(bit for name, bit in BITS.items() if not name.startswith(_MANAGING))
"""What everybody may in a new server: all but managing. It includes mentioning everyone."""

ALL = sum(BITS.values())
_NOTHING_IN_DM = BITS["manage_threads"] | BITS["manage_guild"] | BITS["administrator"]


def bits(names: Iterable[str]) -> int:
    return sum(BITS[name] for name in set(names))


def of(person_id: int, channel: Channel) -> int:
    """What this member may do here. Nothing, for one who isn't a member."""
    if channel.guild is None:
        return EVERYONE & ~_NOTHING_IN_DM
    base = in_guild(person_id, channel.guild)
    if base & BITS["administrator"]:
        return ALL
    member = channel.guild.members.get(person_id)
    place = channel.parent if channel.is_thread and channel.parent else channel
    own = member.roles if member else set()
    for group in ({channel.guild.id}, own - {channel.guild.id}, {person_id}):
        found = [place.overwrites[one] for one in group if one in place.overwrites]
        for _, denied in found:
            base &= ~denied
        for allowed, _ in found:
            base |= allowed
    return _implied(base, channel)


def in_guild(person_id: int, guild: Guild) -> int:
    """What this member may do in the server at large."""
    if person_id == guild.owner_id:
        return ALL
    member = guild.members.get(person_id)
    if member is None:
        return 0
    found = guild.roles[guild.id].permissions
    for role in member.roles:
        found |= guild.roles[role].permissions
    return ALL if found & BITS["administrator"] else found


def _implied(found: int, channel: Channel) -> int:
    """Takes away what is of no use without another right."""
    if not found & BITS["view_channel"]:
        return 0
    sending = "send_messages_in_threads" if channel.is_thread else "send_messages"
    if not found & BITS[sending]:
        found &= ~bits(["embed_links", "attach_files", "mention_everyone"])
    if channel.kind is Kind.VOICE and not found & BITS["connect"]:
        found &= ~bits(["send_messages", "read_message_history"])
    return found
