"""Servers, channels, threads, roles and members: built and changed while the bot looks on."""

from __future__ import annotations

from collections.abc import Iterable

from tests.discord_server import permissions
from tests.discord_server.messages import Message
from tests.discord_server.people import ANN, BOT, Member, Person
from tests.discord_server.places import Channel, Guild, Kind, Role
from tests.discord_server.world import World


class Building:
    """What admins do. The bot's gateway hears of all of it."""

    def __init__(self) -> None:
        self.world = World()

    def add_guild(
        self,
        name: str,
        *,
        owner: Person = ANN,
        shard: tuple[int, int] | None = None,
        has_bot: bool = True,
    ) -> Guild:
        """A new server with a text channel "general". `shard`: which of how many has it."""
        clock = self.world.clock
        number = clock.snowflake_on(*shard) if shard else clock.snowflake()
        guild = Guild(number, name, owner.id, has_bot)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE)
        self.world.guilds[guild.id] = guild
        self.world.join(guild, owner)
        if has_bot:
            role = Role(clock.snowflake(), BOT.username, 0, of_bot=True, position=1)
            guild.roles[role.id] = role
            self.world.join(guild, BOT).roles.add(role.id)
        self.world.add(Kind.TEXT, "general", guild=guild)
        self.world.tell("GUILD_CREATE", {}, guild)
        return guild

    def add_channel(
        self, guild: Guild, name: str, kind: Kind = Kind.TEXT, parent: Channel | None = None
    ) -> Channel:
        new = self.world.add(kind, name, guild=guild, parent=parent)
        self.world.tell_channel("CHANNEL_CREATE", new)
        return new

    def add_thread(
        self,
        parent: Channel,
        name: str,
        who: Person = ANN,
        *,
        of: Message | None = None,
        private: bool = False,
    ) -> Channel:
        """A thread, perhaps `of` a message. To a private one the bot is added at once."""
        kind = Kind.PRIVATE_THREAD if private else Kind.PUBLIC_THREAD
        more = {"guild": parent.guild, "parent": parent, "owner_id": who.id}
        number = of.id if of else 0
        new = self.world.add(kind, name, number=number, bot_joined=private, **more)
        self.world.tell_channel("THREAD_CREATE", new)
        return new

    def dm(self, person: Person) -> Channel:
        return self.world.direct(person)

    def private_chat(self, one: Person, other: Person) -> Channel:
        """Direct messages of two people, where the bot is not: for user-installed commands."""
        self.world.people |= {one.id: one, other.id: other}
        return self.world.add(Kind.DM, "", people=[one, other])

    def add_role(
        self, guild: Guild, name: str, may: Iterable[str] = (), *, mentionable: bool = False
    ) -> Role:
        """`may`: names of rights, as `permissions.BITS` has them."""
        number = self.world.clock.snowflake()
        new = Role(number, name, permissions.bits(may), mentionable=mentionable, position=1)
        guild.roles[number] = new
        data = {"guild_id": str(guild.id), "role": new.json()}
        self.world.tell("GUILD_ROLE_CREATE", data, guild)
        return new

    def add_member(
        self, guild: Guild, person: Person, nick: str = "", roles: Iterable[Role] = ()
    ) -> Member:
        """A member, new or changed."""
        new = person.id not in guild.members
        member = self.world.join(guild, person)
        member.nick, member.roles = nick, {role.id for role in roles}
        data = member.json() | {"guild_id": str(guild.id)}
        self.world.tell("GUILD_MEMBER_ADD" if new else "GUILD_MEMBER_UPDATE", data, guild)
        return member

    def deny(self, channel: Channel, *names: str, to: int = BOT.id) -> None:
        """Takes rights here from the bot, or from the member or role with this id."""
        allowed, denied = channel.overwrites.get(to, (0, 0))
        taken = permissions.bits(names)
        channel.overwrites[to] = (allowed & ~taken, denied | taken)
        self.world.tell_channel("CHANNEL_UPDATE", channel)

    def allow(self, channel: Channel, *names: str, to: int = BOT.id) -> None:
        allowed, denied = channel.overwrites.get(to, (0, 0))
        given = permissions.bits(names)
        channel.overwrites[to] = (allowed | given, denied & ~given)
        self.world.tell_channel("CHANNEL_UPDATE", channel)

    def set_thread(self, thread: Channel, *, archived: bool = False, locked: bool = False) -> None:
        thread.archived, thread.locked = archived, locked
        self.world.tell_channel("THREAD_UPDATE", thread)

    def delete_channel(self, channel: Channel) -> None:
        del self.world.channels[channel.id]
        if channel.guild:
            del channel.guild.channels[channel.id]
        name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.world.tell_channel(name, channel)

    def kick(self, guild: Guild) -> None:
        """The bot is thrown out."""
        guild.has_bot = False
        self.world.tell("GUILD_DELETE", {"id": str(guild.id)}, guild)

    def outage(self, guild: Guild) -> None:
        """The server can't be reached for a while, says the gateway; see `recover`."""
        self.world.tell("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, guild)

    def recover(self, guild: Guild) -> None:
        self.world.tell("GUILD_CREATE", {}, guild)

    def shut_dm(self, person: Person) -> None:
        """The person takes no direct messages from the bot any more."""
        self.world.direct(person).shut = True
