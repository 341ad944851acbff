"""Files for the person at the terminal: written where they stand, for their eyes alone.

Knows: names, file modes. Does not know: what is in a file, or any sentence.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from adapters.messages import File


class Unsaved(Exception):
    """A file could not be written: where, and the system's own reason."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def save(file: File, folder: Path | None = None) -> Path:
    """Write a file into the folder (the current one where none is named), with mode 600.

    What is there stays: a number is added to the name.

    Raises:
        Unsaved: it is not there, and nothing of it.
    """
    path = (folder or Path()) / Path(file.name).name
    try:
        path = path.absolute()  # fails where the folder was deleted
        return _write(path, file.content)
    except OSError as error:
        raise Unsaved(path, error.strerror or type(error).__name__) from error


def _write(wanted: Path, content: bytes) -> Path:
    path, descriptor = _created(wanted)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def _created(wanted: Path) -> tuple[Path, int]:
    """A file that nobody else has made: the first free name, and its descriptor."""
    names = _names(wanted)
    while True:
        path = next(names)
        try:
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue


def _names(wanted: Path) -> Iterator[Path]:
    yield wanted
    yield from (wanted.with_stem(f"{wanted.stem}-{number}") for number in count(2))
