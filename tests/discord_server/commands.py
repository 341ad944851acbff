"""The bot's slash commands, as it registers them: everywhere, and in single servers.

Checks names, descriptions and their translations as Discord does. Who may use one is in `slash`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.discord_server.access import guild_of
from tests.discord_server.calls import Call
from tests.discord_server.faults import UNKNOWN_APPLICATION, UNKNOWN_COMMAND, Refusal, form
from tests.discord_server.people import APPLICATION_ID, Json
from tests.discord_server.world import World

_NAME = re.compile(r"[-_'\w]{1,32}")
_LOCALES = (
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru "
    "uk hi th zh-CN ja zh-TW ko"
)
LOCALES = frozenset(_LOCALES.split())
_WORDS = 100
_SUBCOMMANDS = (1, 2)


class Commands:
    """`kept[guild id, or 0]` is name to command. `syncs`: how often a whole list was put."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: dict[int, dict[str, Json]] = {}
        self.syncs = 0
        everywhere = "/applications/{application}/commands"
        there = "/applications/{application}/guilds/{guild}/commands"
        self.table: dict[tuple[str, str], Callable[[Call], Any]] = {}
        for route in (everywhere, there):
            self.table |= {
                ("GET", route): lambda call: list(self._list(call).values()),
                ("PUT", route): self.put,
                ("POST", route): self.post,
                ("DELETE", route + "/{command}"): self.delete,
            }

    def find(self, guild_id: int, name: str) -> Json | None:
        """The command that a person in this server gets: the server's own, or the general one."""
        own = self.kept.get(guild_id, {}).get(name)
        return own or self.kept.get(0, {}).get(name)

    def put(self, call: Call) -> list[Json]:
        scope = self._scope(call)
        given = call.json if isinstance(call.json, list) else []
        if len(given) > 100:
            raise form("", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        for number, one in enumerate(given):
            _check(one, str(number))
        names = [one["name"] for one in given]
        if len(set(names)) < len(names):
            why = "Application command names must be unique"
            raise form("", "APPLICATION_COMMANDS_DUPLICATE_NAME", why)
        old = self.kept.get(scope, {})
        self.kept[scope] = {one["name"]: self._whole(one, scope, old) for one in given}
        self.syncs += 1
        return list(self.kept[scope].values())

    def post(self, call: Call) -> Json:
        scope = self._scope(call)
        _check(call.body, "")
        lists = self.kept.setdefault(scope, {})
        lists[call.body["name"]] = new = self._whole(call.body, scope, lists)
        return new

    def delete(self, call: Call) -> None:
        found = self._list(call)
        for name, one in found.items():
            if one["id"] == call.args["command"]:
                del found[name]
                return
        raise Refusal(UNKNOWN_COMMAND)

    def _list(self, call: Call) -> dict[str, Json]:
        return self.kept.setdefault(self._scope(call), {})

    def _scope(self, call: Call) -> int:
        if call.id("application") != APPLICATION_ID:
            raise Refusal(UNKNOWN_APPLICATION)
        return guild_of(self.world, call).id if "guild" in call.args else 0

    def _whole(self, given: Json, scope: int, old: dict[str, Json]) -> Json:
        number = old.get(given["name"], {}).get("id") or str(self.world.clock.snowflake())
        known: Json = {"type": 1, "description": "", "options": [], "nsfw": False}
        known |= {"default_member_permissions": None, "contexts": None, "integration_types": [0]}
        known |= {"name_localizations": None, "description_localizations": None}
        found = known | {key: value for key, value in given.items() if value is not None}
        found |= {"id": number, "application_id": str(APPLICATION_ID)}
        if found["default_member_permissions"] is not None:
            found["default_member_permissions"] = str(found["default_member_permissions"])
        if found["contexts"] is None and found.get("dm_permission") is False:
            found["contexts"] = [0]
        found["version"] = str(self.world.clock.snowflake())
        return found | ({"guild_id": str(scope)} if scope else {})


def _check(one: Json, at: str) -> None:
    """A command, or an option of one. `at`: its place in the form."""
    where = f"{at}." if at else ""
    if one.get("type", 1) in (2, 3) and "options" not in one and not one.get("description"):
        return  # a command of a context menu: any name, no description
    _check_name(one.get("name"), f"{where}name")
    for locale, name in (one.get("name_localizations") or {}).items():
        _check_locale(locale, f"{where}name_localizations")
        _check_name(name, f"{where}name_localizations.{locale}")
    _check_words(one.get("description"), f"{where}description")
    for locale, words in (one.get("description_localizations") or {}).items():
        _check_locale(locale, f"{where}description_localizations")
        _check_words(words, f"{where}description_localizations.{locale}")
    options = one.get("options") or []
    if len(options) > 25:
        raise form(f"{where}options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    optional = False
    for number, option in enumerate(options):
        _check(option, f"{where}options.{number}")
        if option["type"] in _SUBCOMMANDS:
            continue
        if option.get("required") and optional:
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            why = "Required options must be placed before non-required options"
            raise form(f"{where}options.{number}", code, why)
        optional = optional or not option.get("required")


def _check_name(name: Any, at: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name != name.lower():
        raise form(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_words(words: Any, at: str) -> None:
    if not isinstance(words, str) or not 1 <= len(words) <= _WORDS:
        why = f"Must be between 1 and {_WORDS} in length."
        raise form(at, "BASE_TYPE_BAD_LENGTH", why)


def _check_locale(locale: str, at: str) -> None:
    if locale not in LOCALES:
        raise form(at, "BASE_TYPE_CHOICES", f"Value must be one of {sorted(LOCALES)}.")
