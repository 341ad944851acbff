"""From a method and a path to the function that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from tests.discord_server.calls import Call
from tests.discord_server.faults import NOT_ALLOWED, NOT_FOUND, Refusal

Table = Mapping[tuple[str, str], Callable[[Call], Any]]

_NAME = re.compile(r"\{(\w+)\}")


class Routes:
    """The routes of all tables. Where two fit, the one with fewer names wins: "/users/@me"."""

    def __init__(self, *tables: Table) -> None:
        self._answers = {key: answer for table in tables for key, answer in table.items()}
        templates = {route for _, route in self._answers}
        self._patterns = [
            (route, re.compile(_NAME.sub(r"(?P<\1>[^/]+)", route)))
            for route in sorted(templates, key=lambda route: (route.count("{"), route))
        ]

    def find(self, call: Call) -> None:
        """Sets the route and the ids of a call, where its path is known."""
        for route, pattern in self._patterns:
            if found := pattern.fullmatch(call.path):
                call.route = route
                call.args = {name: unquote(value) for name, value in found.groupdict().items()}
                return

    def answer(self, call: Call) -> Any:
        """Does what the call asks. Raises `Refusal`."""
        answer = self._answers.get((call.method, call.route))
        if answer is None:
            raise Refusal(NOT_ALLOWED if call.route else NOT_FOUND)
        return answer(call)
