"""The figures are those that scikit-learn and scipy give, and say nothing of nothing."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, f1_score, recall_score, roc_auc_score

from engine.metrics import (
    auc,
    best_accuracy,
    calibration_error,
    confusion,
    f1,
    macro_f1,
    recall,
    share,
    wilson,
)

LABELS = ("positive", "neutral", "negative")


def drawn(seed: int, rows: int = 200) -> list[tuple[str, str]]:
    """Truths and labels that agree more often than not."""
    rng = random.Random(seed)
    truths = rng.choices(LABELS, (5, 2, 3), k=rows)
    return [(truth, truth if rng.random() < 0.7 else rng.choice(LABELS)) for truth in truths]


@pytest.mark.parametrize("seed", range(5))
def test_recall_and_f1_are_scikit_learns(seed):
    pairs = drawn(seed)
    truths, said = zip(*pairs, strict=True)
    counts = confusion(pairs)
    for place, label in enumerate(LABELS):
        of_label = {"labels": [label], "average": None}
        assert recall(counts, label) == pytest.approx(recall_score(truths, said, **of_label)[0])
        assert f1(counts, label) == pytest.approx(f1_score(truths, said, **of_label)[0])
        row = confusion_matrix(truths, said, labels=LABELS)[place]
        assert [counts.get((label, other), 0) for other in LABELS] == list(row)
    expected = f1_score(truths, said, labels=LABELS, average="macro")
    assert macro_f1(counts, LABELS) == pytest.approx(expected)


def test_a_label_that_is_never_right_has_no_f1_and_one_without_rows_no_recall():
    counts = confusion([("positive", "negative")])
    assert f1(counts, "positive") == 0.0
    assert f1(counts, "neutral") == 0.0
    assert recall(counts, "positive") == 0.0
    assert math.isnan(recall(counts, "neutral"))


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans()), min_size=2).filter(
        lambda rows: len({positive for _, positive in rows}) == 2
    )
)
def test_the_area_under_the_curve_is_scikit_learns_with_ties(rows):
    scores, positive = zip(*rows, strict=True)
    assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_a_ranking_is_right_wrong_or_no_better_than_a_coin():
    assert auc([1.0, 2.0, 3.0], [False, False, True]) == 1.0
    assert auc([3.0, 2.0, 1.0], [False, False, True]) == 0.0
    assert auc([1.0, 1.0, 1.0], [False, True, True]) == 0.5


@pytest.mark.parametrize(("correct", "rows"), [(0, 5), (5, 5), (1, 2), (57, 100), (995, 1000)])
def test_the_interval_is_scipys(correct, rows):
    found = binomtest(correct, rows).proportion_ci(0.95, method="wilson")
    assert wilson(correct, rows) == pytest.approx((found.low, found.high), abs=1e-6)


def test_the_calibration_error_is_that_of_equal_parts():
    rng = random.Random(3)
    confidences = [rng.random() for _ in range(300)]
    right = [rng.random() < confidence**2 for confidence in confidences]
    order = np.argsort(confidences)
    parts = np.array_split(order, 15)
    said, true = np.array(confidences), np.array(right, dtype=float)
    expected = sum(len(p) / 300 * abs(said[p].mean() - true[p].mean()) for p in parts)
    assert calibration_error(confidences, right) == pytest.approx(expected)


def test_a_confidence_that_keeps_its_word_has_no_error_and_a_boast_has_all_of_it():
    assert calibration_error([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0.0)
    assert calibration_error([1.0] * 10, [False] * 10) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.sampled_from([0.4, 0.5, 0.9]), st.booleans()), min_size=1))
def test_the_order_of_the_rows_says_nothing(rows):
    shuffled = random.Random(1).sample(rows, len(rows))
    here, there = (
        calibration_error([said for said, _ in some], [right for _, right in some])
        for some in (rows, shuffled)
    )
    assert here == pytest.approx(there)


def test_nothing_to_count_is_no_figure():
    assert math.isnan(share([]))
    assert math.isnan(auc([1.0], [True]))
    assert math.isnan(calibration_error([], []))
    assert math.isnan(macro_f1(confusion([]), LABELS))
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=30))
def test_the_best_threshold_is_the_best_of_all_that_there_are(rows):
    scores = [float(score) for score, _ in rows]
    positive = [is_positive for _, is_positive in rows]
    tried = [
        sum((score >= threshold) == is_positive for score, is_positive in rows)
        for threshold in range(8)
    ]
    assert best_accuracy(scores, positive) == max(tried) / len(rows)


def test_there_is_no_best_threshold_of_nothing():
    assert math.isnan(best_accuracy([], []))
