"""The file of what was forgotten: private, keyed, appended to, and never misread."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.errors import FolderUnwritable, TombstonesDamaged
from storage.receipts import Part, Receipt
from storage.tombstones import Forgotten, Tombstones

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def receipt(person: str = "console:ann", part: Part = Part.EVERYTHING, id: str = "r1") -> Receipt:
    return Receipt(person, turns=1, labels=1, conversations=1, at=NOON, id=id, part=part)


@pytest.fixture
def tombstones(tmp_path: Path) -> Tombstones:
    return Tombstones(tmp_path / "data")


def test_without_a_file_nothing_was_forgotten(tombstones: Tombstones):
    assert tombstones.read() == Forgotten(b"", ())
    assert tombstones.read().of("console", "ann") == []


def test_an_erasure_is_found_again_by_its_person_alone(tombstones: Tombstones):
    tombstones.add(receipt())
    tombstones.add(receipt("console:bob", Part.MOOD, "r2"))
    tombstones.add(receipt("console:ann", Part.HISTORY, "r3"))
    forgotten = tombstones.read()
    first, second = forgotten.of("console", "ann")
    assert (first.part, first.at, first.id) == (Part.EVERYTHING, NOON, "r1")
    assert (second.part, second.id) == (Part.HISTORY, "r3")
    assert [one.id for one in forgotten.of("console", "bob")] == ["r2"]
    assert forgotten.of("telegram", "ann") == []


def test_the_file_and_its_folder_are_private_and_nothing_is_left_beside(tombstones: Tombstones):
    before = os.umask(0)
    try:
        tombstones.add(receipt())
    finally:
        os.umask(before)
    folder = tombstones.path.parent
    assert [path.name for path in folder.iterdir()] == ["forgotten.jsonl"]
    assert (folder.stat().st_mode & 0o777, tombstones.path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_it_names_nobody_and_two_files_tell_of_nobody_in_common(tmp_path: Path):
    one, other = Tombstones(tmp_path / "one"), Tombstones(tmp_path / "other")
    for tombstones in (one, other):
        tombstones.add(receipt())
    assert "ann" not in one.path.read_text()
    whose = {json.loads(file.path.read_text().splitlines()[1])["whose"] for file in (one, other)}
    assert len(whose) == 2


def test_an_id_that_no_database_can_hold_is_found_as_it_is_stored(tombstones: Tombstones):
    tombstones.add(receipt("console:a\0\ud800"))
    assert len(tombstones.read().of("console", "a\ufffd\ufffd")) == 1


def test_a_line_that_a_crash_cut_short_is_told_and_takes_no_other_with_it(tombstones: Tombstones):
    tombstones.add(receipt())
    whole = tombstones.path.read_bytes()
    tombstones.path.write_bytes(whole[:-10])
    tombstones.add(receipt("console:bob"))
    with pytest.raises(TombstonesDamaged, match=r"Line 2 of .*forgotten\.jsonl cannot be read"):
        tombstones.read()
    lines = tombstones.path.read_bytes().splitlines(keepends=True)
    tombstones.path.write_bytes(lines[0] + lines[2])
    assert len(tombstones.read().of("console", "bob")) == 1


@pytest.mark.parametrize(
    "line", ["x", "[]", "{}", '{"whose": "a", "part": "all", "at": "2026-03-01", "id": "r"}']
)
def test_a_line_that_is_something_else_is_told(tombstones: Tombstones, line: str):
    tombstones.add(receipt())
    with tombstones.path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(TombstonesDamaged, match="Line 3 of"):
        tombstones.read()


@pytest.mark.parametrize("first", ["", "x\n", '{"key": 1}\n', '{"key": "xy"}\n'])
def test_without_its_key_nothing_is_read_or_added(tombstones: Tombstones, first: str):
    tombstones.path.parent.mkdir()
    tombstones.path.write_text(first)
    for use in (tombstones.read, lambda: tombstones.add(receipt())):
        with pytest.raises(TombstonesDamaged, match=r"first line .* cannot be read"):
            use()
    assert tombstones.path.read_text() == first


def test_where_there_are_no_hard_links_it_is_made_all_the_same(
    tombstones: Tombstones, monkeypatch: pytest.MonkeyPatch
):
    def none(*paths: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", none)
    tombstones.add(receipt())
    assert len(tombstones.read().tombstones) == 1
    assert [path.name for path in tombstones.path.parent.iterdir()] == ["forgotten.jsonl"]


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path):
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderUnwritable, match="cannot be made"):
        Tombstones(tmp_path / "data").add(receipt())
