"""Probabilities of labels: they sum to one, keep their order, and biases move them as stated."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scoring import calibrate, clash, first_tokens, normalise

logs = st.floats(-200, 0)
scores = st.dictionaries(st.text(max_size=5), logs, min_size=1, max_size=8)
biases = st.floats(-10, 10)


@given(scores)
def test_normalised_scores_sum_to_one_and_keep_labels_and_order(given_scores):
    result = normalise(given_scores)
    assert math.fsum(map(math.exp, result.values())) == pytest.approx(1)
    assert list(result) == list(given_scores)
    for a, left in given_scores.items():
        for b, right in given_scores.items():
            assert left <= right or result[a] >= result[b]


@given(scores, st.floats(-1000, 1000))
def test_a_common_constant_does_not_count(given_scores, constant):
    shifted = {label: score + constant for label, score in given_scores.items()}
    assert normalise(shifted) == pytest.approx(normalise(given_scores), abs=1e-6)


def test_what_float32_gave_as_nothing_stays_finite_and_at_the_floor():
    assert normalise({"a": 0.0, "b": -200.0}) == {"a": 0.0, "b": -80.0}


def test_labels_that_are_all_improbable_are_told_apart_all_the_same():
    result = normalise({"a": -200.0, "b": -200.0 + math.log(3)})
    assert result == pytest.approx({"a": math.log(1 / 4), "b": math.log(3 / 4)})


@given(scores)
def test_without_biases_calibration_is_the_softmax(given_scores):
    top = max(given_scores.values())
    weights = {label: math.exp(score - top) for label, score in given_scores.items()}
    softmax = {label: weight / sum(weights.values()) for label, weight in weights.items()}
    assert calibrate(given_scores, {}) == pytest.approx(softmax, abs=1e-12)
    assert calibrate(given_scores, dict.fromkeys(given_scores, 0.0)) == calibrate(given_scores, {})


@given(scores, biases)
def test_the_same_bias_on_all_labels_changes_nothing(given_scores, bias):
    even = dict.fromkeys(given_scores, bias)
    assert calibrate(given_scores, even) == pytest.approx(calibrate(given_scores, {}), abs=1e-9)


@given(st.floats(-20, 0), st.floats(-20, 0), biases)
def test_a_bias_adds_to_the_log_odds(a, b, bias):
    result = calibrate({"a": a, "b": b}, {"b": bias, "unknown": 5.0})
    assert math.log(result["b"] / result["a"]) == pytest.approx(b - a + bias, abs=1e-6)
    assert sum(result.values()) == pytest.approx(1)


def test_a_bias_can_turn_the_label():
    said = {"positive": math.log(0.7), "negative": math.log(0.3)}
    assert calibrate(said, {"negative": 2.0}) == pytest.approx(
        {"positive": 0.24, "negative": 0.76}, abs=0.01
    )


def test_labels_are_grouped_by_their_first_token_in_order():
    sequences = {"very good": (1, 2), "bad": (3,), "very bad": (1, 3)}
    assert first_tokens(sequences) == {1: ["very good", "very bad"], 3: ["bad"]}
    assert list(first_tokens(sequences)) == [1, 3]


def test_a_label_without_tokens_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="'empty' has no tokens"):
        first_tokens({"good": (1,), "empty": ()})


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [
        ({"a": (1, 2), "b": (1, 3)}, None),
        ({"a": (1,), "b": (2, 1)}, None),
        ({"a": (1, 2), "b": (1,)}, ("b", "a")),
        ({"a": (1, 2), "b": (1, 2)}, ("a", "b")),
        ({"a": (1,)}, None),
        ({}, None),
    ],
)
def test_a_label_that_begins_another_clashes_with_it(sequences, expected):
    assert clash(sequences) == expected
