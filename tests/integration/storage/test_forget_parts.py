"""Forgetting a part: exactly that goes, of exactly that person, and leaves no byte of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from storage.receipts import Part
from storage.store import Store
from tests.integration.storage.test_forget import NEVER, _bytes
from tests.integration.storage.values import NOON, felt, said

NOTE = "zebranote"


async def _talk(store: Store, user: str = "ann", number: int = 0) -> int:
    """An answered, labelled, corrected message in a group with a note and a delivery."""
    message = said(f"{user} says", f"{user}{number}", user_id=user, chat_id="group", private=False)
    turn = (await store.receive(message)).turn
    await store.complete(turn.id, f"to {user}", felt(), note=NOTE)
    assert await store.correct("console", user, turn.id, "negative", -1.0)
    await store.delivery_created(message.place, "s1")
    await store.delivery_ended(message.place)
    return turn.id


async def _chosen(store: Store) -> None:
    await store.set_mood_memory("console", "ann", "on")
    await store.set_language("console", "ann", "zh")


def _rows(connection: Connection) -> dict[str, Any]:
    tables = ("people", "conversations", "turns", "labels", "corrections", "deliveries")
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables
    }


async def test_moods_go_and_the_words_and_the_choices_stay(store: Store):
    await _talk(store)
    bob = await _talk(store, "bob")
    await _chosen(store)
    receipt = await store.forget("console", "ann", Part.MOOD)
    assert (receipt.turns, receipt.labels, receipt.corrections) == (0, 1, 1)
    assert (receipt.conversations, receipt.part) == (0, Part.MOOD)
    assert await store._database.read(_rows) == {
        "people": 2, "conversations": 1, "turns": 2, "labels": 1, "corrections": 1, "deliveries": 2
    }  # fmt: skip
    exported = await store.export("console", "ann")
    (turn,) = exported["conversations"][0]["turns"]
    assert (turn["text"], turn["reply"], turn["note"]) == ("ann says", "to ann", "")
    assert (turn["labels"], turn["corrections"]) == ([], [])
    assert await store.moods("console", "ann", NOON) == []
    assert len(await store.moods("console", "bob", NOON)) == 1
    notes = {turn.id: turn.note for turn in await store.history(1, before=99, limit=9)}
    assert notes[bob] == NOTE
    assert (await store.preferences("console", "ann")).mood_memory == "on"
    again = await store.forget("console", "ann", Part.MOOD)
    assert (again.labels, again.corrections) == (0, 0)
    assert again.id != receipt.id


async def test_history_goes_and_the_choices_stay(store: Store):
    await _talk(store)
    await _talk(store, number=1)
    await store.receive(said("/forget history yes", "command"))
    await _talk(store, "bob")
    await _chosen(store)
    await store.set_carded("console", "ann")
    await store.pairing_code("console", "ann", "Ann", "CODE", NEVER)
    receipt = await store.forget("console", "ann", Part.HISTORY)
    assert (receipt.turns, receipt.labels, receipt.corrections) == (2, 2, 2)
    assert (receipt.conversations, receipt.part) == (1, Part.HISTORY)
    assert await store._database.read(_rows) == {
        "people": 2, "conversations": 1, "turns": 1, "labels": 1, "corrections": 1, "deliveries": 1
    }  # fmt: skip
    kept = await store.preferences("console", "ann")
    assert (kept.language, kept.mood_memory, kept.carded) == ("zh", "on", True)
    exported = await store.export("console", "ann")
    assert (exported["conversations"], exported["person"]["name"]) == ([], "Ann")
    assert exported["pairing"] is not None
    assert (await store.forget("console", "ann", Part.HISTORY)).turns == 0


@pytest.mark.parametrize("part", list(Part))
async def test_somebody_unknown_has_no_part(store: Store, part: Part):
    before = await store.last_erasure()
    receipt = await store.forget("console", "nobody", part)
    assert (receipt.turns, receipt.labels, receipt.conversations) == (0, 0, 0)
    assert await store.last_erasure() == before


@pytest.mark.parametrize("part", list(Part))
async def test_every_erasure_leaves_its_id_for_other_processes(store: Store, part: Part):
    assert await store.last_erasure() == ""
    await _talk(store)
    assert await store.last_erasure() == ""
    receipt = await store.forget("console", "ann", part)
    assert await store.last_erasure() == receipt.id


@pytest.mark.parametrize(
    ("part", "gone", "stays"),
    [(Part.MOOD, NOTE, "ann says"), (Part.HISTORY, "ann says", "console")],
)
async def test_no_byte_of_the_part_stays_in_the_files(
    file: Path, part: Part, gone: str, stays: str
):
    async with await Store.open(folder=file.parent) as store:
        for number in range(40):
            await _talk(store, number=number)
        assert gone in _bytes(file)
        await store.forget("console", "ann", part)
        assert gone not in _bytes(file)
        assert stays in _bytes(file)


async def test_everybody_of_whom_something_is_kept_is_named_once(store: Store):
    await store.receive(said(user_name="Ann"))
    await store.set_language("http", "bo", "en")
    await store.pairing_code("telegram", "7", "Kim", "CODE", NEVER)
    await store.pairing_code("console", "ann", "", "CODE2", NEVER)
    found = [(p.platform, p.user_id, p.name) for p in await store.everybody()]
    assert found == [("console", "ann", "Ann"), ("http", "bo", ""), ("telegram", "7", "Kim")]


@pytest.mark.parametrize("part", Part)
async def test_also_where_nothing_is_stored_other_processes_are_told_to_drop_what_they_hold(
    store: Store, part: Part
):
    await _chosen(store)
    before = await store.last_erasure()
    receipt = await store.forget("console", "ann", part)
    assert await store.last_erasure() == receipt.id != before
