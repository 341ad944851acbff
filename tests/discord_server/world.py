"""All that is kept for one bot: servers, channels, people, messages; and who hears of a change.

Does not judge calls of the bot (`rest_*` does) and does not know sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.discord_server import messages, permissions
from tests.discord_server.clock import Clock, iso
from tests.discord_server.interactions import Interaction
from tests.discord_server.messages import REPLY, Message
from tests.discord_server.people import BOT, Json, Member, Person
from tests.discord_server.places import Channel, Guild, Kind


@dataclass(frozen=True, slots=True)
class Event:
    """A dispatch for the gateway. `channel`: where it happened, if in one."""

    name: str
    data: Json
    guild: Guild | None = None
    channel: Channel | None = None


class World:
    """`hear`: what the gateway does with an event. `cdn`: where files are fetched.

    `privileged`: the intents that the portal allows, of "members", "presences" and
    "message_content".
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.cdn = ""
        self.hear: Callable[[Event], None] = lambda event: None
        self.privileged: set[str] = set()
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.people: dict[int, Person] = {BOT.id: BOT}
        self.interactions: dict[int, Interaction] = {}
        self.typing: list[tuple[int, float]] = []

    def direct(self, person: Person) -> Channel:
        """The direct messages of the bot and this person."""
        self.people[person.id] = person
        for channel in self.channels.values():
            if channel.kind is Kind.DM and {one.id for one in channel.people} == {
                BOT.id,
                person.id,
            }:
                return channel
        return self.add(Kind.DM, "", people=[BOT, person])

    def add(self, kind: Kind, name: str, *, number: int = 0, **more: Any) -> Channel:
        """A new channel, of which nobody hears. `number`: its id, where it is given already."""
        new = Channel(number or self.clock.snowflake(), kind, name, self.clock.now(), **more)
        self.channels[new.id] = new
        if new.guild:
            new.guild.channels[new.id] = new
        return new

    def join(self, guild: Guild, person: Person) -> Member:
        """The person as a member, joined now unless they were in."""
        self.people[person.id] = person
        if person.id not in guild.members:
            guild.members[person.id] = Member(person, iso(self.clock.now()))
        return guild.members[person.id]

    def find(self, channel: Channel, message_id: int) -> Message | None:
        """A message that is still there."""
        found = channel.messages.get(message_id)
        return found if found and not found.deleted else None

    def post(
        self,
        channel: Channel,
        author: Person,
        content: str,
        *,
        ago: float = 0.0,
        replied: Message | None = None,
        number: int = 0,
        **more: Any,
    ) -> Message:
        """Puts a message into the channel and tells of it. `number`: its id, where it is given."""
        if channel.archived:
            channel.archived = False
            self.tell_channel("THREAD_UPDATE", channel)
        number = number or self.clock.snowflake(ago)
        new = Message(number, channel, author, content, self.clock.now() - ago, **more)
        new.versions.append(content)
        if replied:
            new.kind, new.replied = REPLY, replied
            new.reference = self._reference(channel, replied)
        self.mention(new)
        channel.messages[number] = new
        self.tell_message("MESSAGE_CREATE", new)
        return new

    def mention(self, message: Message) -> None:
        """Sets whom the message mentions: as its words say and its `allowed_mentions` let it."""
        guild, allowed = message.channel.guild, message.allowed_mentions
        may = permissions.of(message.author.id, message.channel)
        above = message.author.is_webhook or bool(may & permissions.BITS["mention_everyone"])
        named = messages.users_in(message.content)
        named = [one for one in named if _allows(allowed, "users", one)]
        replied = message.replied
        pings_back = allowed is None or allowed.get("replied_user", False)
        if replied and pings_back and replied.author.id not in named:
            named.append(replied.author.id)
        message.mentions = [self.people[one] for one in named if one in self.people]
        message.mention_roles = [
            one
            for one in messages.roles_in(message.content)
            if guild
            and one in guild.roles
            and (above or guild.roles[one].mentionable)
            and _allows(allowed, "roles", one)
        ]
        message.mention_everyone = (
            above
            and guild is not None
            and messages.everyone_in(message.content)
            and (allowed is None or "everyone" in allowed.get("parse", ()))
        )

    @staticmethod
    def _reference(channel: Channel, replied: Message) -> Json:
        found = {"type": 0, "channel_id": str(replied.channel.id), "message_id": str(replied.id)}
        return found | ({"guild_id": str(channel.guild.id)} if channel.guild else {})

    # Who hears of what

    def tell(
        self, name: str, data: Json, guild: Guild | None = None, channel: Channel | None = None
    ) -> None:
        self.hear(Event(name, data, guild, channel))

    def tell_channel(self, name: str, channel: Channel) -> None:
        self.tell(name, channel.json(), channel.guild, channel)

    def tell_message(self, name: str, message: Message) -> None:
        """Tells of a message that is new or changed. Of an ephemeral one nobody hears."""
        if message.is_ephemeral:
            return
        data = message.json(self.cdn) | {"channel_type": int(message.channel.kind)}
        guild = message.channel.guild
        if guild:
            data["guild_id"] = str(guild.id)
            if member := guild.members.get(message.author.id):
                data["member"] = member.json(with_user=False)
            for one in data["mentions"]:
                if member := guild.members.get(int(one["id"])):
                    one["member"] = member.json(with_user=False)
        self.tell(name, data, guild, message.channel)

    def remove(self, message: Message) -> None:
        message.deleted = True
        data = {"id": str(message.id), "channel_id": str(message.channel.id)}
        guild = message.channel.guild
        data |= {"guild_id": str(guild.id)} if guild else {}
        if not message.is_ephemeral:
            self.tell("MESSAGE_DELETE", data, guild, message.channel)


def _allows(allowed: Json | None, kind: str, one: int) -> bool:
    if allowed is None or kind in allowed.get("parse", ()):
        return True
    return str(one) in map(str, allowed.get(kind, ()))
