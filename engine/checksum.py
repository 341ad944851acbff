"""Whether a model file is the right one: its size, its SHA-256, and the mark that it was checked.

Knows: one file and the digest it must have. Does not know: catalogues, sources, engines.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.base import ModelUnusable


class ModelDamaged(ModelUnusable):
    """A model's file was not the one it should be. It has been deleted and was never loaded."""

    def __init__(self, name: str, what: str, expected: str, got: str) -> None:
        super().__init__(
            f"the file of {name} was not the right one and is deleted: "
            f"{what} expected {expected}, got {got}"
        )
        self.name = name
        self.expected = expected
        self.got = got


def verify(path: Path, name: str, sha256: str, size_bytes: int = 0) -> None:
    """Check size (unless 0) and SHA-256 of the file of model `name`; delete it if either is wrong.

    Raises:
        ModelDamaged.
    """
    size = path.stat().st_size
    if size_bytes and size != size_bytes:
        discard(path)
        raise ModelDamaged(name, "size", f"{size_bytes:,} bytes", f"{size:,}")
    with path.open("rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if got != sha256:
        discard(path)
        raise ModelDamaged(name, "SHA-256", sha256[:12], got[:12])


def discard(path: Path) -> None:
    """Delete a model file and the mark beside it, as far as the folder lets us."""
    for doomed in (path, _mark_path(path)):
        with suppress(OSError):
            doomed.unlink(missing_ok=True)


def mark(path: Path, sha256: str) -> None:
    """Note that a file was verified. A folder that cannot be written only costs the next start."""
    seen = _Mark.now(path, sha256)
    target = _mark_path(path)
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    with suppress(OSError):
        beside.write_text(f"{seen.sha256} {seen.size_bytes} {seen.mtime_ns}\n", encoding="ascii")
        beside.replace(target)


def marked(path: Path) -> str:
    """The SHA-256 that a file had when it was last verified, "" if it never was."""
    seen = _read_mark(path)
    return seen.sha256 if seen else ""


def unchanged(path: Path, sha256: str) -> bool:
    """Whether a file was verified to have this digest and has kept size and time since."""
    return _read_mark(path) == _Mark.now(path, sha256)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a verified file looked like: kept, so that a start need not hash a gigabyte again."""

    sha256: str
    size_bytes: int
    mtime_ns: int

    @classmethod
    def now(cls, path: Path, sha256: str) -> _Mark:
        state = path.stat()
        return cls(sha256, state.st_size, state.st_mtime_ns)


def _mark_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _read_mark(path: Path) -> _Mark | None:
    try:
        sha256, size, mtime = _mark_path(path).read_text(encoding="ascii").split()
        return _Mark(sha256, int(size), int(mtime))
    except (OSError, ValueError):
        return None
