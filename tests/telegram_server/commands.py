"""The command lists of the bot, one for each scope and language."""

from __future__ import annotations

import re

from tests.telegram_server.faults import Params, bad
from tests.telegram_server.people import Json

_NAME = re.compile(r"[a-z0-9_]{1,32}")


class CommandLists:
    """`kept[scope, language]` is name to description.

    A scope is "default", "all_private_chats", "chat:-1001" and so on; "" is every other language.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, str]] = {}

    def set(self, params: Params) -> bool:
        given = params.get("commands") or []
        for one in given:
            if not _NAME.fullmatch(one["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(one["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.kept[_key(params)] = {one["command"]: one["description"] for one in given}
        return True

    def get(self, params: Params) -> list[Json]:
        found = self.kept.get(_key(params), {})
        return [{"command": name, "description": words} for name, words in found.items()]

    def delete(self, params: Params) -> bool:
        self.kept.pop(_key(params), None)
        return True


def _key(params: Params) -> tuple[str, str]:
    scope = params.get("scope") or {"type": "default"}
    parts = [scope["type"], *(str(scope[key]) for key in ("chat_id", "user_id") if key in scope)]
    return ":".join(parts), str(params.get("language_code", ""))
