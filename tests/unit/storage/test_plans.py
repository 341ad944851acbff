"""No question to the memory reads a whole growing table: SQLite says so of every statement.

Each method of the Store is asked once, on a small file; that a table is small changes no plan.
"""

from __future__ import annotations

import asyncio
import inspect
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, UniqueConstraint

from benchmarks.plans import GROWING, Statement, listening, plan_of
from storage.address import FILE_NAME, address_of
from storage.database import Database, _engine
from storage.door import tombstones_of
from storage.models import Base
from storage.receipts import Part
from storage.records import Place
from storage.store import Store
from tests.integration.storage.values import NOON, felt, said

ANN = ("console", "ann")
HERE = said().place
LATER = NOON + timedelta(days=1)

Call = Callable[[Store], Awaitable[object]]

CALLS: dict[str, Call] = {
    "add_admin_key": lambda s: s.add_admin_key("link", "hash", LATER),
    "admin_session": lambda s: s.admin_session("hash"),
    "alert_to": lambda s: s.alert_to(*ANN),
    "allow_alert": lambda s: s.allow_alert(*ANN, "console", "bob"),
    "apply_tombstones": lambda s: _twice_forgotten(s),
    "approve": lambda s: s.approve("code"),
    "begin": lambda s: s.begin(1),
    "checkin": lambda s: s.checkin(*ANN),
    "claim_checkin": lambda s: _claimed(s),
    "claim_note": lambda s: s.claim_note("key"),
    "complete": lambda s: s.complete(2, "hi", felt()),
    "conversations_of": lambda s: s.conversations_of(*ANN),
    "correct": lambda s: s.correct(*ANN, 1, "neutral", 0.0),
    "counts": lambda s: s.counts(NOON),
    "crises": lambda s: s.crises(NOON),
    "decline": lambda s: s.decline(2, "command"),
    "delivery_created": lambda s: s.delivery_created(HERE, "s1"),
    "delivery_creating": lambda s: s.delivery_creating(HERE),
    "delivery_ended": lambda s: s.delivery_ended(HERE),
    "delivery_not_created": lambda s: s.delivery_not_created(HERE),
    "due_checkins": lambda s: s.due_checkins("console"),
    "edit": lambda s: s.edit(Place("console", "ann-alone", "", "m2"), "hello there"),
    "end_admin_session": lambda s: s.end_admin_session("hash"),
    "end_alert": lambda s: s.end_alert(*ANN),
    "end_checkin": lambda s: s.end_checkin(*ANN),
    "end_crises": lambda s: s.end_crises("ask", 30),
    "end_conversations": lambda s: _ended(s),
    "everybody": lambda s: s.everybody(),
    "export": lambda s: s.export(*ANN),
    "fail": lambda s: s.fail(2, "engine_failed"),
    "forget": lambda s: _forgotten(s),
    "grant": lambda s: s.grant(*ANN, "console", "bob"),
    "granted_to": lambda s: s.granted_to("console", "bob"),
    "grants_of": lambda s: s.grants_of(*ANN),
    "group_moods": lambda s: s.group_moods("console", "g1", NOON, "group"),
    "groups": lambda s: s.groups(),
    "history": lambda s: s.history(1, 9, 5),
    "is_known": lambda s: s.is_known(*ANN),
    "is_paired": lambda s: s.is_paired(*ANN),
    "join": lambda s: s.join(3, 2),
    "language": lambda s: s.language(*ANN),
    "last_answered": lambda s: s.last_answered("console", "ann-alone", "", "ann"),
    "last_crisis": lambda s: s.last_crisis(*ANN),
    "last_erasure": lambda s: s.last_erasure(),
    "last_heard": lambda s: s.last_heard("console", NOON),
    "looks": lambda s: s.looks(),
    "mood_memory": lambda s: s.mood_memory(*ANN),
    "moods": lambda s: s.moods(*ANN, NOON, 1, corrected=True),
    "move_chat": lambda s: s.move_chat("console", "ann-alone", "elsewhere"),
    "note": lambda s: s.note("key"),
    "note_crisis": lambda s: s.note_crisis(*ANN, "self", NOON),
    "note_look": lambda s: s.note_look("owner", "trend", "all", *ANN),
    "pairing_code": lambda s: s.pairing_code(*ANN, "Ann", "code", LATER),
    "people": lambda s: s.people(),
    "preferences": lambda s: s.preferences(*ANN),
    "reading": lambda s: s.reading(*ANN, 1),
    "readings": lambda s: s.readings(*ANN, NOON),
    "receive": lambda s: s.receive(said(message_id="m9")),
    "replace_reply": lambda s: s.replace_reply(1, "hello"),
    "return_checkin": lambda s: _claimed(s),
    "return_letter": lambda s: _returned(s),
    "revoke": lambda s: s.revoke(*ANN, "console", "bob"),
    "revoke_all": lambda s: s.revoke_all(*ANN),
    "server_settings": lambda s: s.server_settings("console", "g1"),
    "set_carded": lambda s: s.set_carded(*ANN),
    "set_checkin": lambda s: s.set_checkin(*ANN, "ann-alone", "", 600, "UTC", NOON, "en"),
    "set_history": lambda s: s.set_history(*ANN, "off"),
    "set_language": lambda s: s.set_language(*ANN, "en"),
    "set_mood_memory": lambda s: s.set_mood_memory(*ANN, "on"),
    "set_note": lambda s: s.set_note("key", "value"),
    "set_server_settings": lambda s: s.set_server_settings("console", "g1", {}),
    "set_zone": lambda s: s.set_zone(*ANN, "UTC"),
    "sweep": lambda s: s.sweep(-400 * 365),
    "take_letters": lambda s: s.take_letters("console"),
    "undelivered": lambda s: s.undelivered("console", NOON),
    "unfinished": lambda s: s.unfinished("console"),
    "unpair": lambda s: s.unpair(*ANN),
    "use_admin_link": lambda s: s.use_admin_link("hash"),
    "words": lambda s: s.words(2),
    "write_alert": lambda s: _alerted(s),
    "write_letter": lambda s: s.write_letter(*ANN, "looked", {}),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an answered turn, two open ones, and one of a group."""
    folder = tmp_path_factory.mktemp("filled")

    async def fill() -> None:
        async with await Store.open(folder=folder, clock=lambda: LATER) as store:
            for number in (1, 2, 3):
                await store.receive(said(message_id=f"m{number}"))
            await store.complete(1, "hi", felt())
            await store.receive(said(chat_id="group", private=False, server="g1"))
            await store.complete(4, "hi", felt())

    asyncio.run(fill())
    return folder / FILE_NAME


@pytest.fixture
async def store(filled: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store on a copy of it, opened without the checks of a start."""
    shutil.copy(filled, tmp_path / FILE_NAME)
    address = address_of(folder=tmp_path)
    database = Database(address, _engine(address, {"isolation_level": None}))
    async with Store(database, lambda: LATER, tombstones_of(address, tmp_path)) as store:
        yield store


def test_every_method_of_the_store_is_asked():
    methods = inspect.getmembers(Store, inspect.iscoroutinefunction)
    assert {name for name, _ in methods if not name.startswith("_")} - {"open", "close"} == {*CALLS}


@pytest.mark.parametrize("name", sorted(CALLS))
async def test_no_whole_growing_table_is_read(store: Store, name: str):
    with listening(store) as heard:
        await CALLS[name](store)
    assert heard
    plans = [await plan_of(store, statement) for statement in heard]
    assert [(plan.statement, plan.scans) for plan in plans if plan.scans] == []


async def test_a_statement_that_reads_a_whole_table_would_be_found(store: Store):
    for text in (
        "SELECT * FROM turns WHERE text = ?",
        "SELECT valence FROM labels WHERE model > ?",
    ):
        assert (await plan_of(store, Statement(text, ("a",)))).scans


def test_what_hangs_on_a_row_that_is_deleted_is_found_by_an_index():
    for table in Base.metadata.tables.values():
        for link in table.foreign_key_constraints:
            if table.name in GROWING or link.referred_table.name in GROWING:
                assert any(_begins(link.column_keys, index) for index in _indexes(table)), link.name


def _begins(columns: Sequence[str], index: Sequence[str]) -> bool:
    return [*index[: len(columns)]] == [*columns]


def _indexes(table: Table) -> list[list[str]]:
    unique = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    kept = [table.primary_key.columns, *unique, *(index.columns for index in table.indexes)]
    return [[column.name for column in columns] for columns in kept]


async def _alerted(store: Store) -> None:
    await store.set_carded("console", "bob")
    await store.allow_alert(*ANN, "console", "bob")
    assert await store.write_alert(*ANN, "console", "bob", "self", NOON)


async def _claimed(store: Store) -> None:
    await store.set_checkin(*ANN, "ann-alone", "", 600, "UTC", NOON, "en")
    (due,) = await store.due_checkins("console")
    claimed = await store.claim_checkin(due, LATER)
    assert claimed
    await store.return_checkin(claimed, NOON)


async def _ended(store: Store) -> None:
    await store.set_history(*ANN, "off")
    assert await store.end_conversations(LATER + timedelta(days=1), "off")


async def _forgotten(store: Store) -> None:
    for part in (Part.MOOD, Part.HISTORY, Part.EVERYTHING):
        await store.forget(*ANN, part)


async def _twice_forgotten(store: Store) -> None:
    await store.receive(said(user_id="bob", message_id="bobs"))
    await store.forget(*ANN)
    await store.receive(said(message_id="again"))
    await store.apply_tombstones()


async def _returned(store: Store) -> None:
    await store.write_letter(*ANN, "looked", {})
    (letter,) = await store.take_letters("console")
    await store.return_letter(letter)
