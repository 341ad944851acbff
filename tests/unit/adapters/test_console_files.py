"""Files for the person at the terminal: private, beside what is there, whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from adapters.console_files import Unsaved, save
from adapters.messages import File
from tests.unit.adapters.fake import FILE


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_only_its_owner_may_read_it(folder):
    before = os.umask(0)
    try:
        path = save(FILE)
    finally:
        os.umask(before)
    assert path == folder / "all.json"
    assert path.read_bytes() == FILE.content
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_there_stays_and_a_number_is_added(folder):
    (folder / "all.json").write_text("mine")
    (folder / "all-2.json").symlink_to(folder / "nowhere")
    assert save(FILE) == folder / "all-3.json"
    assert save(FILE) == folder / "all-4.json"
    assert (folder / "all.json").read_text() == "mine"
    assert not (folder / "nowhere").exists()


def test_a_name_with_folders_in_it_stays_in_this_one(folder):
    assert save(File("../../etc/all.json", b"", "text/plain", "")) == folder / "all.json"


def test_a_folder_that_is_gone_is_told(folder, monkeypatch):
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(Unsaved) as caught:
        save(FILE)
    assert (caught.value.path, caught.value.reason) == (
        Path("all.json"),
        "No such file or directory",
    )


def test_a_folder_that_cannot_be_written_is_told_with_the_whole_path(folder, monkeypatch):
    def refuse(*_: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unsaved) as caught:
        save(FILE)
    assert (caught.value.path, caught.value.reason) == (folder / "all.json", "Permission denied")


def test_a_disk_that_fills_up_leaves_no_half_of_a_file(folder, monkeypatch):
    class Full:
        def __init__(self, descriptor: int, mode: str) -> None:
            self._descriptor = descriptor

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            os.close(self._descriptor)

        def write(self, content: bytes) -> None:
            os.write(self._descriptor, content[:1])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", Full)
    with pytest.raises(Unsaved, match="No space left on device"):
        save(FILE)
    assert list(folder.iterdir()) == []
