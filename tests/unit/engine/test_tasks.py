"""Tasks are data: the shipped ones are whole, a wrong table says what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.base import Message
from engine.scoring import calibrate
from engine.task_table import load, parse
from engine.tasks import LabelTask, Manner, TaskError, alone, classify
from tests.unit.engine.fakes import FakeEngine

INTENT: dict[str, Any] = {"system": "What is meant?", "labels": ["ask", "tell"]}
EXAMPLE = {"user": "hello", "label": "ask"}


def intent(**changed: object) -> LabelTask:
    return parse("intent", {"en": INTENT | changed})


SHIPPED = load()


@pytest.mark.parametrize("task", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_task_speaks_english_and_chinese_with_the_same_labels_and_notes(task):
    english, chinese = task.words("en"), task.words("zh")
    assert english is not chinese
    assert list(english.labels) == list(chinese.labels)
    assert english.notes.keys() == chinese.notes.keys()
    assert task.valence.keys() <= english.labels.keys()
    assert all(-1 <= value <= 1 for value in task.valence.values())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("task", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_task_shows_only_its_own_labels_and_notes(task, language):
    words = task.words(language)
    assert len(set(words.labels.values())) == len(words.labels)
    assert {example.label for example in words.examples} <= words.labels.keys()
    assert {example.note for example in words.examples} <= {"", *words.notes.values()}
    for calibration in words.calibrations.values():
        assert calibration.biases.keys() <= words.labels.keys()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentiment_names_and_shows_each_label_and_places_it(language):
    task = SHIPPED["sentiment"]
    words = task.words(language)
    assert dict(task.valence) == {"positive": 1, "neutral": 0, "negative": -1}
    assert all(word in words.system for word in words.labels.values())
    assert {example.label for example in words.examples} == words.labels.keys()


def test_the_prefix_is_the_system_line_and_then_the_examples_in_turns():
    words = intent(
        opening="[", closing="]", notes={"up": ", up"}, examples=[EXAMPLE | {"reply": " Hi."}]
    ).words("en")
    assert words.prefix() == (
        Message("system", "What is meant?"),
        Message("user", "hello"),
        Message("assistant", " Hi.", ("[", "ask", "]")),
    )
    assert words.asked() == Message("assistant", "", ("[",))
    assert words.answered("tell", ", up") == Message("assistant", "", ("[", "tell", ", up", "]"))


def test_the_prompt_for_one_text_shares_the_prefix_and_ends_where_the_label_comes():
    words = SHIPPED["sentiment"].words("en")
    prompt = alone(words, "I lost it")
    assert prompt.messages[: prompt.shared] == words.prefix()
    assert prompt.messages[prompt.shared :] == (Message("user", "I lost it"), words.asked())
    assert prompt.conversation == ""


def test_an_owner_adds_a_task_of_two_labels_without_examples_or_brackets():
    task = load({"intent": {"en": INTENT}})["intent"]
    words = task.words("en")
    assert words.labels == {"ask": "ask", "tell": "tell"}
    assert words.prefix() == (Message("system", "What is meant?"),)
    assert words.asked() == Message("assistant", "")
    assert task.version == "1"
    assert task.valence == {}


def test_an_owner_sets_from_where_on_a_label_counts_for_a_model():
    assert intent(thresholds={"m": 0.5}).words("en").thresholds == {"m": 0.5}
    assert intent().words("en").thresholds == {}


TELLING = {"asked": ["You are"], "told": ["You seem {}."]}


def test_a_reply_may_be_guided_by_its_label():
    table = {"feelings": ["fine", "torn"], **TELLING}
    assert intent(manners={"tell": table}).words("en").manners == {
        "tell": Manner(("fine", "torn"), ("You are",), ("You seem {}.",))
    }
    assert intent().words("en").manners == {}


def test_an_owners_task_of_the_same_name_replaces_the_shipped_one():
    tasks = load({"sentiment": {"version": 7, "en": INTENT}})
    assert tasks["sentiment"].version == "7"
    assert list(tasks["sentiment"].languages) == ["en"]


def test_a_language_that_a_task_does_not_speak_falls_back_to_its_first():
    task = parse("intent", {"fr": INTENT, "de": INTENT | {"system": "Was?"}})
    assert task.words("zh") is task.words("fr")
    assert task.words("de").system == "Was?"


def wrong(**table: object):
    """A wrong [tasks.intent.en], and what the error must say."""
    return {"en": INTENT | table}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "task intent: give it at least one language, as in [tasks.intent.en]"),
        ({"valence": {"ask": 1.0}}, "task intent: give it at least one language"),
        ({"en": 5}, "task intent.en: a table is needed here"),
        ({"versoin": "2", "en": INTENT}, "task intent.versoin: a table is needed here"),
        (wrong(sytem="x"), "task intent.en: unknown key 'sytem'; it takes biases, closing"),
        ({"en": {"system": "x"}}, "task intent.en: 'labels' must hold at least two labels"),
        (wrong(labels=["ask"]), "task intent.en: 'labels' must hold at least two"),
        (wrong(labels="ask"), "task intent.en: 'labels' must hold at least two"),
        (wrong(labels={"ask": "Ask"}), "task intent.en: 'labels' must hold at least two"),
        ({"en": {"labels": ["a", "b"]}}, "task intent.en: 'system' must be the text"),
        (wrong(system=5), "task intent.en: 'system' must be the text"),
        (wrong(examples=[{"user": "x"}]), "task intent.en: an example needs a 'label' out of ask"),
        (
            wrong(examples=[EXAMPLE | {"label": "no"}]),
            "an example needs a 'label' out of ask, tell",
        ),
        (wrong(examples=[{"label": "ask"}]), "intent.en: an example needs the text of its 'user'"),
        (
            wrong(examples=[EXAMPLE | {"lable": "x"}]),
            "task intent.en.examples: unknown key 'lable'",
        ),
        (wrong(biases={"m": 5}), "task intent.en: 'biases' must give each label a number"),
        (wrong(biases={"m": {"ask": "5"}}), "task intent.en: 'biases' must give each label"),
        ({"valence": 5, "en": INTENT}, "task intent: 'valence' must give each label a number"),
        ({"valence": {"ask": "high"}, "en": INTENT}, "task intent: 'valence' must give each"),
        ({"valence": {"ask": True}, "en": INTENT}, "task intent: 'valence' must give each"),
    ],
)
def test_a_wrong_table_is_refused_with_the_task_and_the_key(table, said):
    with pytest.raises(TaskError) as refused:
        parse("intent", table)
    assert said in str(refused.value)
    assert "intent" in str(refused.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (wrong(labels={"a": 1, "b": 2}), "'labels'"),
        (wrong(labels={"a": "X", "b": "X"}), "'labels'"),
        (wrong(labels=["a", "b", "a"]), "'labels'"),
        (wrong(labels=["a", ""]), "'labels'"),
        (wrong(opening=5), "'opening'"),
        (wrong(notes="x"), "'notes'"),
        (wrong(biases=5), "'biases'"),
        (wrong(thresholds=5), "'thresholds'"),
        (wrong(manners={"tell": {"asked": "I see"}}), "'asked'"),
        (wrong(manners={"tell": {"told": ["I see."]}}), "'told'"),
        (wrong(manners={"tell": {"feelings": {"fine": 0.5}}}), "'feelings'"),
        (wrong(manners={"tell": {"feelings": ["fine", "torn"]}}), "'feelings'"),
        (wrong(manners={"tell": {**TELLING, "feelings": ["torn", "torn"]}}), "'feelings'"),
        (wrong(manners={"tell": {**TELLING, "feelings": ["torn"]}}), "'feelings'"),
        (wrong(manners={"tell": {"closers": [""]}}), "'closers'"),
        (wrong(manners={"tell": {"sentences": -1}}), "'sentences'"),
        (wrong(manners={"tell": {"temperature": 3}}), "'temperature'"),
        (wrong(manners={"tell": {"volume": 3}}), "'volume'"),
        (wrong(manners={"sing": {}}), "'manners' names 'sing'"),
        (wrong(thresholds={"m": 0}), "'thresholds'"),
        (wrong(thresholds={"m": 1.5}), "'thresholds'"),
        (wrong(thresholds={"m": "0.5"}), "'thresholds'"),
        (wrong(biases={"m": {"aks": 1.0}}), "'aks'"),
        (wrong(examples=5), "'examples'"),
        (wrong(examples=[5]), "examples: a table"),
        (wrong(examples=[EXAMPLE | {"label": []}]), "'label'"),
        (wrong(examples=[EXAMPLE | {"reply": 5}]), "'reply'"),
        ({"valence": {"aks": 1.0}, "en": INTENT}, "'aks'"),
        ({"valence": {"ask": float("nan")}, "en": INTENT}, "'valence'"),
    ],
)
def test_a_value_of_the_wrong_kind_or_of_an_unknown_label_is_refused_too(table, said):
    with pytest.raises(TaskError) as refused:
        parse("intent", table)
    assert said in str(refused.value)


MOOD = parse(
    "mood",
    {
        "version": "3",
        "valence": {"good": 1.0, "bad": -0.5},
        "en": {
            "system": "How is it?",
            "labels": {"good": "Fine", "so_so": "Meh", "bad": "Awful"},
            "biases": {"measured": {"bad": 2.0}},
        },
    },
)
SAID = {"Fine": 0.5, "Meh": 0.2, "Awful": 0.3}


async def labelled(model: str):
    engine = FakeEngine(model, SAID)
    words = MOOD.words("en")
    prompt = alone(words, "well")
    scores = await classify(engine, MOOD, words, prompt)
    assert engine.asked == [(prompt, ["Fine", "Meh", "Awful"])]
    return scores


async def test_classify_gives_canonical_labels_with_what_produced_them():
    scores = await labelled("new")
    assert scores.probabilities == pytest.approx({"good": 0.5, "so_so": 0.2, "bad": 0.3})
    assert (scores.label, scores.confidence) == ("good", pytest.approx(0.5))
    assert scores.valence == pytest.approx(0.5 - 0.5 * 0.3)
    assert (scores.task, scores.model, scores.version) == ("mood", "new", "3")


async def test_classify_takes_the_biases_that_were_measured_for_this_model_alone():
    scores = await labelled("measured")
    unbiased = {"good": -0.6931, "so_so": -1.6094, "bad": -1.2040}
    assert scores.probabilities == pytest.approx(calibrate(unbiased, {"bad": 2.0}), abs=1e-3)
    assert scores.label == "bad"
    assert sum(scores.probabilities.values()) == pytest.approx(1)


async def test_a_task_without_valence_has_none():
    engine = FakeEngine("new", {"ask": 0.9, "tell": 0.1})
    task = intent()
    scores = await classify(engine, task, task.words("en"), alone(task.words("en"), "well"))
    assert (scores.label, scores.valence) == ("ask", 0.0)
