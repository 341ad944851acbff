"""REST on servers, channels, threads, members and users; and who the bot is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.discord_server.access import (
    channel_of,
    guild_of,
    message_of,
    require,
    require_sending,
    sees,
)
from tests.discord_server.calls import Call
from tests.discord_server.faults import (
    MISSING_ACCESS,
    SHUT_DM,
    THREAD_THERE,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
    WRONG_CHANNEL_TYPE,
    Refusal,
    form,
)
from tests.discord_server.intents import portal_flags
from tests.discord_server.people import APPLICATION_ID, BOT, Json, Person
from tests.discord_server.places import Channel, Guild, Kind
from tests.discord_server.rest_messages import RestMessages
from tests.discord_server.world import World


class RestPlaces:
    """What each route does. `table`: method and route to function."""

    def __init__(self, world: World, messages: RestMessages) -> None:
        self.world = world
        self.messages = messages
        self.table: dict[tuple[str, str], Callable[[Call], Any]] = {
            ("GET", "/users/@me"): lambda call: BOT.json() | {"verified": True, "flags": 0},
            ("GET", "/oauth2/applications/@me"): lambda call: self.application(),
            ("GET", "/applications/@me"): lambda call: self.application(),
            ("GET", "/users/@me/guilds"): self.guilds,
            ("DELETE", "/users/@me/guilds/{guild}"): self.leave,
            ("POST", "/users/@me/channels"): self.direct,
            ("GET", "/users/{user}"): self.user,
            ("GET", "/channels/{channel}"): lambda call: channel_of(world, call).json(),
            ("GET", "/guilds/{guild}"): lambda call: guild_of(world, call).json(),
            ("GET", "/guilds/{guild}/channels"): self.channels,
            ("GET", "/guilds/{guild}/roles"): lambda call: guild_of(world, call).json()["roles"],
            ("GET", "/guilds/{guild}/members"): self.members,
            ("GET", "/guilds/{guild}/members/{user}"): self.member,
            ("GET", "/guilds/{guild}/threads/active"): self.active,
            ("GET", "/channels/{channel}/threads/archived/public"): self.archived,
            ("POST", "/channels/{channel}/threads"): self.open_thread,
            ("POST", "/channels/{channel}/messages/{message}/threads"): self.open_thread,
            ("PUT", "/channels/{channel}/thread-members/@me"): self.join_thread,
        }

    def application(self) -> Json:
        owner = Person(1100000000000000800, "owner").json()
        words = {"name": "Warmline", "description": "", "icon": None, "verify_key": "0" * 64}
        return {
            "id": str(APPLICATION_ID),
            "owner": owner,
            "bot": BOT.json(),
            "bot_public": True,
            "bot_require_code_grant": False,
            "flags": portal_flags(self.world.privileged),
            "integration_types_config": {"0": {}, "1": {}},
            **words,
        }

    def guilds(self, call: Call) -> list[Json]:
        limit, after = int(call.query.get("limit", 200)), int(call.query.get("after", 0))
        found = sorted(self.world.guilds.values(), key=lambda one: one.id)
        mine = [one for one in found if one.has_bot and one.id > after][:limit]
        more = {"owner": False, "permissions": "0"}
        return [one.json() | more for one in mine]

    def leave(self, call: Call) -> None:
        guild = guild_of(self.world, call)
        guild.has_bot = False
        self.world.tell("GUILD_DELETE", {"id": str(guild.id)}, guild)

    def direct(self, call: Call) -> Json:
        person = self.world.people.get(int(call.body.get("recipient_id") or 0))
        if person is None:
            raise form("recipient_id", "INVALID_RECIPIENT", "Invalid Recipient(s)")
        if person.is_bot:
            raise Refusal(SHUT_DM)
        return self.world.direct(person).json()

    def user(self, call: Call) -> Json:
        person = self.world.people.get(call.id("user"))
        if person is None or person.is_webhook:
            raise Refusal(UNKNOWN_USER)
        return person.json()

    def channels(self, call: Call) -> list[Json]:
        every = guild_of(self.world, call).channels.values()
        return [one.json() for one in every if not one.is_thread]

    def members(self, call: Call) -> list[Json]:
        guild = guild_of(self.world, call)
        if "members" not in self.world.privileged:
            raise Refusal(MISSING_ACCESS)
        limit, after = int(call.query.get("limit", 1)), int(call.query.get("after", 0))
        found = [one for number, one in sorted(guild.members.items()) if number > after]
        return [one.json() for one in found[:limit]]

    def member(self, call: Call) -> Json:
        found = guild_of(self.world, call).members.get(call.id("user"))
        if found is None:
            raise Refusal(UNKNOWN_MEMBER)
        return found.json()

    def active(self, call: Call) -> Json:
        guild = guild_of(self.world, call)
        return self._threads([one for one in threads_of(guild) if not one.archived])

    def archived(self, call: Call) -> Json:
        channel = channel_of(self.world, call)
        assert channel.guild
        found = [one for one in threads_of(channel.guild) if one.archived]
        mine = [one for one in found if one.parent is channel and one.kind is Kind.PUBLIC_THREAD]
        return self._threads(mine) | {"has_more": False}

    @staticmethod
    def _threads(found: list[Channel]) -> Json:
        seen = [one for one in found if sees(one)]
        members = [one.joined_json() for one in seen if one.bot_joined]
        return {"threads": [one.json() for one in seen], "members": members}

    def open_thread(self, call: Call) -> Json:
        """A thread of a message, one by itself, or a post in a forum."""
        parent = channel_of(self.world, call)
        if parent.kind not in (Kind.TEXT, Kind.NEWS, Kind.FORUM):
            raise Refusal(WRONG_CHANNEL_TYPE)
        post = call.body.get("message") if parent.kind is Kind.FORUM else None
        require(parent, "send_messages" if post else "create_public_threads")
        number = 0
        if "message" in call.args:
            number = message_of(self.world, call, parent).id
            if number in self.world.channels:
                raise Refusal(THREAD_THERE)
        kind = Kind(call.body.get("type") or Kind.PUBLIC_THREAD)
        kind = Kind.PUBLIC_THREAD if number or post else kind
        name = str(call.body.get("name") or "")
        if not 1 <= len(name) <= 100:
            raise form("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        more = {"guild": parent.guild, "parent": parent, "owner_id": BOT.id, "bot_joined": True}
        thread = self.world.add(kind, name, number=number, **more)
        self.world.tell_channel("THREAD_CREATE", thread)
        if post is None:
            return thread.json()
        first = Call(call.method, call.path, call.time, json=post, files=call.files)
        first.args = {"channel": str(thread.id)}
        return thread.json() | {"message": self.messages.create(first)}

    def join_thread(self, call: Call) -> None:
        thread = channel_of(self.world, call)
        require_sending(thread)
        thread.bot_joined = True


def threads_of(guild: Guild) -> list[Channel]:
    return [one for one in guild.channels.values() if one.is_thread]
