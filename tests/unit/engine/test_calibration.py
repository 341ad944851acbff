"""A calibration is data: it comes back from its file as it went in, and is used for its prompt."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import calibration
from engine.calibration import Calibration, CalibrationError, Key, as_toml, read
from engine.task_table import load, outdated, parse
from engine.tasks import Said, TaskError, alone, classify, told
from engine.verbalizer import Verbalizer
from tests.unit.engine.fakes import FakeEngine

numbers = st.floats(-50, 50)
scores = st.dictionaries(st.sampled_from("abcd"), numbers, min_size=2)
biases = st.dictionaries(st.sampled_from("abcd"), st.floats(-10, 10))
temperatures = st.floats(0.2, 20)
names = st.text(min_size=1, max_size=9).filter(lambda name: name.isprintable())

MINE = Key("sentiment", "en", "mine.gguf")
FITTED = Calibration(
    {"positive": 0.0, "neutral": 0.5, "negative": -1.25},
    1.5,
    3,
    "1",
    {"chat": 40, "a b": 2},
    date(2026, 1, 2),
    {"negative": {"sad": 0.0, "想念": 4.5}, "a b": {"torn": 1.5}},
    Verbalizer(
        {"Glad": [0.5, -0.25, 0.0], 'a "b"': [1.0, 2, 3]},
        {"positive": 0.5, "neutral": 0.0, "negative": -1.0},
        2.0,
    ),
    Verbalizer({"Glad": [0.5, 1.0]}, {"grief": 0.5, "other": -1.0}),
)


VERBALIZER = "[s.en.m.verbalizer]\nbiases = { a = 1, b = 2 }\ntemperature = 1"


@given(scores, biases, temperatures, st.floats(-100, 100))
def test_the_same_constant_on_all_scores_changes_nothing(said, added, temperature, constant):
    found = Calibration(added, temperature)
    moved = {label: score + constant for label, score in said.items()}
    assert found.probabilities(moved) == pytest.approx(found.probabilities(said), abs=1e-9)


@given(scores, biases, temperatures)
def test_a_temperature_never_changes_the_label(said, added, temperature):
    raw = Calibration(added).probabilities(said)
    first, second = sorted(raw.values(), reverse=True)[:2]
    assume(first - second > 1e-6)
    found = Calibration(added, temperature).probabilities(said)
    assert max(found, key=found.__getitem__) == max(raw, key=raw.__getitem__)
    assert math.fsum(found.values()) == pytest.approx(1)


def test_a_higher_temperature_is_less_sure_and_a_bias_comes_before_it():
    said = {"good": 2.0, "bad": 0.0}
    assert Calibration({"bad": 1.0}, 2.0).probabilities(said) == pytest.approx(
        {"good": 1 / (1 + math.exp(-0.5)), "bad": 1 / (1 + math.exp(0.5))}
    )


@given(names, names, st.text(max_size=9).filter(lambda text: text.isprintable()))
def test_every_name_comes_back_from_the_text(model, label, prompt):
    written = as_toml({Key("a.b", "en", model): Calibration({label: 0.25}, 2.0, 1, prompt)})
    found = tomllib.loads(written)["a.b"]["en"][model]
    assert (found["biases"], found["prompt"]) == ({label: 0.25}, prompt)


def test_several_entries_come_back_with_all_that_was_told_of_them(tmp_path):
    path = tmp_path / "calibration.toml"
    kept = {MINE: FITTED, Key("sentiment", "zh", 'a "b" \\ \x7f'): Calibration(prompt="é\x7f")}
    path.write_text(as_toml(kept), encoding="utf-8")
    assert read(path) == kept


def test_no_file_is_no_calibration(tmp_path):
    assert read(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "is no TOML: mend it or delete it"),
        ("sentiment = 5", "'sentiment' must be a table"),
        ("[sentiment]\nen = 5", "'en' must be a table"),
        ("[sentiment.en]\nmine = 5", "'mine' must be a table"),
        ("[s.en.m]\ntemperature = 0\nversion = 1", "the temperature must be above 0"),
        ("[s.en.m]\ntemperature = nan", "temperature, rows and feelings are numbers"),
        ("[s.en.m]\nbiases = { a = 'x' }", "temperature, rows and feelings are numbers"),
        ("[s.en.m]\nfeelings = { a = { b = 'x' } }", "rows and feelings are numbers"),
        ("[s.en.m]\nfeelings = { a = 3 }", "rows and feelings are tables"),
        ("[s.en.m]\nbiases = 3", "biases, rows and feelings are tables"),
        ("[s.en.m]\nprompt = 3", "a prompt, a text"),
        ("[s.en.m]\nversion = 'x'", "a version, a number"),
        ("[s.en.m]\nverbalizer = 3", "it needs weights, biases and a temperature"),
        ("[s.en.m.verbalizer]\nbiases = {}", "it needs weights, biases and a temperature"),
        (f"{VERBALIZER}\nweights = {{}}", "each word needs a weight for each of the biases"),
        (f"{VERBALIZER}\nweights = {{ Glad = [1] }}", "each word needs a weight for each"),
        (f"{VERBALIZER}\nweights = {{ Glad = ['x', 1] }}", "weights and biases are numbers"),
        (f"{VERBALIZER}\nweights = 3", "rows and feelings are tables"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence_with_its_place(tmp_path, text, said):
    path = tmp_path / "calibration.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}")
    assert said in str(error.value)


def test_a_folder_in_the_place_of_the_file_cannot_be_read(tmp_path):
    with pytest.raises(CalibrationError, match="cannot be read"):
        read(tmp_path)


def test_every_shipped_calibration_belongs_to_the_shipped_prompt_and_says_where_it_is_from():
    tasks = load()
    for key, found in read(calibration.SHIPPED).items():
        assert tasks[key.task].words(key.language).calibration(key.model) == found
        assert found.version > 0
        assert found.rows
        assert found.fitted
        assert found.biases["positive"] == 0.0
        manners = tasks[key.task].words(key.language).manners
        named = {label: set(m.feelings) for label, m in manners.items() if m.feelings}
        if key.language == "en":
            del named["positive"]  # not measured yet: docs/accuracy.md
        assert {label: set(nats) for label, nats in found.feelings.items()} == named


def test_the_shipped_file_is_written_as_a_fit_would_write_it():
    text = Path(calibration.SHIPPED).read_text(encoding="utf-8")
    assert text == as_toml(read(calibration.SHIPPED))


def test_an_owners_calibration_lies_over_the_shipped_one():
    version = load()["sentiment"].version
    [key, *_] = (key for key in read(calibration.SHIPPED) if key.language == "en")
    own = Calibration({"negative": 9.0}, 2.0, 4, version)
    words = load(own={key: own})["sentiment"].words("en")
    assert words.calibration(key.model) == own


def test_a_calibration_of_another_version_of_the_prompt_is_not_used_and_is_told():
    [key, *_] = read(calibration.SHIPPED)
    own = {key: Calibration({"negative": 9.0}, prompt="0")}
    tasks = load(own=own)
    assert tasks["sentiment"].words(key.language).calibration(key.model).prompt != "0"
    assert outdated(tasks, key.model, own=own) == [key]
    assert outdated(tasks, "another", own=own) == []
    assert outdated(load(), key.model) == []


def test_a_calibration_with_labels_that_the_task_has_not_is_not_used():
    own = {MINE: Calibration({"glad": 1.0}, prompt=load()["sentiment"].version)}
    tasks = load(own=own)
    assert tasks["sentiment"].words("en").calibration(MINE.model) == Calibration()
    assert outdated(tasks, MINE.model, own=own) == [MINE]


def test_an_owners_own_prompt_has_nothing_of_what_was_shipped_for_another():
    [key, *_] = read(calibration.SHIPPED)
    labels = ["positive", "neutral", "negative"]
    extra = {"sentiment": {key.language: {"system": "Mine.", "labels": labels}}}
    tasks = load(extra)
    assert tasks["sentiment"].words(key.language).calibration(key.model) == Calibration()
    assert outdated(tasks, key.model, extra) == []
    own = {key: Calibration({"negative": 1.0}, prompt="1")}
    assert load(extra, own)["sentiment"].words(key.language).calibration(key.model) == own[key]


async def test_a_label_tells_the_prompt_and_the_calibration_that_read_it():
    table = {"version": "2", "en": {"system": "How?", "labels": ["good", "bad"]}}
    own = {Key("mood", "en", "m"): Calibration({"bad": 3.0}, 1.0, 3, "2")}
    task = load({"mood": table}, own)["mood"]
    words = task.words("en")
    engine = FakeEngine("m", {"good": 0.6, "bad": 0.4})
    scores = await classify(engine, task, words, alone(words, "well"))
    assert (scores.label, scores.version) == ("bad", "2+c3")
    raw = await classify(
        FakeEngine("other", {"good": 0.6, "bad": 0.4}), task, words, alone(words, "")
    )
    assert (raw.label, raw.version) == ("good", "2")


async def test_more_words_tell_the_label_where_the_engine_gives_them_in_one_reading():
    table = {"version": "2", "en": {"system": "How?", "labels": ["good", "bad"], "near": ["Ugh"]}}
    weights = {"good": [1.0, 0.0], "bad": [0.0, 1.0], "Ugh": [0.0, 2.0]}
    verbalizer = Verbalizer(weights, {"good": 0.0, "bad": 0.0})
    own = {Key("mood", "en", "m"): Calibration(prompt="2", version=1, verbalizer=verbalizer)}
    task = load({"mood": table}, own)["mood"]
    words = task.words("en")
    engine = FakeEngine("m", {"good": 0.5, "bad": 0.2, "Ugh": 0.3})
    scores = await classify(engine, task, words, alone(words, "well"))
    assert engine.asked[-1][1] == ["good", "bad", "Ugh"]
    assert scores.probabilities == verbalizer.probabilities(
        {word: math.log(chance) for word, chance in engine.said.items()}
    )
    assert scores.label == "good"
    engine.wide = False
    scores = await classify(engine, task, words, alone(words, "well"))
    assert engine.asked[-1][1] == ["good", "bad"]
    assert scores.probabilities["good"] == pytest.approx(5 / 7)


def test_a_verbalizer_of_other_labels_is_not_used():
    verbalizer = Verbalizer({"Glad": [1.0]}, {"positive": 0.0})
    own = {MINE: Calibration(prompt=load()["sentiment"].version, verbalizer=verbalizer)}
    assert load(own=own)["sentiment"].words("en").calibration(MINE.model) == Calibration()


async def test_the_same_reading_tells_what_kind_of_message_it_is():
    english = {"system": "How?", "labels": ["good", "bad"], "near": ["Ugh"]}
    table = {"version": "2", "kinds": ["loss", "other"], "en": english}
    kinds = Verbalizer({"bad": [1.0, 0.0], "Ugh": [0.0, 1.0]}, {"loss": 0.0, "other": 0.0})
    own = {Key("mood", "en", "m"): Calibration(prompt="2", version=1, kinds=kinds)}
    task = load({"mood": table}, own)["mood"]
    words = task.words("en")
    engine = FakeEngine("m", {"good": 0.6, "bad": 0.3, "Ugh": 0.1})
    scores = await classify(engine, task, words, alone(words, "well"))
    assert scores.kinds["loss"] == pytest.approx(0.75)
    assert scores.probabilities["good"] == pytest.approx(2 / 3)
    engine.wide = False
    assert (await classify(engine, task, words, alone(words, "well"))).kinds == {}


async def test_a_kind_turns_a_label_as_far_as_it_is_probable():
    english = {"system": "How?", "labels": ["good", "bad"], "near": ["Ugh"]}
    turns = {"irony": {"good": "bad"}}
    table = {"version": "2", "kinds": ["irony", "other"], "turns": turns, "en": english}
    kinds = Verbalizer({"good": [0.0, 1.0], "Ugh": [1.0, 0.0]}, {"irony": 0.0, "other": 0.0})
    own = {Key("mood", "en", "m"): Calibration(prompt="2", version=1, kinds=kinds)}
    task = load({"mood": table}, own)["mood"]
    words = task.words("en")
    engine = FakeEngine("m", {"good": 0.6, "bad": 0.2, "Ugh": 0.2})
    scores = await classify(engine, task, words, alone(words, "well"))
    assert scores.kinds["irony"] == pytest.approx(0.25)
    assert scores.probabilities == pytest.approx({"good": 0.75 * 0.75, "bad": 0.25 + 0.75 * 0.25})
    engine.wide = False
    scores = await classify(engine, task, words, alone(words, "well"))
    assert scores.probabilities == pytest.approx({"good": 0.75, "bad": 0.25})


async def test_kinds_that_turn_the_same_labels_share_what_there_was():
    turns = {"irony": {"good": "bad"}, "joke": {"bad": "good"}}
    kinds = Verbalizer({"good": [0.0, 0.0, 0.0]}, {"irony": 1.0, "joke": 1.0, "other": -99.0})
    task = replace(
        parse("mood", {"en": {"system": "How?", "labels": ["good", "bad"]}}), turns=turns
    )
    said = Said({"good": math.log(0.8), "bad": math.log(0.2)}, {"good": -1.0})
    labels, _ = told(task, Calibration(kinds=kinds), said)
    assert labels == pytest.approx({"good": 0.5, "bad": 0.5})


@pytest.mark.parametrize(
    "turns",
    ["irony", {"irony": "bad"}, {"joke": {"good": "bad"}}, {"irony": {"good": "worse"}},
     {"irony": {"fine": "bad"}}, {"irony": {"good": ["bad"]}}, {"other": {"good": "bad"}}],
)  # fmt: skip
def test_what_a_kind_turns_are_labels_and_it_is_a_kind(turns):
    table = {"kinds": ["irony", "other"], "en": {"system": "How?", "labels": ["good", "bad"]}}
    with pytest.raises(TaskError, match="task mood"):
        parse("mood", {**table, "turns": turns})


async def test_biases_that_an_owner_wrote_by_hand_have_no_temperature_and_no_version():
    table = {"system": "How?", "labels": ["good", "bad"], "biases": {"m": {"bad": 3.0}}}
    task = parse("mood", {"en": table})
    words = task.words("en")
    assert words.calibration("m") == Calibration({"bad": 3.0})
    scores = await classify(
        FakeEngine("m", {"good": 0.6, "bad": 0.4}), task, words, alone(words, "")
    )
    assert (scores.label, scores.version) == ("bad", "1")
