"""Runs the real `warmline` in its own process, folders and language."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 240


def environment(data: Path) -> dict[str, str]:
    """The process's environment: its own data folder, no secrets, no settings of the tester."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WARMLINE_")}
    cache = os.environ.get("WARMLINE_CACHE_DIR")
    caches = {"WARMLINE_CACHE_DIR": cache} if cache else {}
    return {**kept, **caches, "WARMLINE_DATA_DIR": str(data), "LANG": "C.UTF-8"}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot", *arguments]


def run(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One command to its end, in an empty working folder. `more` are environment variables."""
    return run_python(data, "-m", "bot", *arguments, **more)


def run_python(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, likewise."""
    data.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, *arguments],
        env={**environment(data), **more},
        cwd=data,
        text=True,
        capture_output=True,
        timeout=START_SECONDS,
        check=False,
    )


def say(data: Path, text: str, *more: str) -> dict[str, Any]:
    """`warmline chat --once TEXT --json` on the small model."""
    done = run(data, "chat", "--model", "tiny", "--once", text, "--json", *more)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


class Server:
    """A running `warmline serve`."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=START_SECONDS)

    def health(self) -> str:
        """What /healthz says, or "down"."""
        try:
            return str(self.client.get("/healthz").json()["status"])
        except httpx.TransportError:
            return "down"

    def wait(self, *states: str) -> str:
        """Wait until health is one of the states."""
        deadline = time.monotonic() + START_SECONDS
        while (state := self.health()) not in states:
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, f"still {state}"
            time.sleep(0.05)
        return state

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        self.process.kill()
        self.process.wait()


@contextmanager
def served(data: Path, port: int, *arguments: str) -> Iterator[Server]:
    """`warmline serve` on the small model, ended at the latest here."""
    data.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        command("serve", "--model", "tiny", "--port", str(port), *arguments),
        env=environment(data),
        cwd=data,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    server = Server(process, port)
    try:
        yield server
    finally:
        server.client.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=START_SECONDS)


class Program:
    """A running `warmline run`. Its log goes into a file, so that it can never block."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def end(self) -> str:
        """Ask it to stop, wait for that, and give its log."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(START_SECONDS)
        log = self._log.read_text()
        assert code == 0, log
        return log

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        self._process.kill()
        self._process.wait()


@contextmanager
def started(data: Path, config: str, **secrets: str) -> Iterator[Program]:
    """`warmline run` with these settings, ended at the latest here. `secrets`: by their names."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "config.toml").write_text(config)
    log = data / "log.txt"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("run"),
            env={**environment(data), **secrets},
            cwd=data,
            stdout=output,
            stderr=output,
        )
    try:
        yield Program(process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(START_SECONDS)
