"""What was forgotten, beside the database: so that a backup that is put back forgets it again.

Knows: one file of JSON lines in the data folder, mode 0600. Its first line holds a random key; each
other line stands for one erasure: whose, as an HMAC of "platform:user_id" under that key, which
part, when, and the receipt's id. Does not know: tables. Who has the file alone learns no id from
it; who has a list of ids can find out which of them are in it. All functions block: call them in a
thread.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.columns import storable
from storage.errors import TombstonesDamaged
from storage.receipts import Part, Receipt
from storage.sqlite import make_folder

FILE_NAME = "forgotten.jsonl"
FORMAT = 1
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One erasure. `whose` is the keyed hash of the person's name."""

    whose: str
    part: Part
    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the file says: the key, and the erasures in the order they were made."""

    key: bytes
    tombstones: tuple[Tombstone, ...]

    def of(self, platform: str, user_id: str) -> list[Tombstone]:
        """Those of one person."""
        whose = _hashed(self.key, f"{platform}:{user_id}")
        return [one for one in self.tombstones if hmac.compare_digest(one.whose, whose)]


class Tombstones:
    """The file `forgotten.jsonl` in a folder; it is made with the first erasure."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def add(self, receipt: Receipt) -> None:
        """Write one erasure down, so that it outlives a crash of the machine.

        Raises:
            OSError: it cannot be written.
            StorageError: the folder cannot be made, or the file's first line cannot be read.
        """
        if not self.path.exists():
            self._make()
        with self.path.open("rb+") as file:
            key = self._key(file.readline())
            line = {
                "whose": _hashed(key, receipt.person),
                "part": receipt.part,
                "at": receipt.at.isoformat(),
                "id": receipt.id,
            }
            written = json.dumps(line).encode() + b"\n"
            # A line that a crash cut short must not take this one with it.
            file.seek(-1, os.SEEK_END)
            begun = b"" if file.read(1) == b"\n" else b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, begun + written)  # In one piece: other processes append too.
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> Forgotten:
        """What was forgotten; nothing where there is no file.

        Raises:
            TombstonesDamaged: a line cannot be read.
            OSError: the file cannot be.
        """
        if not self.path.exists():
            return Forgotten(b"", ())
        first, *others = self.path.read_bytes().splitlines() or [b""]
        return Forgotten(self._key(first), tuple(self._read(others)))

    def _read(self, lines: list[bytes]) -> Iterator[Tombstone]:
        for number, line in enumerate(lines, start=2):
            try:
                values: dict[str, Any] = json.loads(line)
                at = datetime.fromisoformat(values["at"])
                yield Tombstone(values["whose"], Part(values["part"]), at, values["id"])
            except (ValueError, KeyError, TypeError) as error:
                raise TombstonesDamaged(
                    f"Line {number} of {self.path} cannot be read: delete that line, and erase "
                    "again whom it stood for, if you know."
                ) from error

    def _key(self, line: bytes) -> bytes:
        try:
            key = bytes.fromhex(json.loads(line)["key"])
        except (ValueError, KeyError, TypeError) as error:
            raise TombstonesDamaged(
                f"The first line of {self.path}, which holds its key, cannot be read: restore the "
                "file from a backup, or move it away if you have none."
            ) from error
        return key

    def _make(self) -> None:
        """Whole from its first moment: another process may be about to make it too."""
        make_folder(self.path.parent)
        beside = self.path.with_name(f".{FILE_NAME}.{secrets.token_hex(4)}")
        first = {"warmline": "forgotten", "format": FORMAT, "key": secrets.token_hex(KEY_BYTES)}
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, json.dumps(first).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(beside, self.path)
        except FileExistsError:
            pass  # The other one was first.
        except OSError:  # No hard links on this file system.
            beside.replace(self.path)
        beside.unlink(missing_ok=True)


def _hashed(key: bytes, name: str) -> str:
    return hmac.new(key, storable(name).encode(), hashlib.sha256).hexdigest()
