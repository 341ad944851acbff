"""People use slash commands and press buttons, as far as Discord's clients let them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from tests.discord_server import permissions
from tests.discord_server.access import sees
from tests.discord_server.acting import Acting
from tests.discord_server.commands import Commands
from tests.discord_server.interactions import Interaction
from tests.discord_server.messages import Message, is_button, walk
from tests.discord_server.people import APPLICATION_ID, BOT, Json, Person
from tests.discord_server.places import Channel, Kind, Role

_COMMAND, _COMPONENT = 2, 3
_GUILD, _BOT_DM, _PRIVATE = 0, 1, 2
_SUBCOMMAND, _GROUP, _USER, _CHANNEL, _ROLE = 1, 2, 6, 7, 8

Option = str | int | float | bool | Person | Channel | Role


class Slash(Acting):
    """Interactions. What can't be done in a client fails the test with an `AssertionError`."""

    def __init__(self) -> None:
        super().__init__()
        self._commands = Commands(self.world)

    def slash(
        self,
        who: Person,
        where: Channel,
        name: str,
        options: Mapping[str, Option] | None = None,
        *,
        user_install: bool = False,
        ago: float = 0.0,
    ) -> Interaction:
        """Uses a command, as "chat" or "trend server". `user_install`: the person brought it.

        `ago`: seconds before now, for one that reaches the bot late.
        """
        self._enter(who, where)
        first, *inner = name.split()
        command = self._commands.find(where.guild.id if where.guild else 0, first)
        assert command, f"/{first} isn't registered here"
        self._check(command, who, where, user_install=user_install)
        data: Json = {"id": command["id"], "name": first, "type": 1, "resolved": {}}
        known, given = command["options"], data
        for part in inner:
            level = next((one for one in known if one["name"] == part), None)
            assert level, f"/{name} isn't registered"
            given["options"] = [{"name": part, "type": level["type"]}]
            known, given = level.get("options", []), given["options"][0]
        given["options"] = _options(known, options or {}, data["resolved"], where)
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return self._start(_COMMAND, data, name, who, where, user_only=user_install, ago=ago)

    def press(
        self,
        who: Person,
        message: Message,
        custom_id: str,
        values: Iterable[str] = (),
        *,
        ago: float = 0.0,
    ) -> Interaction:
        """Presses a button, or chooses `values` in a menu."""
        self._enter(who, message.channel)
        assert not message.deleted, "the message is gone"
        assert message.seen_by in (None, who), "only another person sees that message"
        found = [one for one in walk(message.components) if one.get("custom_id") == custom_id]
        assert found, f"no {custom_id!r} among {list(walk(message.components))}"
        assert not found[0].get("disabled"), f"{custom_id!r} is disabled"
        data: Json = {"custom_id": custom_id, "component_type": found[0]["type"], "id": 1}
        if not is_button(found[0]):
            data |= {"values": list(values), "resolved": {}}
        user_only = message.interaction.user_only if message.interaction else False
        channel = message.channel
        return self._start(
            _COMPONENT, data, "", who, channel, on=message, user_only=user_only, ago=ago
        )

    def _check(self, command: Json, who: Person, where: Channel, *, user_install: bool) -> None:
        """That the client of this person shows the command here."""
        name, context = command["name"], _context(where)
        contexts = command["contexts"] or [_GUILD, _BOT_DM, _PRIVATE]
        assert context in contexts, f"/{name} isn't for here (context {context} of {contexts})"
        wanted = 1 if user_install else 0
        assert wanted in command["integration_types"], f"/{name} can't be installed so"
        assert user_install or context == _BOT_DM or sees(where), "the bot isn't here"
        needed = command["default_member_permissions"]
        if where.guild and needed is not None and not user_install:
            may = permissions.of(who.id, where)
            assert int(needed) & may == int(needed), f"{who.username} isn't shown /{name}"

    def _start(
        self,
        kind: int,
        data: Json,
        name: str,
        who: Person,
        where: Channel,
        *,
        on: Message | None = None,
        user_only: bool = False,
        ago: float = 0.0,
    ) -> Interaction:
        number, token = self.world.clock.snowflake(ago), secrets.token_urlsafe(48)
        began = self.world.clock.now() - ago
        new = Interaction(number, token, kind, name, who, where, began, on, user_only)
        self.world.interactions[number] = new
        owners = (
            {"1": str(who.id)} if user_only else {"0": str(where.guild.id if where.guild else 0)}
        )
        found: Json = {
            "id": str(number),
            "application_id": str(APPLICATION_ID),
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "channel_id": str(where.id),
            "channel": where.json() | {"permissions": str(permissions.of(who.id, where))},
            "locale": who.locale,
            "entitlements": [],
            "authorizing_integration_owners": owners,
            "context": _context(where),
            "app_permissions": str(permissions.of(BOT.id, where)),
            "attachment_size_limit": 10 * 1024 * 1024,
        }
        if where.guild:
            guild = where.guild
            member = guild.members[who.id].json()
            found["member"] = member | {"permissions": str(permissions.of(who.id, where))}
            found |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
            found["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        else:
            found["user"] = who.json()
        if on:
            found["message"] = on.json(self.world.cdn)
        self.world.tell("INTERACTION_CREATE", found, where.guild)
        return new


def _context(where: Channel) -> int:
    if where.guild:
        return _GUILD
    mine = where.kind is Kind.DM and any(one.id == BOT.id for one in where.people)
    return _BOT_DM if mine else _PRIVATE


def _options(
    known: list[Json], given: Mapping[str, Option], resolved: Json, where: Channel
) -> list[Json]:
    """What was typed in. People, channels and roles are resolved, as Discord does."""
    by_name = {one["name"]: one for one in known}
    strange = given.keys() - by_name.keys()
    assert not strange, f"no option {strange} among {list(by_name)}"
    missing = {name for name, one in by_name.items() if one.get("required")} - given.keys()
    assert not missing, f"{missing} must be given"
    found: list[Json] = []
    for name, value in given.items():
        found.append({"name": name, "type": by_name[name]["type"], "value": _value(value)})
        _resolve(value, resolved, where)
        choices = [one["value"] for one in by_name[name].get("choices", [])]
        assert not choices or value in choices, f"{value!r} is not among {choices}"
    return found


def _value(value: Option) -> Any:
    return str(value.id) if isinstance(value, Person | Channel | Role) else value


def _resolve(value: Option, resolved: Json, where: Channel) -> None:
    match value:
        case Person():
            resolved.setdefault("users", {})[str(value.id)] = value.json()
            if where.guild and (member := where.guild.members.get(value.id)):
                shown = member.json(with_user=False) | {"permissions": "0"}
                resolved.setdefault("members", {})[str(value.id)] = shown
        case Channel():
            shown = value.json() | {"permissions": str(permissions.of(BOT.id, value))}
            resolved.setdefault("channels", {})[str(value.id)] = shown
        case Role():
            resolved.setdefault("roles", {})[str(value.id)] = value.json()
