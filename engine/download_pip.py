"""One running pip that fetches one wheel, watched from outside and quiet.

Knows: pip's command line, where its bytes appear while it works, what of its output may be shown.
Does not know: which wheels make up a model, what is in them. Installs and imports nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

from engine.download_base import REACH_SECONDS, SourceFailed

_QUIET = ("--no-input", "--disable-pip-version-check", "--no-cache-dir")


def check_reach(distribution: str, work: Path) -> None:
    """Ask the package index for one distribution's versions.

    Raises:
        SourceFailed: the index is out of reach, or does not know the distribution.
    """
    arguments = ("index", "versions", distribution, *_QUIET, "--retries", "1", "--timeout", "4")
    with PipRun(arguments, work) as run:
        try:
            run.process.wait(REACH_SECONDS)
        except subprocess.TimeoutExpired:
            raise SourceFailed(f"out of reach (silent for {REACH_SECONDS:.0f} s)") from None
        run.raise_for_failure()


class PipRun:
    """A pip at work in a folder of its own, which goes with it. Use as a context manager."""

    def __init__(self, arguments: tuple[str, ...], work: Path) -> None:
        work = work.resolve()
        self._work = work
        self._temporary = work / "tmp"
        self._arrived = work / "out"
        shutil.rmtree(work, ignore_errors=True)
        self._temporary.mkdir(parents=True)
        self._arrived.mkdir()
        self._errors = work / "stderr"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
                [sys.executable, "-m", "pip", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP"), str(self._temporary))},
            )

    @classmethod
    def download(cls, requirement: str, work: Path) -> PipRun:
        """Begin to fetch the wheel of an exact version, without what it depends on."""
        wanted = ("download", "--no-deps", "--only-binary=:all:", "-d", str(work / "out"))
        patience = ("--retries", "2", "--timeout", "30", "--progress-bar", "off", "--quiet")
        return cls((*wanted, *_QUIET, *patience, requirement), work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(2.0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self._work, ignore_errors=True)

    def bytes_so_far(self) -> int:
        """Bytes fetched until now. pip writes to its temporary folder first, then copies."""
        return max(_bytes_under(self._temporary), _bytes_under(self._arrived))

    def wheel(self) -> Path:
        """The wheel that arrived.

        Raises:
            SourceFailed: pip failed.
        """
        self.raise_for_failure()
        wheels = list(self._arrived.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceFailed("pip brought no wheel")
        return wheels[0]

    def raise_for_failure(self) -> None:
        """Turn a failed run into one line.

        Raises:
            SourceFailed; OSError (ENOSPC): the disk was full.
        """
        if self.process.returncode == 0:
            return
        output = self._errors.read_text(encoding="utf-8", errors="replace")
        if "[Errno 28]" in output:
            raise OSError(28, "No space left on device")
        if "Retrying (" in output:
            raise SourceFailed("out of reach (no connection)")
        raise SourceFailed(last_meaningful_line(output))


def last_meaningful_line(output: str) -> str:
    """What pip says went wrong, with nothing of an address but its host."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    told = (errors or lines or ["pip failed without a word"])[-1]
    return mask(told.removeprefix("ERROR:").strip())[:300]


def mask(line: str) -> str:
    """Drop user, password, path and query from every address: any of them may hold a secret."""
    return re.sub(r"(\w+://)(?:\S*@)?([^\s/?#'\"@]*)\S*", r"\1\2", line)


def _bytes_under(folder: Path) -> int:
    total = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(directory) / name).stat().st_size
            except FileNotFoundError:  # pip moved it meanwhile
                continue
    return total
