"""What every source of a model file shares: progress, the partial file, and how a disk fails.

Knows: the values and errors of a download. Does not know: hubs, wheels, catalogues' names.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.base import EngineError

REACH_SECONDS = 9.0
"""How long a source may stay silent before it counts as out of reach."""

SPARE_BYTES = 64 * 2**20
"""What a download leaves free on the disk."""


class PullFailed(EngineError):
    """The model could not be fetched. What has arrived is kept where a next pull can use it."""


class SourceFailed(PullFailed):
    """One source could not give the file; another may."""


class DiskFull(PullFailed):
    """There is not enough room for the file."""

    def __init__(self, folder: Path, need_bytes: int) -> None:
        free = shutil.disk_usage(folder).free
        super().__init__(
            f"the disk is full: {need_bytes:,} bytes are needed and {free:,} are free in {folder}; "
            "make room, or set WARMLINE_CACHE_DIR to a folder on a larger disk"
        )
        self.need_bytes = need_bytes
        self.free_bytes = free


class FolderNotWritable(PullFailed):
    """Nothing can be written into the cache folder."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"cannot write to {folder} ({reason}); "
            "set WARMLINE_CACHE_DIR to a folder that can be written"
        )
        self.folder = folder


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is. `total_bytes` 0: not known yet. `source` is a label for the owner."""

    done_bytes: int
    total_bytes: int
    source: str


OnProgress = Callable[[Progress], None]
"""Called several times a second. An exception out of it stops the download, to go on later."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole file that is not verified yet, and the digest it must have."""

    part: Path
    sha256: str


def partial_file(folder: Path, file: str, sha256: str) -> Path:
    """Where a file grows. The digest in its name keeps bytes of other versions out."""
    return folder / f"{file}.{sha256[:12]}.part"


def check_room(folder: Path, need_bytes: int) -> None:
    """Refuse to start what cannot end.

    Raises:
        DiskFull.
    """
    if shutil.disk_usage(folder).free < need_bytes + SPARE_BYTES:
        raise DiskFull(folder, need_bytes)


@contextmanager
def disk_errors(folder: Path, need_bytes: int) -> Iterator[None]:
    """Tell a disk that fills up, or a folder that cannot be written, in one sentence each."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(folder, need_bytes) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise FolderNotWritable(folder, error.strerror or "no access") from error
        raise
