"""Forgetting everything reaches what tells of the person in other people's rows, and all files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from storage.admin_records import SOMEONE
from storage.receipts import Part
from storage.store import Store
from tests.integration.storage.test_forget import SECRET, _fill_more
from tests.integration.storage.values import NOON, felt, said


async def _everywhere(store: Store) -> None:
    """Ann in every table, and in what others have."""
    turn = (await store.receive(said())).turn
    await store.complete(turn.id, "hi", felt())
    for user in ("bob", "eve"):
        await store.receive(said(user_id=user, message_id=user))
        await store.grant("console", user, "owner", "")
        await store.note_crisis("console", user, "friend", NOON)
    await store.grant("console", "ann", "console", "bob")
    await store.grant("console", "bob", "console", "ann")
    await store.allow_alert("console", "ann", "console", "eve")
    await store.allow_alert("console", "bob", "console", "ann")
    await store.set_checkin("console", "ann", "ann-alone", "", 1200, "UTC", NOON, "en")
    await store.note_crisis("console", "ann", "self", NOON)
    await store.note_look("console:ann", "trend", "console:bob", "console", "bob")
    await store.note_look("console:bob", "trend", "console:ann", "console", "ann")
    await store.note_look("console:ann", "trend", "group")
    await store.note_look("owner", "trends", "console:ann")


@pytest.mark.parametrize("part", [Part.MOOD, Part.HISTORY])
async def test_a_part_ends_check_ins_and_crises_and_leaves_the_rest(store: Store, part: Part):
    await _everywhere(store)
    looks = await store.looks()
    await store.forget("console", "ann", part)
    assert await store.checkin("console", "ann") is None
    assert await store.last_crisis("console", "ann") is None
    assert await store.last_crisis("console", "bob") is not None
    assert len(await store.grants_of("console", "ann")) == 1
    assert len(await store.granted_to("console", "ann")) == 1
    assert await store.alert_to("console", "ann") == ("console", "eve")
    assert await store.alert_to("console", "bob") == ("console", "ann")
    assert await store.looks() == looks
    letters = await store.take_letters("console")
    assert {(letter.user_id, letter.facts["who"]) for letter in letters} == {
        ("ann", "console:bob"), ("bob", "console:ann")
    }  # fmt: skip


async def test_everything_takes_grants_both_ways_and_letters_and_looks_are_at_someone(store: Store):
    await _everywhere(store)
    await store.forget("console", "ann")
    assert await store.grants_of("console", "ann") == []
    assert await store.alert_to("console", "ann") is None
    assert await store.alert_to("console", "bob") is None
    assert [one.user_id for one in await store.grants_of("console", "bob")] == [""]
    assert [one.user_id for one in await store.granted_to("owner", "")] == ["bob", "eve"]
    assert [(look.who, look.about) for look in await store.looks()] == [
        ("owner", SOMEONE),
        (SOMEONE, "group"),
        ("console:bob", SOMEONE),
        (SOMEONE, "console:bob"),
    ]
    (letter,) = await store.take_letters("console")
    assert (letter.user_id, letter.facts["who"]) == ("bob", SOMEONE)
    assert [one.user_id for one in await store.everybody()] == ["bob", "eve"]


async def test_who_is_only_in_other_peoples_rows_is_forgotten_there(store: Store):
    await store.grant("console", "bob", "telegram", "7")
    await store.note_look("telegram:7", "trend", "group")
    before = await store.last_erasure()
    await store.forget("telegram", "7")
    assert await store.last_erasure() != before
    assert [one.user_id for one in await store.everybody()] == ["bob"]
    assert [look.who for look in await store.looks()] == [SOMEONE]


async def test_in_no_file_of_the_data_folder_is_a_byte_of_id_name_or_words(file: Path):
    async with await Store.open(folder=file.parent) as store:
        await _fill_more(store)
        for other in ("bob", "eve"):
            await store.receive(said(message_id=other, user_id=other))
            await store.grant("console", other, "console", SECRET)
        await store.set_zone("console", SECRET, SECRET)
        await store.grant("console", SECRET, "console", "bob")
        await store.set_checkin("console", SECRET, SECRET, SECRET, 1, SECRET, NOON, SECRET)
        await store.note_crisis("console", SECRET, "self", NOON)
        await store.note_look(f"console:{SECRET}", "trend", "console:bob", "console", "bob")
        await store.note_look("console:bob", "trend", f"console:{SECRET}", "console", SECRET)
        await store.write_letter("console", SECRET, "digest", {"week": SECRET})
        await store.allow_alert("console", "eve", "console", SECRET)
        await store.allow_alert("console", SECRET, "console", "bob")
        assert await store.write_alert("console", SECRET, "console", "bob", "self", NOON)
        assert SECRET in _all_bytes(file.parent)
        for part in Part:
            await store.forget("console", SECRET, part)
        assert SECRET not in _all_bytes(file.parent)
        assert [one.user_id for one in await store.everybody()] == ["bob", "eve"]
    assert SECRET not in _all_bytes(file.parent)


def _all_bytes(folder: Path) -> str:
    """Of every file, read by another process: see `_bytes`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    read = subprocess.run(["cat", *files], capture_output=True, check=True)
    return read.stdout.decode("latin-1")
