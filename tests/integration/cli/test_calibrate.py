"""`warmline calibrate`: rows in, figures out, and a calibration in the data folder."""

from __future__ import annotations

import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import calibrate as benchmark
from bot import models, wiring
from bot.__main__ import app
from engine import calibration
from engine.calibration import Key
from engine.task_table import load
from tests.fakes import FakeEngine

LEANING = 3.0
"""What this model adds to positive, whatever is said to it."""


@pytest.fixture
def engine(monkeypatch, tmp_path) -> FakeEngine:
    """The model of every command; it feels what the text says, and leans to positive."""
    engine = FakeEngine()

    def feels(prompt):
        text = prompt.messages[-2].content
        words = {"sad": ("Negative", "负面"), "glad": ("Positive", "正面"), "so so": ("Neutral",)}
        sure = 1.0 + int(text.split()[-1]) / 10
        said = {word: sure for key, found in words.items() if key in text for word in found}
        return said | {word: said.get(word, 0.0) + LEANING for word in ("Positive", "正面")}

    engine.leaning = feels

    @asynccontextmanager
    async def open_engine(settings, model):
        yield engine

    monkeypatch.setattr(wiring, "open_engine", open_engine)
    monkeypatch.setattr(
        models, "find_model", lambda settings: models.Model("fake-1b", settings.engine.model)
    )
    monkeypatch.setenv("WARMLINE_CONFIG", "")
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return engine


@pytest.fixture
def rows() -> str:
    """A file of three moods in English and two in Chinese."""
    moods = {"sad": "negative", "glad": "positive", "so so": "neutral"}
    lines = [
        {"text": f"{mood} {number}", "label": label, "lang": language}
        for number in range(12)
        for mood, label in moods.items()
        for language in ("en", "zh")
        if language == "en" or label != "neutral"
    ]
    Path("chat.dev.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return "chat.dev.jsonl"


def ran(*arguments: str, command: str = "calibrate"):
    return CliRunner().invoke(app, [command, *arguments], env={"COLUMNS": "200"})


def test_the_figures_are_printed_and_the_calibration_is_written_and_used(engine, rows):
    result = ran(rows)
    assert result.exit_code == 0, result.output
    version = load()["sentiment"].version
    assert f"sentiment by fake-1b, prompt {version}, 5 folds" in result.stdout
    assert "| chat (en) | the raw scores | 36 | 50.0 |" in result.stdout
    assert "| chat (en) | calibrated, held out | 36 | 100.0 |" in result.stdout
    target = Path("data/calibration.toml").absolute()
    assert f"Written to {target}: en, version 1." in result.stdout
    found = calibration.read(target)
    assert list(found) == [Key("sentiment", "en", "fake-1b"), Key("sentiment", "zh", "fake-1b")]
    assert all(entry.biases["negative"] > 1.0 for entry in found.values())
    assert [list(entry.feelings) for entry in found.values()] == [["negative", "positive"]] * 2
    assert "| chat (en) | 36 | 100.0 |" in ran(rows, command="eval").stdout


def test_scores_that_are_kept_are_not_asked_again(engine, rows):
    given = (rows, "--scores", "scores.jsonl", "--limit", "20", "--dry-run")
    first = ran(*given)
    asked = len(engine.scored)
    assert asked > 40  # each row's label; and the feelings of those that a reply names
    assert ran(*given).stdout == first.stdout
    assert len(engine.scored) == asked
    assert ran(rows, "--scores", "scores.jsonl").exit_code == 0
    assert len(engine.scored) > asked + 20
    assert len(Path("scores.jsonl").read_text().splitlines()) == 60


def test_scores_that_cannot_be_written_end_the_command_with_a_sentence(engine, rows):
    result = ran(rows, "--scores", "none/scores.jsonl")
    assert result.exit_code == 1
    assert "none/scores.jsonl cannot be written" in result.stderr
    assert not Path("data").exists()


def test_feelings_that_were_fitted_before_are_kept_and_not_asked_again(engine, rows):
    assert ran(rows).exit_code == 0
    asked = len(engine.scored)
    before = calibration.read(Path("data/calibration.toml"))
    assert ran(rows, "--keep-feelings").exit_code == 0
    assert len(engine.scored) - asked == 60  # the labels' readings alone
    after = calibration.read(Path("data/calibration.toml"))
    assert [one.feelings for one in after.values()] == [one.feelings for one in before.values()]


def test_a_dry_run_writes_no_calibration(engine, rows):
    assert ran(rows, "--dry-run").stdout.endswith("Not written.\n")
    assert not Path("data").exists()


def test_rows_in_a_language_that_the_task_does_not_speak_are_left_out(engine, rows):
    more = [{"text": "glad 1", "label": "positive", "lang": "fr"}] * 3
    Path("more.jsonl").write_text("\n".join(map(json.dumps, more)))
    result = ran(rows, "more.jsonl")
    assert "3 rows are left out: sentiment does not speak their language" in result.stderr
    assert "(fr)" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.jsonl"], "none.jsonl cannot be read"),
        (["chat.dev.jsonl", "--limit", "6"], "are positive, and at least 5 are needed"),
        (["chat.dev.jsonl", "--scores", "chat.dev.jsonl"], "give another name to --scores"),
    ],
)
def test_what_cannot_be_fitted_is_one_sentence(engine, rows, arguments, sentence):
    result = ran(*arguments)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert engine.scored == []


def test_another_task_is_refused(engine, rows):
    result = ran(rows, "--task", "crisis")
    assert result.exit_code == 2
    assert "only sentiment can be calibrated, not 'crisis'" in result.stderr


def test_the_benchmark_writes_what_is_shipped_and_prints_the_same_table(
    engine, rows, monkeypatch, capsys, tmp_path
):
    shipped = tmp_path / "shipped.toml"
    shipped.write_text(calibration.SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(benchmark, "SHIPPED", shipped)
    before = calibration.read(shipped)
    monkeypatch.setattr(sys, "argv", ["calibrate", rows, "--scores", "scores.jsonl"])
    benchmark.main()
    assert "| chat (en) | calibrated, held out | 36 | 100.0 |" in capsys.readouterr().out
    written = calibration.read(shipped)
    assert written.keys() - before.keys() == {
        Key("sentiment", "en", "fake-1b"),
        Key("sentiment", "zh", "fake-1b"),
    }
    assert not Path("data").exists()


def test_the_benchmark_says_what_is_wrong_in_a_sentence(engine, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["calibrate", "none.jsonl"])
    with pytest.raises(SystemExit, match=r"none\.jsonl cannot be read"):
        benchmark.main()
