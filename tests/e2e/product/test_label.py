"""`warmline label` with the real model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.product.program import run

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tiny_model")]

OWNERS_TASK = """
[tasks.intent.en]
system = "You sort chat messages. Say one word: Question, Request or Chat."
labels = { question = "Question", request = "Request", chat = "Chat" }
examples = [
  { user = "what time is it in Paris?", label = "question" },
  { user = "please remind me at nine", label = "request" },
  { user = "what a day", label = "chat" },
]
"""


def test_lines_are_labelled_in_order_and_a_bad_one_is_reported(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 1, "text": "I love this"}\n{broken\n{"id": 3, "text": "我很难过"}\n')
    done = run(tmp_path / "data", "label", str(source), str(target), "--model", "tiny")
    assert done.returncode == 1
    assert "line 2" in done.stderr
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [row["id"] for row in rows] == [1, 3]
    assert all(sum(row["probabilities"].values()) == pytest.approx(1) for row in rows)


def test_an_owners_task_needs_a_prompt_and_nothing_else(tmp_path: Path) -> None:
    config, source, target = (tmp_path / n for n in ("config.toml", "in.jsonl", "out.jsonl"))
    config.write_text(OWNERS_TASK)
    source.write_text('{"text": "could you tell me where the station is?"}\n')
    arguments = ("--task", "intent", "--config", str(config), "--model", "tiny")
    done = run(tmp_path / "data", "label", str(source), str(target), *arguments)
    assert done.returncode == 0, done.stderr
    row = json.loads(target.read_text())
    assert row["label"] in ("question", "request", "chat")
    assert row["valence"] is None
