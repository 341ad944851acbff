"""Fits find the biases and the temperature that rows were made with, and stay sane on noise."""

from __future__ import annotations

import math
import random
from operator import mul

import pytest
from scipy.optimize import minimize

from engine.calibration import Calibration
from engine.fitting import COLDEST, HOTTEST, Point, fit
from engine.newton import Term, least

LABELS = ("positive", "negative", "neutral")
BIASES = {"positive": 0.0, "negative": 2.0, "neutral": 1.0}


def made(
    rows: int,
    temperature: float = 1.0,
    labels: tuple[str, ...] = LABELS,
    clearness: float = 3.0,
    seed: int = 1,
) -> list[Point]:
    """Rows of two files whose right calibration is BIASES and this temperature.

    Where a label's place is drawn from a normal distribution around the truth, the right
    probabilities are the softmax of `clearness` times the place.
    """
    random_ = random.Random(seed)
    points = []
    for number in range(rows):
        label = labels[number % len(labels)]
        places = {one: clearness * (one == label) + random_.gauss(0, 1) for one in LABELS}
        scores = {one: temperature * clearness * places[one] - BIASES[one] for one in LABELS}
        points.append(Point(random_.choice("ab"), label, scores))
    return points


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_biases_and_the_temperature_of_the_rows_are_found(temperature):
    found = fit(made(450, temperature), LABELS)
    assert found.temperature == pytest.approx(temperature, rel=0.2)
    for label, bias in BIASES.items():
        assert found.biases[label] == pytest.approx(bias, abs=1.2 * temperature)
    assert found.biases["positive"] == 0.0


def test_after_a_fit_both_recalls_are_alike():
    points = made(450)
    found = fit(points, LABELS)
    calibration = Calibration(found.biases)
    recalls = []
    for label, other in (("positive", "negative"), ("negative", "positive")):
        of_label = [calibration.probabilities(p.scores) for p in points if p.label == label]
        recalls.append(sum(p[label] > p[other] for p in of_label) / len(of_label))
    assert abs(recalls[0] - recalls[1]) < 0.03
    assert min(recalls) > 0.95


def test_a_third_label_without_rows_keeps_its_bias_at_nothing():
    found = fit(made(200, labels=("positive", "negative")), LABELS)
    assert found.biases["neutral"] == 0.0
    assert found.biases["negative"] == pytest.approx(2.0, abs=1.0)


def test_a_small_file_counts_as_much_as_a_large_one():
    large, few = made(240), made(30)
    lower = [{**point.scores, "negative": point.scores["negative"] - 2} for point in few]
    small = [Point("small", p.label, scores) for p, scores in zip(few, lower, strict=True)]
    alone, both = fit(large, LABELS), fit(large + small, LABELS)
    assert both.biases["negative"] > alone.biases["negative"] + 0.3


def test_a_file_of_one_label_pulls_towards_its_recall():
    points = made(150, clearness=1.5)
    more = [Point("sad", "negative", p.scores) for p in points if p.label == "negative"]
    assert fit(points + more, LABELS).biases["negative"] >= fit(points, LABELS).biases["negative"]


def test_rows_that_are_told_apart_wholly_keep_a_temperature_within_bounds():
    points = [
        Point("a", label, {other: 20.0 * (other == label) for other in LABELS})
        for label in LABELS
        for _ in range(9)
    ]
    found = fit(points, LABELS)
    assert COLDEST <= found.temperature <= HOTTEST
    assert all(abs(bias) < 20 for bias in found.biases.values())


def test_noise_is_believed_as_little_as_may_be():
    random_ = random.Random(3)
    points = [
        Point("a", random_.choice(LABELS), {label: random_.gauss(0, 3) for label in LABELS})
        for _ in range(240)
    ]
    found = fit(points, LABELS)
    assert found.temperature > 5
    assert all(abs(bias) < 5 for bias in found.biases.values())


def test_the_same_constant_on_all_scores_changes_no_fit():
    points = made(60)
    moved = [
        Point(p.file, p.label, {label: score + 7 for label, score in p.scores.items()})
        for p in points
    ]
    assert fit(points, LABELS) == fit(moved, LABELS)


def test_the_least_cross_entropy_is_that_of_another_library():
    random_ = random.Random(5)
    terms = [
        Term(
            random_.randrange(3),
            [[random_.gauss(0, 2), 1.0, 0.0], [random_.gauss(0, 2), 0.0, 1.0]],
            1 / 80,
        )
        for _ in range(80)
    ]

    def loss(at) -> float:
        total = 0.0
        for term in terms:
            logits = [0.0, *(sum(map(mul, slope, at)) for slope in term.slopes)]
            total += math.log(sum(map(math.exp, logits))) - logits[term.true]
        return total / len(terms)

    start = [1.0, 0.0, 0.0]
    theirs = minimize(loss, start, method="BFGS").x
    assert least(terms, start) == pytest.approx(list(theirs), abs=2e-3)


def test_parameters_that_are_fixed_stay():
    terms = [Term(1, [[1.0, 1.0]], 0.5), Term(0, [[-1.0, 1.0]], 0.5)]
    assert least(terms, [0.5, 0.25], fixed=1)[0] == 0.5
