"""What the crisis benchmark counts of rules, of the model's label, and of both joined."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest

from benchmarks import crisis
from benchmarks.crisis_label import At, Looked, at, chosen, ranking, read_by
from benchmarks.crisis_rows import Seen, drawn, looked_at
from bot.crisis.finding import find
from bot.models import Model
from engine.task_table import load
from tests.fake_second_look import looks, seeing


def row(text, danger, *, negative=0.9, label=0.0, ordinary=False):
    return Looked(Seen(text, "en", danger, "", find(text), ordinary), negative, label)


ROWS = [
    row("i want to die", True, label=0.2),
    row("this is my final week", True, label=0.9),
    row("what a day", True, negative=0.1, label=0.9),
    row("so tired", False, label=0.7),
    row("what a film", False, negative=0.1, label=0.95),
]


def test_a_line_counts_rules_label_and_both_joined_by_the_products_own_rule():
    assert at("a", "en", ROWS, 0.8) == At("a", "en", 0.8, 3, 2, (1, 2, 2), (0, 1, 0), 2)
    assert at("a", "en", ROWS, 0.6).alarms == (0, 2, 1)


def test_the_threshold_is_the_least_with_few_false_alarms_of_either_sort():
    hard = [row("so tired", False, label=0.4)] + 20 * [row("fine", False)]
    ordinary = [row("so tired", False, label=0.6, ordinary=True)]
    assert chosen(hard) == 0.01, "one of 21 is borne"
    assert chosen(hard + ordinary) == 0.7
    assert chosen([row("so tired", False, label=1.0)]) is None


def test_the_ranking_is_also_told_of_what_no_rule_sees():
    assert ranking(ROWS) == "AUC of the label 0.333; of rows that no rule sees 0.500"


async def test_each_row_is_asked_for_its_mood_and_for_danger():
    engine = seeing(2.0)
    rows = [Seen("so tired", "", False, "", None), Seen("累", "zh", False, "", None)]
    found = [one async for one in read_by(engine, load(), rows)]
    assert [one.seen for one in found] == rows
    assert all(one.danger > 0.8 and one.negative > 0.8 for one in found)
    assert [prompt.messages[-2].content for prompt in looks(engine)] == ["so tired", "累"]


def test_a_bad_line_is_told_without_its_words(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "secret"}\n')
    with pytest.raises(ValueError, match=r"a\.jsonl, line 1: no row") as refused:
        looked_at(path)
    assert "secret" not in str(refused.value)


def test_a_draw_is_the_same_every_time_and_of_each_language():
    rows = [Seen(f"{n}", "en" if n % 2 else "zh", False, "", None) for n in range(20)]
    assert drawn(rows, 3) == drawn(rows, 3)
    assert [one.language for one in drawn(rows, 3)].count("en") == 3


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Three files of rows, and an engine that sees danger in nearly all that is negative."""
    written = {
        "tuned": [("i want to die", "crisis"), ("so tired", "no_crisis")],
        "other": [("我想死", "crisis")],
        "ordinary": [("what a day", "neutral")],
    }
    for name, rows in written.items():
        lines = [
            json.dumps({"text": text, "label": label, "lang": "en" if text.isascii() else "zh"})
            for text, label in rows
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n")

    @asynccontextmanager
    async def opened(settings, model):
        yield seeing(2.0)

    monkeypatch.setattr(crisis, "find_model", lambda settings: Model("fake-1b", "x"))
    monkeypatch.setattr(crisis, "open_engine", opened)
    return [str(tmp_path / f"{name}.jsonl") for name in written]


def test_the_command_shows_curve_choice_and_every_file_at_the_threshold(files, tmp_path, capsys):
    target = tmp_path / "out.json"
    assert crisis.main([*files, "--model", "tiny", "--json", str(target)]) == 0
    shown = capsys.readouterr().out
    assert "label: fake-1b, question 1" in shown
    assert "en: the threshold that is chosen is 0.9\n" in shown
    lines = [line for line in json.loads(target.read_text()) if "threshold" in line]
    at_it = [line for line in lines if line["threshold"] == 0.9 and line["language"] == "en"]
    assert [line["name"] for line in at_it] == ["tuned", "tuned", "ordinary"]
    assert [line["alarms"] for line in at_it] == [[0, 0, 0]] * 3


def test_a_threshold_that_is_given_counts_instead(files, tmp_path):
    target = tmp_path / "out.json"
    given = ["--model", "tiny", "--threshold", "en=0.75", "zh=0.75", "--json", str(target)]
    assert crisis.main([*files, *given]) == 0
    lines = [line for line in json.loads(target.read_text()) if line.get("threshold") == 0.75]
    assert [(line["name"], line["language"]) for line in lines] == [
        ("tuned", "en"),
        ("ordinary", "en"),
        ("other", "zh"),
    ]
    assert lines[0]["alarms"] == [0, 1, 1]


def test_without_a_model_the_rules_are_counted_alone(files, capsys):
    assert crisis.main([*files, "--limit", "1"]) == 0
    shown = capsys.readouterr().out
    assert "| together | all | 2 of 2" in shown
    assert "label" not in shown.replace("false alarms", "")
