"""A PostgreSQL server of the tests' own: made in a temporary folder, on a socket in it, deleted.

Says what to install where PostgreSQL is missing. Needs no rights and no configuration; run by
root it becomes the user `postgres`, since PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALLED = Path("/usr/lib/postgresql")
NEW_CLUSTER = ("-U", "warmline", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")


class Cluster:
    """A running server. Each test gets a database of its own, called by its number."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self.folder = folder
        self._numbers = itertools.count(1)

    def url(self, database: str, user: str = "warmline") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Make an empty database and give its URL."""
        name = f"warmline_{next(self._numbers)}"
        createdb = str(self._programs / "createdb")
        _run([createdb, "-h", self.folder, "-U", "warmline", name], self.folder)
        return self.url(name)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a server and stop it at the end, whatever happens."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="warmline-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    initdb, pg_ctl = str(programs / "initdb"), str(programs / "pg_ctl")
    data = ["-D", str(folder / "data")]
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        _run([*as_user, initdb, *data, *NEW_CLUSTER], folder)
        _run([*as_user, pg_ctl, *data, "-l", folder / "log", "-w", "-o", settings, "start"], folder)
        try:
            yield Cluster(programs, folder)
        finally:
            _run([*as_user, pg_ctl, *data, "-m", "immediate", "-w", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).parent
    pytest.fail("PostgreSQL is not installed: apt-get install -y postgresql", pytrace=False)


def _run(command: Sequence[str | Path], folder: Path) -> None:
    # Not a pipe: the server would inherit it and keep it open.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(command, cwd=folder, stdout=said, stderr=said, check=False)
        if done.returncode:
            said.seek(0)
            pytest.fail(f"PostgreSQL: {command} failed:\n{said.read()}", pytrace=False)
