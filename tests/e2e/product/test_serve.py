"""`warmline serve` with the real model: health, answers, streams, kills and restarts."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.product.program import Server, run, served

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tiny_model")]

CALLER = {"input": "I passed my driving test today!", "history": [["hi", "Hello!"]]}


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def turns(data: Path) -> list[tuple[str, str, str]]:
    with sqlite3.connect(data / "warmline.sqlite3") as database:
        rows = database.execute("select message_id, state, reply from turns order by id").fetchall()
    database.close()
    return rows


def wait_for_state(data: Path, state: str) -> None:
    deadline = time.monotonic() + 120
    while state not in [row[1] for row in turns(data)]:
        assert time.monotonic() < deadline, f"no turn became {state}"
        time.sleep(0.01)


def ask(server: Server, **body: object) -> Any:
    return server.client.post("/chat", json=body)


def ask_in_vain(server: Server, body: dict[str, str]) -> None:
    with suppress(httpx.TransportError):
        ask(server, **body)


def test_it_answers_programs_as_the_published_service_does_and_more(
    tmp_path: Path, port: int
) -> None:
    with served(tmp_path, port) as server:
        assert server.wait("loading", "ready")
        server.wait("ready")

        answer = ask(server, **CALLER).json()
        assert answer["sentiment"] in ("正面", "负面")
        assert (answer["sentiment"] == "正面") == (answer["valence"] >= 0)
        assert answer["reply"].strip()
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-6)
        assert turns(tmp_path) == []  # the caller keeps the history, Warmline keeps nothing

        with server.client.stream("POST", "/chat", json={**CALLER, "stream": True}) as stream:
            lines = [line for line in stream.iter_lines() if line]
        events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
        data = [json.loads(x.removeprefix("data: ")) for x in lines if x.startswith("data: ")]
        assert events[0] == "label"
        assert events[-1] == "done"
        text = "".join(d["delta"] for e, d in zip(events, data, strict=True) if e == "text")
        assert data[-1]["reply"] == text

        first: list[httpx.Response] = []
        second: list[httpx.Response] = []
        threads = [
            threading.Thread(
                target=lambda box, text: box.append(ask(server, input=text, user="ann")),
                args=(box, text),
            )
            for box, text in ((first, "my cat is ill"), (second, "and I am tired"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [first[0].status_code, second[0].status_code] == [200, 200]
        assert [row[1] for row in turns(tmp_path)] == ["answered", "answered"]
        assert ["card" in box[0].json() for box in (first, second)].count(True) >= 1

        crisis = ask(server, input="I want to kill myself", user="ann").json()
        assert "findahelpline" in crisis["reply"]
        question = ask(server, input="/forget", user="ann").json()["card"]
        erase = question["buttons"][0]["command"]
        assert len(turns(tmp_path)) == 4
        assert ask(server, input=erase, user="ann").json()["notice"]["code"] == "forgotten"
        assert turns(tmp_path) == []
        assert b"my cat is ill" not in (tmp_path / "warmline.sqlite3").read_bytes()


def test_a_message_whose_answer_was_killed_is_answered_after_a_restart_once(
    tmp_path: Path, port: int
) -> None:
    body = {"input": "tell me a long story about the sea", "user": "ann", "message_id": "m1"}
    with served(tmp_path, port) as server:
        server.wait("ready")
        caller = threading.Thread(target=ask_in_vain, args=(server, body))
        caller.start()
        wait_for_state(tmp_path, "answering")
        server.kill()
        caller.join()
    assert [row[:2] for row in turns(tmp_path)] == [("m1", "answering")]

    with served(tmp_path, port) as server:
        server.wait("ready")
        answer = ask(server, **body).json()["reply"]
        again = ask(server, **body).json()["reply"]
    assert answer == again
    assert turns(tmp_path) == [("m1", "answered", answer)]


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(tmp_path, "serve", "--model", "tiny", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_that_others_reach_needs_a_token(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--model", "tiny", "--host", "0.0.0.0")
    assert done.returncode == 1
    assert "WARMLINE_HTTP_TOKEN" in done.stderr
