"""The biases and the temperature that make a model's scores true on labelled rows.

Knows: log-probabilities, true labels, which file a row is of. Does not know: texts, tasks, models,
folds. Pure, and without a library.

Two stages. The biases are those with the best recalls and F1, searched on a grid around where the
cross-entropy is least; the temperature is that of the least cross-entropy given the biases. Every
file counts the same, and in the cross-entropy every label of a file.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from engine.metrics import macro_f1
from engine.newton import Term, least

COLDEST, HOTTEST = 0.2, 20.0
"""The bounds of a temperature."""

_MOST_BIAS = 10.0
_IMBALANCE = 0.5
"""What a difference of the two recalls costs."""

_ONE_LABEL = 3.0
"""A file of one label (people who ask for help) counts so many times: whoever overlooks sadness is
the worse companion."""

_COARSE, _COARSE_STEPS = 0.25, 8
_FINE, _FINE_STEPS = 0.05, 5


@dataclass(frozen=True, slots=True)
class Point:
    """A row: the file it counts for, its true label, the log-probability of each label."""

    file: str
    label: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """Biases in nats by label; the first label's is 0."""

    biases: Mapping[str, float]
    temperature: float


@dataclass(frozen=True, slots=True)
class _Row:
    """Scores less that of the first label; the true label's place; a share of 1 as its weight."""

    label: int
    scores: tuple[float, ...]
    weight: float


def fit(points: Sequence[Point], labels: Sequence[str]) -> Fit:
    """The best biases and temperature. The first two labels are told apart; a third may follow.

    There must be rows of both of these. A third label without rows keeps a bias of 0.
    """
    told = [label for label in labels if any(point.label == label for point in points)]
    rows = list(_rows(points, told))
    start = _start(rows, len(told))
    files: dict[str, list[_Row]] = defaultdict(list)
    for point, row in zip(points, rows, strict=True):
        files[point.file].append(row)
    parts = list(files.values())
    rough = _best(parts, start, _COARSE, _COARSE_STEPS)
    found = _best(parts, rough, _FINE, _FINE_STEPS)
    biases = dict.fromkeys(labels, 0.0) | dict(zip(told[1:], found, strict=True))
    return Fit(biases, round(_temperature(rows, found), 2))


def temperature(points: Sequence[Point], labels: Sequence[str]) -> float:
    """That of the least cross-entropy, of scores that need no biases. Every row counts the same."""
    first, *others = labels
    return _of_least(
        [
            Term(
                labels.index(point.label),
                [(point.scores[other] - point.scores[first],) for other in others],
                1 / len(points),
            )
            for point in points
        ]
    )


def _rows(points: Sequence[Point], told: Sequence[str]) -> Iterator[_Row]:
    first, *others = told
    cells = Counter((point.file, point.label) for point in points)
    labels_of = Counter(file for file, _ in cells)
    for point in points:
        share = cells[point.file, point.label] * labels_of[point.file] * len(labels_of)
        scores = tuple(point.scores[label] - point.scores[first] for label in others)
        yield _Row(told.index(point.label), scores, 1 / share)


def _start(rows: Sequence[_Row], labels: int) -> tuple[float, ...]:
    """The biases of the least cross-entropy, on the grid's fine step."""
    constants = [0.0] * (labels - 1)
    sharpness, *found = least(_logits(rows), [1.0, *constants])
    bounded = min(max(sharpness, 1 / HOTTEST), 1 / COLDEST)
    if bounded != sharpness:
        _, *found = least(_logits(rows), [bounded, *constants], fixed=1)
    return tuple(_on_grid(constant / bounded) for constant in found)


def _logits(rows: Sequence[_Row]) -> list[Term]:
    """Each label's logit is sharpness * score + constant; the first label's is 0."""
    terms = []
    for row in rows:
        slopes = [
            (score, *(1.0 if other == place else 0.0 for other in range(len(row.scores))))
            for place, score in enumerate(row.scores)
        ]
        terms.append(Term(row.label, slopes, row.weight))
    return terms


def _on_grid(bias: float) -> float:
    bounded = min(max(bias, -_MOST_BIAS), _MOST_BIAS)
    return round(round(bounded / _FINE) * _FINE, 2)


def _best(
    parts: Sequence[Sequence[_Row]], middle: tuple[float, ...], step: float, steps: int
) -> tuple[float, ...]:
    """The best biases of a square around the middle; of equals those nearest to it."""

    def worth(biases: tuple[float, ...]) -> tuple[float, float]:
        total = sum(_worth(part, biases) for part in parts)
        return round(total, 9), -sum((b - m) ** 2 for b, m in zip(biases, middle, strict=True))

    moves = [number * step for number in range(-steps, steps + 1)]
    around = ([_on_grid(bias + move) for move in moves] for bias in middle)
    return max(product(*around), key=worth)


def _worth(rows: Sequence[_Row], biases: tuple[float, ...]) -> float:
    """Of one file: recalls of the two labels that are told apart, less their imbalance; and F1."""
    second = biases[0]
    third = biases[1] if len(biases) > 1 else -math.inf
    counts = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
    hits, sizes = [0, 0, 0], [0, 0, 0]
    for row in rows:
        rather = row.scores[0] + second
        other = row.scores[-1] + third
        said = 2 if other > 0 and other >= rather else int(rather > 0)
        counts[row.label][said] += 1
        sizes[row.label] += 1
        hits[row.label] += said == 2 if row.label == 2 else (rather > 0) == row.label
    recalls = [hits[place] / sizes[place] for place in (0, 1) if sizes[place]]
    if not recalls:
        return hits[2] / sizes[2]
    if len(recalls) == 1 and not sizes[2]:
        return _ONE_LABEL * recalls[0]
    worth = sum(recalls) / len(recalls) - _IMBALANCE * (max(recalls) - min(recalls))
    if not sizes[2]:
        return worth
    named = {(t, s): counts[int(t)][int(s)] for t in "012" for s in "012"}
    return worth + macro_f1(named, "012")


def _temperature(rows: Sequence[_Row], biases: tuple[float, ...]) -> float:
    """That of the least cross-entropy given the biases."""
    shifted = [
        Term(
            row.label,
            [(score + bias,) for score, bias in zip(row.scores, biases, strict=True)],
            row.weight,
        )
        for row in rows
    ]
    return _of_least(shifted)


def _of_least(terms: Sequence[Term]) -> float:
    """The temperature of the least cross-entropy, which has one minimum in 1 / temperature."""
    [sharpness] = least(terms, [1.0])
    return min(max(1 / max(sharpness, 1 / HOTTEST), COLDEST), HOTTEST)
