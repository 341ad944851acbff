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

    def __init__(self, programs: Path, folder: Path, as_user: Sequence[str] = ()) -> None:
        self._programs = programs
        self.folder = folder
        self._numbers = itertools.count(1)
        data = ("-D", str(folder / "data"))
        self._control = (*as_user, str(programs / "pg_ctl"), *data, "-w")

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        log = self.folder / "log"
        _run([*self._control, "-l", log, "-o", settings, "start"], self.folder)

    def stop(self, how: str = "fast") -> None:
        """Stop the server, and wait until it has: "fast", or "immediate" as if it fell over."""
        _run([*self._control, "-m", how, "stop"], self.folder)

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
    initdb, cluster = str(programs / "initdb"), Cluster(programs, folder, as_user)
    try:
        _run([*as_user, initdb, "-D", str(folder / "data"), *NEW_CLUSTER], folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
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
