"""Puts an invented world into an empty database that Warmline has made, as fast as that goes.

Knows: the columns that a turn needs. Does not know: what is asked of it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from benchmarks.world import PLATFORM, Said, World

Table = tuple[str, tuple[str, ...]]

PEOPLE: Table = (
    "people",
    ("id", "platform", "user_id", "name", "language", "created_at", "mood_memory", "carded"),
)
CONVERSATIONS: Table = (
    "conversations",
    ("id", "platform", "chat_id", "thread_id", "private", "created_at", "server_id"),
)
TURNS: Table = (
    "turns",
    (
        *("id", "conversation_id", "person_id", "message_id", "text", "state", "sent_at"),
        *("received_at", "language", "note", "reply", "answered_at", "attempts", "failure"),
        "speaker",
    ),
)
LABELS: Table = (
    "labels",
    (
        *("turn_id", "task", "label", "probabilities", "valence", "confidence", "model"),
        *("version", "created_at", "conversation_id", "person_id", "said_on"),
    ),
)
AT_ONCE = 20_000
CLEAR = 1 / 3

Row = tuple[object, ...]


def rows(world: World) -> Iterator[tuple[Table, list[Row]]]:
    """All rows of the world, some at a time, in an order that no link is before its end."""
    began = world.until
    yield (
        PEOPLE,
        [
            (n, PLATFORM, f"u{n}", f"Person {n}", "", began, "on", True)
            for n in range(1, world.people + 1)
        ],
    )
    chats = world.chats()
    yield (
        CONVERSATIONS,
        [(c.id, PLATFORM, c.chat_id, "", c.private, began, c.server) for c in chats],
    )
    private = {chat.id for chat in chats if chat.private}
    some: list[Said] = []
    for said in world.said():
        some.append(said)
        if len(some) == AT_ONCE:
            yield from _both(some, private)
            some = []
    yield from _both(some, private)


def _both(some: Sequence[Said], private: set[int]) -> Iterator[tuple[Table, list[Row]]]:
    yield TURNS, [_turn(said, said.chat in private) for said in some]
    yield LABELS, [_label(said) for said in some]


def _turn(said: Said, private: bool) -> Row:
    speaker = "" if private else f"Person {said.person}"
    return (
        *(said.id, said.chat, said.person, f"m{said.id}", said.text, "answered", said.at),
        *(said.at, "en", "", said.text * 2, said.at, 1, "", speaker),
    )


def _label(said: Said) -> Row:
    valence = said.valence
    sign = (valence > CLEAR) - (valence < -CLEAR)
    label = ("neutral", "positive", "negative")[sign]
    parts = (max(0.0, valence), 1 - abs(valence), max(0.0, -valence))
    shares = dict(zip(("positive", "neutral", "negative"), parts, strict=True))
    return (
        *(said.id, "sentiment", label, json.dumps(shares), valence, max(parts)),
        *("qwen2.5-coder-1.5b-instruct-q4_k_m", "7", said.at),
        *(said.chat, said.person, said.at.date()),
    )


def fill_sqlite(path: Path, world: World) -> None:
    """Fill a file whose tables are there and empty."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        for (table, columns), some in rows(world):
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                (tuple(map(_as_sqlite, row)) for row in some),
            )
            connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def fill_postgresql(url: str, world: World) -> None:
    """Fill a database whose tables are there and empty, and let it look at itself once.

    The server's own housekeeping does that within minutes of so many inserts.
    """
    asyncio.run(_fill_postgresql(url, world))


async def _fill_postgresql(url: str, world: World) -> None:
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(url)
    try:
        for (table, columns), some in rows(world):
            await connection.copy_records_to_table(table, columns=columns, records=some)
        for table in ("people", "conversations", "turns", "labels"):
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _as_sqlite(value: object) -> object:
    """A time and a day as SQLAlchemy writes them."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
