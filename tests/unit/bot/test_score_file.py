"""Scores are kept as they come, are found again, and are never taken for those of another model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.labelled import Row
from bot.row_scores import Scored
from bot.score_file import BadScores, ScoreFile
from engine.tasks import Manner
from tests.fakes import TASK

SCORES = {"positive": -0.5, "neutral": -2.0, "negative": -1.5}
ROW = Row("fine 好.", "negative", "en", "chat", 3, context=("my dog died", "Oh no."))


def opened(path: Path, model: str = "m", version: str = TASK.version) -> ScoreFile:
    return ScoreFile(path, replace(TASK, version=version), model)


def test_a_line_has_all_that_tells_whose_scores_they_are_and_no_text(tmp_path):
    path = tmp_path / "scores.jsonl"
    opened(path).add(Scored(ROW, SCORES))
    [line] = path.read_text(encoding="utf-8").splitlines()
    found = json.loads(line)
    assert found.pop("digest")
    assert found == {
        "file": "chat",
        "line": 3,
        "language": "en",
        "label": "negative",
        "scores": SCORES,
        "near": "",
        "words": {},
        "feelings": {},
        "task": "sentiment",
        "prompt": "7",
        "model": "m",
    }


def test_scores_are_found_again_for_the_same_words_only(tmp_path):
    path = tmp_path / "scores.jsonl"
    first = opened(path)
    first.add(Scored(ROW, SCORES))
    first.add(Scored(replace(ROW, text="other"), SCORES))
    moved, changed = replace(ROW, line=9, label="neutral"), replace(ROW, text="fine!")
    later = replace(ROW, context=())
    found = opened(path).known([ROW, moved, changed, later])
    assert found == {ROW: Scored(ROW, SCORES), moved: Scored(moved, SCORES)}


def test_feelings_are_found_again_and_asked_where_the_task_names_others(tmp_path):
    path = tmp_path / "scores.jsonl"
    felt = {"sad": -1.0, "torn": -2.5}
    opened(path).add(Scored(ROW, SCORES, felt))

    def known(*feelings: str) -> dict[Row, Scored]:
        manner = Manner(feelings, ("You sound",), ("You sound {}.",))
        english = replace(TASK.languages["en"], manners={"negative": manner})
        task = replace(TASK, languages={**TASK.languages, "en": english})
        return ScoreFile(path, task, "m").known([ROW])

    assert known("torn", "sad") == {ROW: Scored(ROW, SCORES, felt)}
    assert known("torn", "angry") == {}
    assert known("sad", "torn", "angry") == {}


def test_near_words_are_found_again_and_asked_where_the_task_has_others(tmp_path):
    path = tmp_path / "scores.jsonl"

    def file(*near: str) -> ScoreFile:
        english = replace(TASK.languages["en"], near=near)
        task = replace(TASK, languages={**TASK.languages, "en": english})
        return ScoreFile(path, task, "m")

    told = Scored(ROW, SCORES, words={"Positive": -1.0, "Ugh": -2.5})
    file("Ugh", "In two tokens").add(told)
    assert file("Ugh", "In two tokens").known([ROW]) == {ROW: told}
    assert file("Ugh").known([ROW]) == {}
    assert file().known([ROW]) == {}


def test_a_line_that_an_earlier_run_did_not_end_is_measured_again(tmp_path):
    path = tmp_path / "scores.jsonl"
    first = opened(path)
    first.add(Scored(ROW, SCORES))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    again = opened(path)
    other = replace(ROW, text="other")
    assert again.known([ROW, other]) == {ROW: Scored(ROW, SCORES)}
    again.add(Scored(other, SCORES))
    assert opened(path).known([ROW, other]).keys() == {ROW, other}
    assert path.read_bytes().startswith(whole)


@pytest.mark.parametrize(
    ("model", "version", "sentence"),
    [
        ("n", "7", "the scores are of model m, and wanted are those of n"),
        ("m", "8", "the scores are of prompt 7, and wanted are those of 8"),
    ],
)
def test_scores_of_another_model_or_prompt_are_refused(tmp_path, model, version, sentence):
    path = tmp_path / "scores.jsonl"
    opened(path).add(Scored(ROW, SCORES))
    with pytest.raises(BadScores, match=f"scores.jsonl, line 1: {sentence}: give another name"):
        opened(path, model, version)


@pytest.mark.parametrize(
    "text",
    [
        "{\n",
        "5\n",
        "a secret",
        '{"text": "a secret", "label": "positive"}\n',
        '{"scores": {"positive": 1}, "digest": "x", "task": "a", "prompt": "b", "model": "c"}\n',
        '{"scores": {"positive": 1, "neutral": 0, "negative": 0}, "digest": "x", "label": "y", '
        '"near": "", "words": {}, "feelings": [], "task": "a", "prompt": "b", "model": "c"}\n',
        '{"scores": {"positive": "x", "neutral": 0, "negative": 0}, "digest": "x", "task": "a", '
        '"near": "", "words": {}, "prompt": "b", "model": "c"}\n',
    ],
)
def test_a_file_of_something_else_is_refused_and_stays_as_it_is(tmp_path, text):
    path = tmp_path / "rows.jsonl"
    path.write_text(text)
    with pytest.raises(BadScores, match="give another name to --scores") as error:
        opened(path)
    assert "secret" not in str(error.value)
    assert path.read_text() == text


def test_what_cannot_be_read_or_written_is_one_sentence(tmp_path):
    with pytest.raises(BadScores, match="cannot be read"):
        opened(tmp_path)
    with pytest.raises(BadScores, match="cannot be written"):
        opened(tmp_path / "none" / "scores.jsonl").add(Scored(ROW, SCORES))
