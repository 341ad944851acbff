"""The baselines beside the model: what they say, and what is said where they are missing."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest

from benchmarks import accuracy
from benchmarks.accuracy import ExtraMissing, by_baseline, main, summary
from bot.labelled import Row

ROWS = [
    Row("good", "positive", "en", "a"),
    Row("bad", "negative", "en", "a"),
    Row("table", "neutral", "en", "a"),
    Row("好", "positive", "zh", "a"),
    Row("坏", "negative", "zh", "a"),
]


@pytest.fixture
def libraries(monkeypatch):
    """Both libraries, with one word each."""
    vader, snow = ModuleType("vaderSentiment.vaderSentiment"), ModuleType("snownlp")

    class Analyzer:
        def polarity_scores(self, text):
            return {"compound": {"good": 0.6, "bad": -0.6}.get(text, 0.0)}

    class SnowNLP:
        def __init__(self, text):
            self.sentiments = 0.9 if text == "好" else 0.4

    vader.SentimentIntensityAnalyzer = Analyzer  # type: ignore[attr-defined]
    snow.SnowNLP = SnowNLP  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", vader)
    monkeypatch.setitem(sys.modules, "snownlp", snow)


def test_each_baseline_reads_its_own_language_alone(libraries):
    assert [(one.row.text, one.said) for one in by_baseline("VADER", ROWS)] == [
        ("good", "positive"),
        ("bad", "negative"),
        ("table", "neutral"),
    ]
    assert [(one.row.text, one.said) for one in by_baseline("SnowNLP", ROWS)] == [
        ("好", "positive"),
        ("坏", "negative"),
    ]


def test_a_missing_extra_is_one_sentence_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "snownlp", None)
    with pytest.raises(ExtraMissing, match=r"pip install -e \"\.\[bench\]\""):
        by_baseline("SnowNLP", ROWS)


def test_rows_in_no_language_of_its_own_need_no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "snownlp", None)
    assert by_baseline("SnowNLP", ROWS[:3]) == []


def test_the_baselines_are_printed_with_their_names(libraries, monkeypatch, tmp_path, capsys):
    source, target = tmp_path / "a.jsonl", tmp_path / "out.json"
    lines = [
        json.dumps({"text": row.text, "label": row.label, "lang": row.language}) for row in ROWS
    ]
    source.write_text("\n".join(lines))
    arguments = ["accuracy", str(source), "--no-model", "--json", str(target)]
    monkeypatch.setattr(sys, "argv", arguments)
    main()
    printed = capsys.readouterr().out
    assert "| a (en) | VADER | 3 | 100.0 |" in printed
    assert "| a (zh) | SnowNLP | 2 | 100.0 |" in printed
    assert [found["judge"] for found in json.loads(target.read_text())] == ["VADER", "SnowNLP"]


def test_the_first_judge_shows_its_mistakes():
    wrong = accuracy._judged(ROWS[0], -0.5, 0.0)
    assert any("positive, said negative: good" in line for line in summary({"ours": [wrong]}))
