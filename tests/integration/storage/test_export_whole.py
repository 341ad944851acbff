"""All that is stored about a person, and nothing of anybody else, on both databases.

The tables are read as they are, not as the code names them: a new table or column that is left
out of the export fails here. A row refers to a person when it hangs on their row, however far,
when a pair of its columns is their platform and id, or when a column is "platform:id".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, select

from storage.models import Base
from storage.records import Inbound
from storage.store import Store
from tests.integration.storage.values import NOON, felt, said

Plain = dict[str, Any]

OF_NOBODY = {"moves", "servers", "notes", "admin_keys"}
"""Tables that know no person."""

HIDDEN = {
    "grants": {"person_id"},
    "alerts": {"person_id"},
    "audit": {"about", "platform", "user_id"},
}
"""What of a row that refers to somebody else too may be hidden: who gave, whom they looked at."""

NEVER_SHOWN = {"alerts": {"to_platform", "to_user_id"}}
"""What is hidden from the row's own person too: who the responder is, is told to nobody."""

Event = tuple[str, str, str]
SAID = ("answer", "correct", "join", "decline", "fail", "open", "sending", "sent")
DONE = (
    "checkin", "grant", "granted", "letter", "crisis", "look", "looked", "look at all", "quiet",
    "alert", "alerted", "allowed",
)  # fmt: skip
events = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["group", "alone"]),
        st.sampled_from([*SAID, *DONE]),
    ),
    max_size=20,
)


async def happen(store: Store, events: list[Event]) -> None:
    """All of that, to people of whom nothing was kept before."""
    for who in ("ann", "bob"):
        await store.unpair("console", who)
        await store.forget("console", who)
        await store.set_mood_memory("console", who, "on")
        await store.pairing_code("console", who, f"{who}'s name", f"{who}-code", _later())
    await store.approve("bob-code")
    last: dict[tuple[str, str], int] = {}
    for number, (who, chat, outcome) in enumerate(events):
        if outcome in DONE:
            await _do(store, who, outcome, number)
            continue
        message = _message(number, who, chat)
        turn = (await store.receive(message)).turn
        match outcome:
            case "answer" | "sent" | "correct":
                await store.complete(turn.id, f"{who} hi {number}", felt(), note=f"{who} is calmer")
                if outcome == "correct":
                    assert await store.correct("console", who, turn.id, f"{who}'s word", -0.9)
            case "join" if (who, chat) in last:
                await store.join(turn.id, last[who, chat])
            case "decline":
                await store.decline(turn.id, "crisis", f"{who} fixed {number}")
            case "fail":
                await store.fail(turn.id, "engine_failed")
        if outcome in ("sending", "sent"):
            await store.delivery_creating(message.place)
            await store.delivery_created(message.place, f"{who}-sent-{number}")
        if outcome == "sent":
            await store.delivery_ended(message.place, f"{who} blocked us")
        last[who, chat] = turn.id
    await store.move_chat("console", "an old group", "group")


async def _do(store: Store, who: str, done: str, number: int) -> None:
    """Something that is no message, of one of the two."""
    match done:
        case "checkin":
            minute = number % 1440
            await store.set_checkin("console", who, f"{who}-c", "", minute, who, NOON, "en")
        case "grant":
            await store.grant("console", who, "telegram", str(number))
        case "granted":
            await store.grant("console", "eve", "console", who)
        case "letter":
            await store.write_letter("console", who, "digest", {"week": f"{who}-{number}"})
        case "crisis":
            await store.note_crisis("console", who, "self", _later())
        case "look":
            await store.note_look(f"console:{who}", f"trend {number}", "at eve", "console", "eve")
        case "looked":
            await store.note_look("owner", f"trend {number}", f"console:{who}", "console", who)
            await store.note_look("owner", f"trends {number}", f"console:{who}")
        case "look at all":
            await store.note_look(f"console:{who}", f"trend {number}", "discord g1")
        case "alert":
            await store.allow_alert("console", who, "telegram", str(number))
        case "alerted":
            await store.set_carded("telegram", "5")
            await store.allow_alert("console", who, "telegram", "5")
            await store.write_alert("console", who, "telegram", "5", "self", _later())
        case "allowed":
            await store.allow_alert("console", f"eve{number}", "console", who)
        case "quiet":
            await store.end_conversations(_later(), "ask")


def _later() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def _message(number: int, who: str, chat: str) -> Inbound:
    chat_id = "group" if chat == "group" else f"{who}-alone"
    text = f"{who} says 长 {number}"
    return said(text, f"{who}-m{number}", chat_id=chat_id, user_id=who, user_name=f"{who}'s name")


def _everybodys(connection: Connection) -> dict[str, list[Plain]]:
    """Every row of every table."""
    return {
        name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for name, table in Base.metadata.tables.items()
    }


def _of(who: str, everybodys: dict[str, list[Plain]]) -> dict[str, list[Plain]]:
    """The rows that refer to somebody, and where these were said."""
    theirs: dict[str, list[Plain]] = {}
    tables = Base.metadata.sorted_tables
    for table in [table for table in tables if table.name not in OF_NOBODY | {"conversations"}]:
        pairs = _pairs(table)
        assert pairs or table.foreign_keys, f"how does a row of {table.name} belong to a person?"
        theirs[table.name] = [
            row
            for row in everybodys[table.name]
            if _hangs(table, row, theirs)
            or any((row[platform], row[user_id]) == ("console", who) for platform, user_id in pairs)
            or f"console:{who}" in row.values()
        ]
    places = {turn["conversation_id"] for turn in theirs["turns"]}
    theirs["conversations"] = [row for row in everybodys["conversations"] if row["id"] in places]
    return theirs


def _pairs(table: Table) -> list[tuple[str, str]]:
    """The columns that name a person by platform and id, whatever stands before these words."""
    names = {column.name for column in table.columns}
    return [
        (name.removesuffix("user_id") + "platform", name)
        for name in names
        if name.endswith("user_id") and name.removesuffix("user_id") + "platform" in names
    ]


def _hangs(table: Table, row: Plain, theirs: dict[str, list[Plain]]) -> bool:
    return any(
        all(row[key.parent.name] == owner[key.column.name] for key in link.elements)
        for link in table.foreign_key_constraints
        for owner in theirs.get(link.referred_table.name, [])
    )


def _shown(table: str, row: Plain, who: str, person_id: int) -> Plain:
    """What of a row that refers to somebody has to be there."""
    own = row.get("person_id") == person_id or row.get("user_id") in (who, "")
    hidden = NEVER_SHOWN.get(table, set()) if own else HIDDEN.get(table, set())
    return {name: value for name, value in row.items() if name not in hidden}


def _rows_in(exported: object) -> Iterator[Plain]:
    """Every mapping in it, however deep."""
    if isinstance(exported, dict):
        yield exported
    for value in exported.values() if isinstance(exported, dict) else exported:  # type: ignore[attr-defined]
        if isinstance(value, dict | list):
            yield from _rows_in(value)


def _stands_in(row: Plain, rows: list[Plain]) -> bool:
    plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()}
    return any(plain.items() <= other.items() for other in _comparable(rows, plain))


def _comparable(rows: list[Plain], plain: Plain) -> Iterator[Plain]:
    return (row for row in rows if plain.keys() <= row.keys())


@given(events=events)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_every_row_of_the_person_is_in_it_and_none_of_another(
    store: Store, events: list[Event]
):
    await happen(store, events)
    exported = json.loads(json.dumps(await store.export("console", "ann")))
    assert exported["format"] == 2
    rows = list(_rows_in(exported))
    everybodys = await store._database.read(_everybodys)
    hers = _of("ann", everybodys)
    assert hers.keys() | OF_NOBODY == set(Base.metadata.tables)
    (person_id,) = [row["id"] for row in everybodys["people"] if row["user_id"] == "ann"]
    for name, table in everybodys.items():
        for row in table:
            referring = row in hers.get(name, [])
            shown = _shown(name, row, "ann", person_id) if referring else row
            assert _stands_in(shown, rows) == referring, (name, row)
    assert "bob" not in json.dumps(exported)
