"""A calibration's figures are those of rows that its fit had not seen."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from bot.calibrating import TooFewRows, fitted, said, tables, usable
from bot.evaluation import SENTIMENT, figures
from bot.labelled import Row
from bot.row_scores import Scored
from tests.fakes import TASK

LABELS = SENTIMENT.labels


def rows(
    count: int,
    labels: tuple[str, ...] = LABELS,
    file: str = "chat",
    language: str = "en",
    clearness: float = 3.0,
) -> list[Scored]:
    """Rows that lean to positive by two nats; with a clearness of 0 their scores tell nothing."""
    drawn = random.Random(f"{file} {language}")
    found = []
    for number in range(count):
        label = labels[number % len(labels)]
        places = {one: clearness * (one == label) + drawn.gauss(0, 1) for one in LABELS}
        scores = {one: 3.0 * places[one] + 2.0 * (one == "positive") for one in LABELS}
        row = Row(f"{label} {number}", label, language, file, number, kind=f"{number % 2}")
        found.append(Scored(row, scores))
    return found


def test_each_language_has_its_own_calibration_with_what_it_was_fitted_on():
    given = [*rows(45), *rows(30, ("negative",), "sad"), *rows(30, language="zh")]
    english, chinese = fitted(given, TASK, folds=3)
    assert (english.language, chinese.language) == ("en", "zh")
    assert english.calibration.prompt == TASK.version
    assert dict(english.calibration.rows) == {"chat": 45, "sad": 30}
    assert list(english.calibration.biases) == list(LABELS)
    assert english.calibration.biases["positive"] == 0.0
    assert english.calibration.biases["negative"] > 0.5


def test_every_row_is_held_out_once_and_stands_in_its_place():
    given = rows(40)
    [found] = fitted(given, TASK)
    assert [one.row.text for one in found.held_out] == [one.row.text for one in given]
    assert [one.row.text for one in found.raw] == [one.row.text for one in given]


def test_held_out_figures_of_noise_are_those_of_a_coin():
    [found] = fitted(rows(360, ("positive", "negative"), clearness=0.0), TASK)
    held_out = figures(found.held_out, SENTIMENT)
    assert 0.42 < held_out.accuracy < 0.58
    assert 0.42 < held_out.auc < 0.58
    assert held_out.error < 0.12


def test_a_calibration_makes_recalls_alike_and_probabilities_true_on_rows_it_has_not_seen():
    [found] = fitted(rows(450, clearness=1.0), TASK)
    before, after = figures(found.raw, SENTIMENT), figures(found.held_out, SENTIMENT)
    assert abs(before.recall_first - before.recall_second) > 0.15
    assert abs(after.recall_first - after.recall_second) < 0.1
    assert after.error < before.error / 2
    assert after.macro_f1 > before.macro_f1


def test_the_same_rows_give_the_same_fit_whatever_their_source():
    assert fitted(rows(40), TASK) == fitted(rows(40), TASK)


def test_the_table_has_each_file_before_and_after_with_the_best_threshold_beside_it():
    given = [*rows(30), *rows(20, ("negative",), "sad")]
    lines = list(tables(fitted(given, TASK, folds=2)))
    assert lines[0].endswith("| error of all | one threshold, in-sample |")
    assert len({line.count("|") for line in lines}) == 1
    named = [line.split(" | ")[:2] for line in lines[2:]]
    judges = ("the raw scores", "calibrated, held out")
    assert named == [
        [f"| {part} (en)", judge] for part in ("all files", "chat", "sad") for judge in judges
    ]
    assert lines[-1].endswith("| - |")


def with_words(given: list[Scored]) -> list[Scored]:
    """The same, with words that tell the label, and scores of the labels that do not."""
    drawn = random.Random(5)
    found = []
    for one in given:
        words = {word: drawn.gauss(-5, 1) for word in ("Joy", "Bus", "Ugh")}
        words[dict(zip(LABELS, words, strict=True))[one.row.label]] += 2.5
        scores = {label: drawn.gauss(-1, 1) for label in LABELS}
        found.append(replace(one, scores=scores, words=words))
    return found


def test_words_near_the_labels_tell_what_the_labels_do_not():
    [found] = fitted(with_words(rows(660)), TASK, folds=2)
    assert found.calibration.verbalizer is not None
    assert figures(found.held_out, SENTIMENT).accuracy > 0.85
    assert figures(found.labels_alone, SENTIMENT).accuracy < 0.7
    judges = {line.split(" | ")[1] for line in list(tables([found]))[2:]}
    assert judges == {
        "the raw scores", "the labels alone, held out", "with the words near them, held out"
    }  # fmt: skip


def test_kinds_are_told_by_words_too_where_rows_have_them():
    named = ("grief", "joy", "other")
    given = []
    for one in with_words(rows(120)):
        kind = {"negative": "grief", "positive": "joy"}.get(one.row.label, "bus")
        given.append(replace(one, row=replace(one.row, kind=kind)))
    [found] = fitted(given, replace(TASK, kinds=named), folds=2)
    kinds = found.calibration.kinds
    assert kinds
    said = [kinds.probabilities(one.words) for one in given]
    right = sum(
        max(chances, key=chances.__getitem__)
        == (one.row.kind if one.row.kind in named else "other")
        for one, chances in zip(given, said, strict=True)
    )
    assert right > 100
    assert fitted(given, TASK, folds=2)[0].calibration.kinds is None
    assert fitted(given, replace(TASK, kinds=("a", "b")), folds=2)[0].calibration.kinds is None


def of_kind(given: list[Scored], kind: str, file: str = "chat") -> list[Scored]:
    return [replace(one, row=replace(one.row, kind=kind, file=file)) for one in given]


def test_glad_rows_of_files_without_kinds_teach_that_they_have_none():
    task = replace(TASK, kinds=("grief", "other"))
    sad = of_kind(with_words(rows(30, ("negative",))), "grief")
    glad = of_kind(with_words(rows(30, ("positive",))), "", "tweets")
    [found] = fitted([*sad, *glad], task, folds=2)
    assert found.calibration.kinds is not None
    [found] = fitted([*sad, *of_kind(glad, "", "chat")], task, folds=2)
    assert found.calibration.kinds is not None
    others = of_kind(with_words(rows(30, ("neutral",))), "", "tweets")
    [found] = fitted([*sad, *others, *glad[:19]], task, folds=2)
    assert found.calibration.kinds is None


def test_rows_of_a_kind_that_turns_a_label_do_not_teach_what_it_looks_like():
    task = replace(TASK, kinds=("irony", "other"), turns={"irony": {"positive": "negative"}})
    plain = with_words(rows(330))
    ironic = [one for one in with_words(rows(120)) if one.row.label == "positive"]
    ironic = [replace(one, row=replace(one.row, label="negative")) for one in ironic]
    [found] = fitted([*plain, *of_kind(ironic, "irony")], task, folds=2)
    [without] = fitted(plain, TASK, folds=2)
    assert found.calibration.verbalizer == without.calibration.verbalizer
    assert found.calibration.biases == without.calibration.biases
    assert found.calibration.rows == {"chat": 370}


def test_words_that_some_rows_lack_and_labels_with_few_rows_are_no_ground_for_weights():
    some = with_words(rows(420))
    for given in (
        [*some[:400], *(replace(one, words={}) for one in some[400:])],
        some[:240],
        with_words(rows(420, ("positive", "negative"))),
    ):
        [found] = fitted(given, TASK, folds=2)
        assert found.calibration.verbalizer is None


def test_a_calibration_is_told_in_a_line():
    [found] = fitted(rows(30), TASK, folds=2)
    assert said(found).startswith("en: positive +0.00, neutral ")
    assert ", temperature " in said(found)


def test_half_of_what_a_feeling_gets_of_every_row_is_taken_off():
    felt = [{"sad": -1.0, "torn": -3.0}, {"sad": -1.0, "torn": -5.0}]
    given = rows(30)
    for place, table in enumerate(felt):
        given[place] = replace(given[place], row=replace(given[place].row, label="negative"))
        given[place] = replace(given[place], feelings=table)
    [found] = fitted(given, TASK, folds=2)
    assert found.calibration.feelings == {"negative": {"sad": 0.0, "torn": 1.5}}


def test_rows_in_another_language_are_left_out():
    given = [one.row for one in (*rows(30), *rows(3, language="fr"))]
    assert {row.language for row in usable(given, TASK)} == {"en"}


def test_rows_of_a_kind_that_turns_a_label_are_none_of_that_label():
    task = replace(TASK, kinds=("irony", "other"), turns={"irony": {"positive": "negative"}})
    ironic = of_kind(rows(30, ("negative",)), "irony")
    with pytest.raises(TooFewRows, match="0 rows in en are negative"):
        usable([one.row for one in (*ironic, *rows(30, ("positive",)))], task)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (rows(9, language="fr"), "no row is in a language that sentiment speaks"),
        (rows(30, ("negative",)), "0 rows in en are positive, and at least 5 are needed"),
        (rows(8, ("negative", "positive")), "4 rows in en are positive, and at least 5 are needed"),
    ],
)
def test_too_few_rows_are_said_before_anything_is_fitted(given, sentence):
    with pytest.raises(TooFewRows, match=sentence):
        usable([one.row for one in given], TASK)
