"""Whether a file is a GGUF model at all: its first four bytes, nothing of what they promise."""

from __future__ import annotations

from pathlib import Path

from engine.base import ModelUnusable

_MAGIC = b"GGUF"


def check_gguf(path: Path) -> None:
    """Look at a file's first bytes.

    Raises:
        ModelUnusable: the file cannot be read, or is something else.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ModelUnusable(f"the model file {path} cannot be read: {reason}") from error
    if magic != _MAGIC:
        raise ModelUnusable(f"{path} is not a GGUF model file")
