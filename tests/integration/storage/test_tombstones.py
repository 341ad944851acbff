"""What was forgotten stays forgotten, also in a database that comes back from before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage import tombstones
from storage.admin_records import SOMEONE
from storage.errors import ErasureUnfinished, ErasureUnnoted, StorageError, TombstonesDamaged
from storage.receipts import Part, Receipt
from storage.records import Preferences
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.values import NOON, felt, said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "beside"


@pytest.fixture
async def store(url: str, folder: Path, clock: Clock) -> AsyncIterator[Store]:
    async with await Store.open(url, folder=folder, clock=clock) as store:
        yield store


async def _talk(store: Store, number: int = 1, user: str = "ann", **changes: Any) -> None:
    message = said(f"{user} {number}", f"{user}{number}", user_id=user, chat_id="group")
    turn = (await store.receive(message)).turn
    await store.complete(turn.id, "hi", felt(), note="calmer")
    await store.correct("console", user, turn.id, "neutral", 0.0)


async def _messages(store: Store, user: str = "ann") -> list[str]:
    kept = await store.export("console", user)
    return [turn["text"] for one in kept["conversations"] for turn in one["turns"]]


async def test_every_erasure_is_noted_also_of_somebody_unknown(store: Store, folder: Path):
    await _talk(store)
    receipts = [await store.forget("console", "ann", part) for part in Part]
    receipts.append(await store.forget("console", "nobody"))
    forgotten = tombstones.Tombstones(folder).read()
    assert [one.id for one in forgotten.tombstones] == [receipt.id for receipt in receipts]
    assert [one.part for one in forgotten.of("console", "ann")] == list(Part)


async def test_rows_that_came_back_are_erased_again_under_the_same_receipt(
    store: Store, clock: Clock
):
    receipt = await store.forget("console", "ann")
    clock.days_later(-1)
    await _talk(store)
    await _talk(store, user="bob")
    await store.grant("console", "bob", "console", "ann")
    await store.allow_alert("console", "ann", "console", "bob")
    await store.allow_alert("console", "bob", "console", "ann")
    await store.set_checkin("console", "ann", "c", "", 1, "UTC", NOON, "en")
    await store.note_look("owner", "trend", "console:ann", "console", "ann")
    clock.days_later(1)
    (again,) = await store.apply_tombstones()
    assert (again.id, again.part, again.at) == (receipt.id, Part.EVERYTHING, clock.now)
    assert (again.turns, again.labels, again.corrections) == (1, 1, 1)
    assert [person.user_id for person in await store.everybody()] == ["bob"]
    assert [look.about for look in await store.looks()] == [SOMEONE]
    assert await store.alert_to("console", "ann") is None
    assert await store.alert_to("console", "bob") is None
    assert await _messages(store, "bob") == ["bob 1"]
    assert await store.apply_tombstones() == []


async def test_what_is_newer_than_the_erasure_stays(store: Store, clock: Clock):
    await _talk(store, 1)
    await store.set_language("console", "ann", "zh")
    await store.set_mood_memory("console", "ann", "on")
    await store.set_history("console", "ann", "off")
    await store.grant("console", "ann", "owner", "")
    tombstone = Receipt("console:ann", 0, 0, 0, NOON, "r1")
    assert store._tombstones
    await asyncio.to_thread(store._tombstones.add, tombstone)
    clock.days_later(1)
    await _talk(store, 2)
    await store.grant("console", "ann", "console", "bob")
    await store.note_crisis("console", "ann", "self", clock.now)
    await store.allow_alert("console", "ann", "console", "eve")
    (receipt,) = await store.apply_tombstones()
    assert (receipt.turns, receipt.labels, receipt.conversations) == (1, 1, 0)
    assert await _messages(store) == ["ann 2"]
    assert [one.user_id for one in await store.grants_of("console", "ann")] == ["bob"]
    assert await store.last_crisis("console", "ann") is not None
    assert await store.alert_to("console", "ann") == ("console", "eve")
    assert await store.preferences("console", "ann") == Preferences(history="off")
    await store.set_language("console", "ann", "zh")
    assert await store.apply_tombstones() == []
    assert await store.language("console", "ann") == "zh"


@pytest.mark.parametrize("part", [Part.MOOD, Part.HISTORY])
async def test_a_part_is_a_part_again(store: Store, clock: Clock, part: Part):
    await store.forget("console", "ann", part)
    clock.days_later(-1)
    await _talk(store, 1)
    await store.set_language("console", "ann", "zh")
    clock.days_later(1)
    await _talk(store, 2)
    (receipt,) = await store.apply_tombstones()
    assert (receipt.labels, receipt.corrections, receipt.part) == (1, 1, part)
    assert await _messages(store) == (["ann 1", "ann 2"] if part is Part.MOOD else ["ann 2"])
    assert len(await store.moods("console", "ann", NOON)) == 1
    notes = [turn.note for turn in await store.history(1, 99, 9)]
    assert notes == (["", "calmer"] if part is Part.MOOD else ["calmer"])
    assert await store.language("console", "ann") == "zh"
    assert await store.apply_tombstones() == []


async def test_the_name_in_an_approved_pairing_goes_again_and_the_permission_stays(
    store: Store, clock: Clock
):
    await store.forget("console", "ann")
    clock.days_later(-1)
    for user in ("ann", "bob"):
        await store.pairing_code("console", user, user, f"code-{user}", NOON)
        await store.approve(f"code-{user}")
    clock.days_later(1)
    assert len(await store.apply_tombstones()) == 1
    assert [(one.user_id, one.name) for one in await store.everybody()] == [
        ("ann", ""), ("bob", "bob")
    ]  # fmt: skip
    assert await store.is_paired("console", "ann")


async def test_several_processes_note_into_one_file(url: str, folder: Path):
    async with (
        await Store.open(url, folder=folder) as store,
        await Store.open(url, folder=folder) as other,
    ):
        forgets = [one.forget("console", f"u{n}") for n in range(10) for one in (store, other)]
        receipts = await asyncio.gather(*forgets)
    forgotten = tombstones.Tombstones(folder).read()
    assert {one.id for one in forgotten.tombstones} == {receipt.id for receipt in receipts}
    assert all(len(forgotten.of("console", f"u{n}")) == 2 for n in range(10))


def _in_its_place(folder: Path) -> None:
    folder.write_text("a file where the folder should be")


async def test_an_erasure_that_cannot_be_noted_is_done_and_says_so(store: Store, folder: Path):
    await _talk(store)
    _in_its_place(folder)
    with pytest.raises(ErasureUnnoted, match=r"not noted for backups.*cannot be made") as caught:
        await store.forget("console", "ann")
    assert isinstance(caught.value, ErasureUnfinished)
    assert caught.value.receipt.turns == 1
    assert await _messages(store) == []


@pytest.fixture
def no_file(folder: Path) -> None:
    """A folder where the file should be."""
    (folder / tombstones.FILE_NAME).mkdir(parents=True)


@pytest.mark.usefixtures("no_file")
async def test_a_file_that_cannot_be_written_is_told_with_its_path(store: Store):
    with pytest.raises(ErasureUnnoted, match=r"forgotten\.jsonl cannot be written \(Is a dir"):
        await store.forget("console", "ann")
    with pytest.raises(StorageError, match=r"forgotten\.jsonl cannot be read \(Is a dir"):
        await store.apply_tombstones()


async def test_a_damaged_file_is_told_before_anything_is_erased(store: Store, folder: Path):
    await store.forget("console", "ann")
    await _talk(store)
    with (folder / tombstones.FILE_NAME).open("a") as file:
        file.write("x\n")
    with pytest.raises(TombstonesDamaged, match="Line 3"):
        await store.apply_tombstones()
    assert await _messages(store) == ["ann 1"]


async def test_a_server_without_a_folder_of_ours_has_nowhere_to_note(url: str):
    async with await Store.open(url) as store:
        await store.forget("console", "ann")
        assert await store.apply_tombstones() == []
        assert (store._tombstones is None) == url.startswith("postgresql")


async def test_a_cancelled_erasure_is_noted_all_the_same(store: Store, folder: Path):
    await _talk(store)
    task = asyncio.create_task(store.forget("console", "ann"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(tombstones.Tombstones(folder).read().tombstones) == 1
