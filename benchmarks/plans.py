"""How a database goes about a question: which of its steps read a whole growing table.

Knows: both databases' words for it. Does not know: what is asked; the statements are listened to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from storage.store import Store

GROWING = ("turns", "labels")
"""The tables that grow with every message."""

# An alias of ours is the table's name with a number. A whole index counts as the whole table.
_TABLES = "|".join(GROWING)
_SCANS = {
    "sqlite": re.compile(rf"\bSCAN (?:{_TABLES})(?:_\d+)?\b"),
    "postgresql": re.compile(rf"\bSeq Scan on (?:{_TABLES})\b"),
}
_EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}


@dataclass(frozen=True, slots=True)
class Statement:
    """What was sent to the database."""

    text: str
    parameters: Any


@dataclass(frozen=True, slots=True)
class Plan:
    """How one statement is done, a step a line, and those of its steps that are scans."""

    statement: str
    steps: Sequence[str]
    scans: Sequence[str]


@contextmanager
def listening(store: Store) -> Iterator[list[Statement]]:
    """The statements that a store sends meanwhile, not those that begin and end transactions."""
    heard: list[Statement] = []
    engine = store._database._engine.sync_engine

    def hear(
        connection: Connection, cursor: Any, text: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if text.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            heard.append(Statement(text, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


async def plan_of(store: Store, statement: Statement) -> Plan:
    """How the store's database would do this now. Nothing is done."""

    def explained(connection: Connection) -> tuple[str, list[str]]:
        kind = connection.dialect.name
        rows = connection.exec_driver_sql(_EXPLAIN[kind] + statement.text, statement.parameters)
        return kind, [str(row[-1]) for row in rows]

    kind, steps = await store._database.read(explained)
    return Plan(statement.text, steps, [step for step in steps if _SCANS[kind].search(step)])
