"""Labels out of many words: the sums, and that a fit finds which words tell."""

from __future__ import annotations

import math
import random

import pytest

from engine import verbalizing
from engine.verbalizer import Verbalizer
from engine.verbalizing import Heard, NoRegression, regression

LABELS = ("positive", "neutral", "negative")
FOUND = Verbalizer({"Glad": [2.0, -1.0], "Sad": [0.0, 1.0]}, {"good": 0.5, "bad": 0.0}, 2.0)


def test_a_labels_score_is_the_weighed_sum_of_the_words_less_their_mean():
    assert FOUND.scores({"Glad": -1.0, "Sad": -3.0}) == pytest.approx({"good": 2.5, "bad": -2.0})


def test_the_temperature_makes_it_less_sure_and_a_constant_changes_nothing():
    found = FOUND.probabilities({"Glad": -1.0, "Sad": -3.0})
    assert found["good"] == pytest.approx(1 / (1 + math.exp(-4.5 / 2)))
    assert FOUND.probabilities({"Glad": 9.0, "Sad": 7.0}) == pytest.approx(found)


def heard(count: int, *, telling: bool) -> list[Heard]:
    """Rows in which a word of each label, unlike the label's own, tells it; or nothing does."""
    drawn = random.Random(3)
    rows = []
    for number in range(count):
        label = LABELS[number % 3]
        said = {word: drawn.gauss(-5, 1) for word in (*LABELS, "Joy", "Bus", "Ugh")}
        for word, told in zip(("Joy", "Bus", "Ugh"), LABELS, strict=True):
            said[word] += 4.0 * (telling and told == label)
        rows.append(Heard("chat", label, said))
    return rows


def right(found: Verbalizer, rows: list[Heard]) -> float:
    said = [found.probabilities(row.said) for row in rows]
    pairs = zip(rows, said, strict=True)
    return sum(max(one, key=one.__getitem__) == row.label for row, one in pairs) / len(rows)


def test_a_fit_finds_the_words_that_tell():
    rows = heard(300, telling=True)
    found = regression(rows[:150], LABELS, list(rows[0].said))
    assert right(found, rows[150:]) > 0.9
    assert found.weights["Joy"][0] > found.weights["positive"][0]


def test_two_labels_are_told_apart_as_surely_as_three():
    rows = [row for row in heard(300, telling=True) if row.label != "neutral"]
    labels = ("positive", "negative")
    found = regression(rows[:100], labels, list(rows[0].said))
    assert right(found, rows[100:]) > 0.9
    sure = [found.probabilities(row.said)[row.label] for row in rows[:100]]
    assert sum(sure) / len(sure) > 0.6


def test_of_noise_a_fit_learns_nothing():
    rows = heard(600, telling=False)
    found = regression(rows[:300], LABELS, list(rows[0].said))
    assert 0.2 < right(found, rows[300:]) < 0.45


def test_the_order_of_the_rows_does_not_matter():
    rows = heard(60, telling=True)
    words = list(rows[0].said)
    one, other = regression(rows, LABELS, words), regression(rows[::-1], LABELS, words)
    for word in words:
        assert one.weights[word] == pytest.approx(other.weights[word], abs=1e-3)


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(verbalizing, "find_spec", lambda name: None)
    with pytest.raises(NoRegression, match=r"pip install 'warmline\[calibrate\]'"):
        regression(heard(3, telling=True), LABELS, list(LABELS))
