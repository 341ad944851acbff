"""Servers, channels, threads and roles, as Discord's JSON shows them.

Keeps what is in them; who may do what there is in `permissions`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from tests.discord_server.clock import iso
from tests.discord_server.people import BOT, Json, Member, Person

if TYPE_CHECKING:
    from tests.discord_server.messages import Message


_NAMES = (
    "icon splash discovery_splash banner description afk_channel_id system_channel_id "
    "rules_channel_id public_updates_channel_id"
)
_NONE = tuple(_NAMES.split())
_NUMBERS = (
    "afk_timeout verification_level default_message_notifications explicit_content_filter "
    "mfa_level premium_tier system_channel_flags"
)
_ZERO = tuple(_NUMBERS.split())


class Kind(IntEnum):
    """Types of channels, with Discord's numbers."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    CATEGORY = 4
    NEWS = 5
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


@dataclass(slots=True, eq=False)
class Role:
    """A role. `of_bot`: the one that comes with the bot, and goes with it."""

    id: int
    name: str
    permissions: int
    of_bot: bool = False
    mentionable: bool = False
    position: int = 0

    def json(self) -> Json:
        found: Json = {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": self.of_bot,
            "mentionable": self.mentionable,
            "flags": 0,
        }
        return found | ({"tags": {"bot_id": str(BOT.id)}} if self.of_bot else {})

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


@dataclass(slots=True, eq=False)
class Channel:
    """A channel, a thread, a forum post, or a direct message.

    `overwrites`: what is allowed and denied to the member or role with that id. `shut`: the people
    here take no direct messages from the bot. `born`: seconds since 1970.
    """

    id: int
    kind: Kind
    name: str
    born: float
    guild: Guild | None = None
    parent: Channel | None = None
    people: list[Person] = field(default_factory=list)
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    owner_id: int = 0
    archived: bool = False
    locked: bool = False
    bot_joined: bool = False
    shut: bool = False

    @property
    def is_thread(self) -> bool:
        return self.kind in (Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD)

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def shown(self) -> list[Message]:
        """The messages that everybody here sees, oldest first."""
        every = sorted(self.messages.values(), key=lambda one: one.id)
        return [one for one in every if not one.deleted and not one.is_ephemeral]

    def json(self) -> Json:
        last = max((one.id for one in self.shown), default=0)
        found: Json = {"id": str(self.id), "type": int(self.kind), "flags": 0}
        found["last_message_id"] = str(last) if last else None
        if self.guild is None:
            found["recipients"] = [one.json() for one in self.people if one.id != BOT.id]
            return found
        found |= {"guild_id": str(self.guild.id), "name": self.name, "rate_limit_per_user": 0}
        found["parent_id"] = str(self.parent.id) if self.parent else None
        return found | (self._thread() if self.is_thread else self._settings(self.guild))

    def _settings(self, guild: Guild) -> Json:
        overwrites = [
            {
                "id": str(one),
                "type": 0 if one in guild.roles else 1,
                "allow": str(allowed),
                "deny": str(denied),
            }
            for one, (allowed, denied) in self.overwrites.items()
        ]
        found: Json = {"position": 0, "permission_overwrites": overwrites}
        if self.kind is Kind.VOICE:
            return found | {"bitrate": 64000, "user_limit": 0, "rtc_region": None, "nsfw": False}
        return found | {"topic": None, "nsfw": False, "available_tags": []}

    def _thread(self) -> Json:
        count = max(len(self.shown) - 1, 0)
        metadata = {
            "archived": self.archived,
            "locked": self.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": iso(self.born),
            "create_timestamp": iso(self.born),
        }
        found: Json = {"owner_id": str(self.owner_id), "member_count": 1, "message_count": count}
        found |= {"total_message_sent": count, "applied_tags": [], "thread_metadata": metadata}
        return found | ({"member": self.joined_json()} if self.bot_joined else {})

    def joined_json(self) -> Json:
        """The bot as a member of this thread."""
        who = {"id": str(self.id), "user_id": str(BOT.id)}
        return who | {"join_timestamp": iso(self.born), "flags": 0}


@dataclass(slots=True, eq=False)
class Guild:
    """A server. `has_bot`: the bot is a member; if not, only interactions lead here."""

    id: int
    name: str
    owner_id: int
    has_bot: bool = True
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)

    @property
    def bot_role(self) -> Role:
        """The role that came with the bot."""
        return next(role for role in self.roles.values() if role.of_bot)

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner_id),
            "preferred_locale": self.locale,
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [role.json() for role in self.roles.values()],
            "nsfw_level": 0,
            "premium_progress_bar_enabled": False,
            **dict.fromkeys(_NONE),
            **dict.fromkeys(_ZERO, 0),
        }
