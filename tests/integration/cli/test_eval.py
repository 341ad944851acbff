"""`warmline eval`: rows in, one table out, and every bad row by its line."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import models, wiring
from bot.__main__ import app
from tests.fakes import FakeEngine


@pytest.fixture
def opened(monkeypatch, tmp_path) -> list[object]:
    """The settings that the model was opened with; it feels what the text says."""
    engine, settings_seen = FakeEngine(), []

    def feels(prompt):
        text = prompt.messages[-2].content
        words = {"sad": ("Negative", "负面"), "glad": ("Positive", "正面")}
        return {word: 30.0 for key, found in words.items() if key in text for word in found}

    engine.leaning = feels

    @asynccontextmanager
    async def open_engine(settings, model):
        settings_seen.append(settings)
        yield engine

    monkeypatch.setattr(wiring, "open_engine", open_engine)
    monkeypatch.setattr(
        models, "find_model", lambda settings: models.Model("fake-1b", settings.engine.model)
    )
    monkeypatch.setenv("WARMLINE_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return settings_seen


def written(name: str, *rows: object) -> str:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    return name


def ran(*arguments: str):
    return CliRunner().invoke(app, ["eval", *arguments], env={"COLUMNS": "200"})


ROWS = (
    {"text": "sad one", "label": "negative", "lang": "en"},
    {"text": "glad one", "label": "positive", "lang": "en"},
    {"text": "glad, or so they say", "label": "negative", "lang": "en"},
    {"text": "sad 难过", "label": "negative", "lang": "zh"},
)


def test_the_table_has_a_line_for_each_language_and_file(opened):
    result = ran(written("chat.dev.jsonl", *ROWS))
    assert result.exit_code == 0, result.output
    assert "sentiment by fake-1b, prompt " in result.stdout
    assert "| all files (en) | 3 | 66.7 |" in result.stdout
    assert "| chat (zh) | 1 | 100.0 |" in result.stdout
    assert "| negative | 1 | 0 | 2 |" in result.stdout
    assert "chat, line 3: negative, said positive (1.00): glad, or so they say" in result.stdout


def test_json_is_one_object(opened):
    result = ran(written("chat.jsonl", *ROWS), "--json")
    found = json.loads(result.stdout)
    assert found["judge"].startswith("fake-1b")
    assert [part["language"] for part in found["parts"]] == ["en", "en", "zh", "zh"]
    assert found["worst"][0]["line"] == 3


def test_another_engine_and_model_may_be_named(opened):
    assert ran(written("a.jsonl", *ROWS), "--engine", "remote", "--model", "big").exit_code == 0
    assert (opened[0].engine.kind, opened[0].engine.model) == ("remote", "big")


def test_a_limit_draws_rows_of_each_file_and_language(opened):
    found = json.loads(ran(written("a.jsonl", *ROWS), "--limit", "1", "--json").stdout)
    assert [part["rows"] for part in found["parts"]] == [1, 1, 1, 1]


def test_crisis_is_measured_by_the_rules_without_a_model(opened):
    rows = (
        {"text": "I want to die", "label": "crisis", "lang": "en"},
        {"text": "what a day", "label": "no_crisis", "lang": "en"},
        {"text": "sad one", "label": "negative", "lang": "en"},
    )
    result = ran(written("crisis.jsonl", *rows), "--task", "crisis")
    assert result.exit_code == 0, result.output
    assert "crisis by rules" in result.stdout
    assert "| crisis (en) | 3 | 100.0 | 0.0 |" in result.stdout
    assert opened == []


def test_bad_rows_are_told_before_the_model_is_looked_for(opened, monkeypatch):
    monkeypatch.setattr(models, "find_model", lambda settings: pytest.fail("it was looked for"))
    result = ran(written("bad.jsonl", *ROWS, "{", {"text": "a secret", "label": "glad"}))
    assert result.exit_code == 1
    assert "bad.jsonl, line 5: not JSON\n" in result.stderr
    assert 'bad.jsonl, line 6: its "label" must be one of positive, neutral' in result.stderr
    assert "secret" not in result.stderr


def test_a_crisis_label_is_none_of_the_moods(opened):
    result = ran(written("a.jsonl", {"text": "x", "label": "crisis"}))
    assert result.exit_code == 1
    assert "line 1" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.jsonl"], "none.jsonl cannot be read"),
        (["."], ". cannot be read"),
        (["empty.jsonl"], "there are no rows in there"),
    ],
)
def test_what_is_no_file_of_rows_is_one_sentence(opened, arguments, sentence):
    Path("empty.jsonl").write_text("\n\n")
    result = ran(*arguments)
    assert result.exit_code == 1
    assert sentence in result.stderr
