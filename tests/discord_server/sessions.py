"""Gateway sessions: who is logged in with which shard, what each heard, what each missed.

A session outlives its connection: what happens meanwhile waits in its log, and a RESUME gets it.
"""

from __future__ import annotations

import copy
import secrets
from dataclasses import dataclass, field

from tests.discord_server.access import sees
from tests.discord_server.connections import Connection, Op
from tests.discord_server.intents import Intent, hide_content, needed, portal_flags
from tests.discord_server.people import APPLICATION_ID, BOT, Json
from tests.discord_server.places import Guild
from tests.discord_server.world import Event, World

_ALWAYS_SEEN = ("CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_DELETE")
_WITH_MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE")


@dataclass(frozen=True, slots=True)
class Sent:
    """A dispatch of a session. `number`: its place, counted from 1."""

    number: int
    name: str
    data: Json


@dataclass(slots=True, eq=False)
class Session:
    """`shard`: its number, and of how many. `resumes`: how often it was taken up again."""

    id: str
    intents: Intent
    shard: tuple[int, int]
    identify: Json
    connection: Connection | None = None
    log: list[Sent] = field(default_factory=list)
    resumes: int = 0

    @property
    def names(self) -> list[str]:
        """The names of all dispatches, in order."""
        return [one.name for one in self.log]

    def has(self, guild: Guild | None) -> bool:
        """Whether this shard hears of the server; direct messages go to shard 0."""
        number, count = self.shard
        return (guild.id >> 22) % count == number if guild else number == 0

    def dispatch(self, name: str, data: Json) -> None:
        self.log.append(Sent(len(self.log) + 1, name, data))
        self.replay(len(self.log) - 1)

    def replay(self, after: int) -> None:
        """Sends again what has a higher number."""
        for one in self.log[after:]:
            if self.connection:
                self.connection.send(Op.DISPATCH, one.data, s=one.number, t=one.name)


class Sessions:
    """All sessions that can still be resumed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.open: list[Session] = []

    def begin(self, connection: Connection, identify: Json, gateway_url: str) -> Session:
        """A new session, with READY and the servers of its shard."""
        shard = identify.get("shard") or (0, 1)
        new = Session(
            secrets.token_hex(16),
            Intent(identify["intents"]),
            (shard[0], shard[1]),
            identify,
            connection,
        )
        self.open.append(new)
        connection.session = new
        mine = [one for one in self.world.guilds.values() if one.has_bot and new.has(one)]
        new.dispatch(
            "READY",
            {
                "v": 10,
                "user": BOT.json() | {"verified": True, "flags": 0},
                "guilds": [{"id": str(one.id), "unavailable": True} for one in mine],
                "session_id": new.id,
                "resume_gateway_url": f"{gateway_url}resume",
                "shard": list(new.shard),
                "application": {
                    "id": str(APPLICATION_ID),
                    "flags": portal_flags(self.world.privileged),
                },
                "private_channels": [],
                "relationships": [],
            },
        )
        for one in mine:
            self._tell(new, Event("GUILD_CREATE", {}, one))
        return new

    def find(self, session_id: str) -> Session | None:
        return next((one for one in self.open if one.id == session_id), None)

    def end(self, session: Session) -> None:
        """The session can't be resumed any more."""
        self.open = [one for one in self.open if one is not session]
        if session.connection:
            session.connection.session = None

    def hear(self, event: Event) -> None:
        for session in self.open:
            if session.has(event.guild):
                self._tell(session, event)

    def _tell(self, session: Session, event: Event) -> None:
        """Tells one bot, where it asked for such and may know."""
        name, guild, channel = event.name, event.guild, event.channel
        if guild and not guild.has_bot and name not in ("GUILD_DELETE", "INTERACTION_CREATE"):
            return
        wanted = needed(name, in_guild=guild is not None)
        own_member = name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == str(BOT.id)
        if session.intents & wanted != wanted and not own_member:
            return
        if channel and name not in _ALWAYS_SEEN and not sees(channel):
            return
        data = copy.deepcopy(event.data)
        if name == "GUILD_CREATE" and guild:
            data = self._guild(session, guild)
        elif name in _WITH_MESSAGES and not session.intents & Intent.MESSAGE_CONTENT:
            hide_content(data, private=guild is None)
        session.dispatch(name, data)

    def _guild(self, session: Session, guild: Guild) -> Json:
        """A server as it is announced: without the intent for members only the bot among them."""
        every = list(guild.channels.values())
        threads = [one for one in every if one.is_thread and not one.archived and sees(one)]
        members = list(guild.members.values())
        if not session.intents & Intent.GUILD_PRESENCES:
            members = [one for one in members if one.person.id == BOT.id]
        return guild.json() | {
            "joined_at": guild.members[BOT.id].joined,
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "voice_states": [],
            "members": [one.json() for one in members],
            "channels": [one.json() for one in every if not one.is_thread],
            "threads": [one.json() for one in threads],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
