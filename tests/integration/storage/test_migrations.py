"""From the oldest tables, with rows in them, to today's: nothing is lost, nothing is used twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, insert

from storage import schema
from storage.address import address_of
from storage.database import Database
from storage.records import GroupMood, Preferences, State
from storage.store import Store
from tests.integration.storage.values import NOON, said

Filled = tuple[str, dict[str, Any]]
"""A table and one of its rows."""


@pytest.fixture
async def old(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database as the first Warmline left it: an answered turn, a turn that was not ended."""
    await _left_by("0001", url, monkeypatch, OLD_ROWS)
    return url


@pytest.fixture
async def second(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database as it was before there were servers: with choices, an answer on its way."""
    await _left_by("0002", url, monkeypatch, OLD_ROWS + SECOND_ROWS)
    return url


@pytest.fixture
async def third(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database as it was before a person could set a reading right."""
    await _left_by("0003", url, monkeypatch, OLD_ROWS + SECOND_ROWS)
    return url


@pytest.fixture
async def fifth(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database as it was before history was a choice of its own."""
    await _left_by("0005", url, monkeypatch, OLD_ROWS + SECOND_ROWS)
    return url


async def _left_by(
    revision: str, url: str, monkeypatch: pytest.MonkeyPatch, rows: Sequence[Filled]
) -> None:
    upgrade = command.upgrade

    def to_that_one(config: Config, head: str) -> None:
        upgrade(config, revision)

    monkeypatch.setattr(command, "upgrade", to_that_one)
    database = await Database.open(address_of(url))
    monkeypatch.undo()
    assert await database.read(schema.revisions) == {revision}
    for table, row in rows:
        await database.write(partial(_insert, table, row))
    await database.close()


def _turn(number: int, **changes: Any) -> dict[str, Any]:
    turn: dict[str, Any] = {"id": number, "conversation_id": 5, "person_id": 3, "sent_at": NOON}
    turn |= {"message_id": f"m{number}", "text": f"text {number}", "received_at": NOON}
    turn |= {"language": "en", "note": "", "reply": "", "state": "received"}
    return turn | {"attempts": 0, "failure": ""} | changes


CHAT = {"id": 5, "platform": "console", "chat_id": "ann-alone", "thread_id": "", "private": True}
ANN = {"id": 3, "platform": "console", "user_id": "ann", "name": "Ann", "language": "zh"}
READ = {"task": "sentiment", "label": "positive", "valence": 0.5, "confidence": 0.75}
OLD_ROWS: list[Filled] = [
    ("people", ANN | {"created_at": NOON}),
    ("conversations", CHAT | {"created_at": NOON}),
    ("turns", _turn(7, state="answered", reply="hi", answered_at=NOON)),
    ("turns", _turn(8)),
    (
        "labels",
        {"id": 1, "turn_id": 7, "probabilities": {"positive": 0.75}}
        | READ
        | {"model": "a", "version": "1", "created_at": NOON},
    ),
]

BOB = {"id": 4, "platform": "console", "user_id": "bob", "name": "Bob", "language": ""}
SECOND_ROWS: list[Filled] = [
    ("people", BOB | {"mood_memory": "off", "carded": True, "created_at": NOON}),
    ("turns", _turn(9, state="joined", joined_to=8)),
    (
        "deliveries",
        {"turn_id": 7, "state": "open", "sent": ["s1"], "reason": "", "updated_at": NOON},
    ),
]


def _insert(table: str, row: dict[str, Any], connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    connection.execute(insert(tables.tables[table]), row)


async def test_what_the_first_warmline_remembered_is_there_and_goes_on(old: str):
    async with await Store.open(old) as store:
        (answered,) = await store.history(5, 9, 10)
        assert (answered.id, answered.text, answered.reply) == (7, "text 7", "hi")
        assert (answered.label, answered.joined_to) == ("positive", None)
        (left,) = await store.unfinished()
        assert (left.turn.id, left.sent, left.perhaps) == (8, (), False)
        chosen = Preferences("zh", "", False, history="on")
        assert await store.preferences("console", "ann") == chosen
        assert [mood.valence for mood in await store.moods("console", "ann", NOON)] == [0.5]
        assert (await store.begin(8)).state is State.ANSWERING
        assert await store.complete(8, "hello", None)
        receipt = await store.forget("console", "ann")
        assert (receipt.turns, receipt.labels, receipt.conversations) == (2, 1, 1)


async def test_what_was_remembered_before_there_were_servers_is_there_and_goes_on(second: str):
    async with await Store.open(second) as store:
        (left,) = await store.unfinished()
        assert (left.inbound.server, left.turn.text) == ("", "text 8\ntext 9")
        assert [one.sent for one in await store.undelivered("console", NOON)] == [("s1",), ()]
        chosen = Preferences("", "off", True, history="on")
        assert await store.preferences("console", "bob") == chosen
        assert await store.server_settings("console", "") == {}
        assert await store.note("anything") == ""
        again = said(message_id="m8", private=False, server="g1")
        assert not (await store.receive(again)).new
        moods = await store.group_moods("console", "g1", NOON)
        assert moods == [GroupMood(3, NOON.date(), "ann-alone", 1, 0.5, 1, 0)]


async def test_what_was_read_before_there_were_corrections_can_be_set_right(third: str):
    async with await Store.open(third) as store:
        assert await store.correct("console", "ann", 7, "negative", -0.9)
        (reading,) = await store.readings("console", "ann", NOON)
        assert (reading.label, reading.corrected, reading.counts) == ("positive", "negative", -0.9)
        assert not await store.correct("console", "ann", 8, "negative", -0.9)


async def _down_to(revision: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(config: Config, head: str) -> None:
        command.downgrade(config, revision)

    monkeypatch.setattr(command, "upgrade", down)
    database = await Database.open(address_of(url))
    monkeypatch.undo()
    assert await database.read(schema.revisions) == {revision}
    await database.close()


async def test_one_step_down_takes_the_corrections_alone_and_up_again_goes_on(
    third: str, monkeypatch: pytest.MonkeyPatch
):
    async with await Store.open(third) as store:
        await store.correct("console", "ann", 7, "negative", -0.9)
    await _down_to("0003", third, monkeypatch)
    async with await Store.open(third) as store:
        (reading,) = await store.readings("console", "ann", NOON)
        assert (reading.text, reading.label, reading.corrected) == ("text 7", "positive", "")


async def test_who_was_told_that_messages_are_kept_keeps_them_and_who_comes_later_chooses(
    fifth: str,
):
    async with await Store.open(fifth) as store:
        assert (await store.preferences("console", "ann")).history == "on"
        await store.receive(said(user_id="eve"))
        assert (await store.preferences("console", "eve")).history == ""
        ended = await store.end_conversations(datetime.now(UTC) + timedelta(days=1), "off")
        assert (ended.deleted, ended.blanked) == (0, 0)
        (answered,) = await store.history(5, 9, 10)
        assert (answered.text, answered.reply) == ("text 7", "hi")


async def test_one_step_down_leaves_what_was_there_before_check_ins_and_up_again_goes_on(
    fifth: str, monkeypatch: pytest.MonkeyPatch
):
    async with await Store.open(fifth) as store:
        await store.set_checkin("console", "ann", "ann-alone", "", 1200, "UTC", NOON, "en")
        await store.grant("console", "ann", "console", "bob")
        await store.note_look("console:bob", "trend", "ann", "console", "ann")
        await store.note_crisis("console", "ann", "self", NOON)
        await store.set_history("console", "ann", "off")
    await _down_to("0005", fifth, monkeypatch)
    async with await Store.open(fifth) as store:
        (answered,) = await store.history(5, 9, 10)
        assert (answered.text, answered.reply, answered.label) == ("text 7", "hi", "positive")
        assert await store.preferences("console", "bob") == Preferences("", "off", True, "on")
        assert await store.checkin("console", "ann") is None
        assert await store.looks() == []
        assert [left.turn.id for left in await store.unfinished()] == [8]


async def test_labels_know_their_day_and_one_step_down_and_up_again_they_know_it_still(
    url: str, monkeypatch: pytest.MonkeyPatch
):
    late = NOON.replace(hour=23, minute=59)
    label = OLD_ROWS[-1][1] | {"id": 2, "turn_id": 10, "valence": 0.25}
    turn = _turn(10, sent_at=late, state="answered", answered_at=NOON)
    await _left_by("0006", url, monkeypatch, [*OLD_ROWS, ("turns", turn), ("labels", label)])
    async with await Store.open(url) as store:
        await store.receive(said(message_id="m7", private=False, server="g1"))
        moods = await store.group_moods("console", "g1", NOON)
    assert moods == [GroupMood(3, NOON.date(), "ann-alone", 2, 0.75, 1, 0)]
    await _down_to("0006", url, monkeypatch)
    async with await Store.open(url) as store:
        assert await store.group_moods("console", "g1", NOON) == moods


async def test_an_id_that_was_used_before_the_change_is_not_used_after_it(url: str, old: str):
    if url.startswith("postgresql"):
        return  # A server's sequence does not hang on the rows.
    with closing(sqlite3.connect(address_of(old).url.database or "")) as connection:
        connection.execute("DELETE FROM turns WHERE id = 8")
        connection.commit()
    async with await Store.open(old) as store:
        assert (await store.receive(said(message_id="m9"))).turn.id == 9


async def test_the_change_is_made_once(old: str):
    for _ in range(2):
        async with await Store.open(old) as store:
            await store.set_mood_memory("console", "ann", "on")
            assert len(await store.people()) == 1
