"""All that is stored about a person, and nothing of anybody else, on both databases.

The tables are read as they are, not as the code names them: a new table or column that is left
out of the export fails here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, select

from storage.models import Base
from storage.records import Inbound
from storage.store import Store
from tests.integration.storage.values import NOON, felt, said

Plain = dict[str, Any]

OF_NOBODY = {"moves", "servers", "notes"}
"""Tables that know no person."""

Event = tuple[str, str, str]
events = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["group", "alone"]),
        st.sampled_from(
            ["answer", "correct", "join", "decline", "fail", "open", "sending", "sent"]
        ),
    ),
    max_size=14,
)


async def _happen(store: Store, events: list[Event]) -> None:
    for who in ("ann", "bob"):
        await store.unpair("console", who)
        await store.forget("console", who)
        await store.set_mood_memory("console", who, "on")
        await store.pairing_code("console", who, f"{who}'s name", f"{who}-code", _later())
    await store.approve("bob-code")
    last: dict[tuple[str, str], int] = {}
    for number, (who, chat, outcome) in enumerate(events):
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
    """Somebody's rows: those with their id, what hangs on these, and where these were said."""
    theirs: dict[str, list[Plain]] = {}
    tables = Base.metadata.sorted_tables
    for table in [table for table in tables if table.name not in OF_NOBODY | {"conversations"}]:
        theirs[table.name] = [row for row in everybodys[table.name] if _hangs(table, row, theirs)]
        if "user_id" in table.columns:
            theirs[table.name] = [row for row in everybodys[table.name] if row["user_id"] == who]
        else:
            assert table.foreign_keys, f"how does a row of {table.name} belong to a person?"
    places = {turn["conversation_id"] for turn in theirs["turns"]}
    theirs["conversations"] = [row for row in everybodys["conversations"] if row["id"] in places]
    return theirs


def _hangs(table: Table, row: Plain, theirs: dict[str, list[Plain]]) -> bool:
    return any(
        all(row[key.parent.name] == owner[key.column.name] for key in link.elements)
        for link in table.foreign_key_constraints
        for owner in theirs.get(link.referred_table.name, [])
    )


def _rows_in(exported: object) -> Iterator[Plain]:
    """Every mapping in it, however deep."""
    if isinstance(exported, dict):
        yield exported
    for value in exported.values() if isinstance(exported, dict) else exported:  # type: ignore[attr-defined]
        if isinstance(value, dict | list):
            yield from _rows_in(value)


def _stands_in(row: Plain, rows: list[Plain]) -> bool:
    plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
    return any(plain.items() <= other.items() for other in _comparable(rows, plain))


def _comparable(rows: list[Plain], plain: Plain) -> Iterator[Plain]:
    return (row for row in rows if plain.keys() <= row.keys())


@given(events=events)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_every_row_of_the_person_is_in_it_and_none_of_another(
    store: Store, events: list[Event]
):
    await _happen(store, events)
    exported = json.loads(json.dumps(await store.export("console", "ann")))
    assert exported["format"] == 1
    rows = list(_rows_in(exported))
    everybodys = await store._database.read(_everybodys)
    hers = _of("ann", everybodys)
    assert hers.keys() | OF_NOBODY == set(Base.metadata.tables)
    for name, table in everybodys.items():
        for row in table:
            assert _stands_in(row, rows) == (row in hers.get(name, [])), (name, row)
    assert "bob" not in json.dumps(exported)


async def test_it_reads_as_conversations_with_their_turns(store: Store):
    lead = (await store.receive(said("one", "1", thread_id="t"))).turn
    joined = (await store.receive(said("two", "2", thread_id="t"))).turn
    await store.join(joined.id, lead.id)
    await store.complete(lead.id, "hi", felt())
    await store.correct("console", "ann", lead.id, "neutral", 0.0)
    await store.delivery_created(said(message_id="1", thread_id="t").place, "s1")
    await store.set_carded("console", "ann")
    exported = await store.export("console", "ann")
    assert (exported["platform"], exported["user_id"]) == ("console", "ann")
    assert (exported["person"]["name"], exported["person"]["carded"]) == ("Ann", True)
    (conversation,) = exported["conversations"]
    assert (conversation["chat_id"], conversation["thread_id"]) == ("ann-alone", "t")
    first, second = conversation["turns"]
    assert (first["text"], first["reply"], first["state"]) == ("one\ntwo", "hi", "answered")
    assert first["sent_at"] == NOON.isoformat() == "2026-03-01T12:00:00+00:00"
    assert [label["label"] for label in first["labels"]] == ["positive"]
    assert [said["label"] for said in first["corrections"]] == ["neutral"]
    assert first["delivery"]["sent"] == ["s1"]
    assert (second["text"], second["state"], second["joined_to"]) == ("two", "joined", lead.id)
    assert (second["labels"], second["corrections"], second["delivery"]) == ([], [], None)


async def test_somebody_unknown_has_nothing(store: Store):
    exported = await store.export("console", "nobody")
    assert exported["person"] is None
    assert exported["conversations"] == []
    assert exported["pairing"] is None


async def test_after_an_erasure_nothing_is_left_to_hand_over(store: Store):
    await _happen(store, [("ann", "group", "sent"), ("ann", "alone", "answer")])
    await store.forget("console", "ann")
    exported = await store.export("console", "ann")
    assert (exported["person"], exported["conversations"]) == (None, [])
    assert exported["pairing"] is None
