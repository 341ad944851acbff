"""What makes scored rows come out right: biases, weights of words, kinds, the worth of feelings.

Knows: which rows a part is fitted to, that weights are judged on rows they have not seen. Does not
know: languages, figures (`bot.calibrating`), the fits themselves (`engine.fitting`,
`engine.verbalizing`).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from bot.evaluation import SENTIMENT
from bot.row_scores import Scored
from engine import fitting
from engine.calibration import Calibration
from engine.fitting import Point
from engine.tasks import LabelTask
from engine.verbalizer import Verbalizer
from engine.verbalizing import Heard, regression

FOLDS = 5
_SEED = 7

_TAKEN_OFF = 0.5
"""Of a feeling's mean log-probability: what the model says of anything means less ("contextual
calibration", Zhao et al. 2021, arXiv 2102.09690; by halves: some feelings are more frequent)."""

_LEAST_OF_A_LABEL = 100
"""Rows. From fewer, hundreds of weights learn less than three labels tell by themselves."""

_LEAST_OF_A_KIND = 20

_DIGITS = 4

# The first two are told apart; a third may lie between them.
_LABELS = (
    SENTIMENT.first,
    SENTIMENT.second,
    *(label for label in SENTIMENT.labels if label not in (SENTIMENT.first, SENTIMENT.second)),
)


def fit(rows: Sequence[Scored], task: LabelTask) -> Calibration:
    """The biases and the temperature of the labels' scores, a verbalizer where all rows have words
    and every label has many rows, and one for the kinds.

    Rows of a kind that turns a label are for the kinds alone: by its face such a label is wrong.
    """
    plain = [one for one in rows if one.row.kind not in task.turns]
    biases, temperature = _biases(plain, [one.scores for one in plain])
    return Calibration(
        biases, temperature, verbalizer=_verbalizer(plain), kinds=_kinds(rows, task.kinds)
    )


def _kinds(rows: Sequence[Scored], named: Sequence[str]) -> Verbalizer | None:
    """What tells the kind of a message, fitted to the rows of files that have such kinds, and to
    glad ones of other files: they are none of them. The last one stands for all others. None where
    there are too few rows of one."""
    files = {one.row.file for one in rows if one.row.kind in named}
    if not files:
        return None
    apt = [one for one in rows if one.row.file in files or one.row.label == SENTIMENT.first]
    heard = [_of_kind(one, named) for one in apt]
    counts = Counter(one.label for one in heard)
    words = _words(apt)
    if not words or min(counts[name] for name in named) < _LEAST_OF_A_KIND:
        return None
    scores = _held_out(heard, named)
    points = [Point("", one.label, given) for one, given in zip(heard, scores, strict=True)]
    whole = regression(heard, named, words)
    return replace(whole, temperature=round(fitting.temperature(points, named), 2))


def feelings(rows: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """What is added to each feeling, by label; to the one that the model says most, nothing.

    Which feeling a row has is not known and not asked.
    """
    asked: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    for one in rows:
        if one.feelings:
            asked[one.row.label].append(one.feelings)
    return {label: _worth(tables) for label, tables in sorted(asked.items())}


def folds_of(rows: Sequence[Scored], folds: int) -> list[int]:
    """The fold of each row: of every file and label as many in each, the same every time."""
    return _folds([(one.row.file, one.row.label) for one in rows], folds)


def _biases(
    rows: Sequence[Scored], scores: Sequence[Mapping[str, float]]
) -> tuple[dict[str, float], float]:
    points = [
        Point(one.row.file, one.row.label, given) for one, given in zip(rows, scores, strict=True)
    ]
    found = fitting.fit(points, _LABELS)
    return {label: found.biases[label] for label in SENTIMENT.labels}, found.temperature


def _verbalizer(rows: Sequence[Scored]) -> Verbalizer | None:
    """Weights fitted on all rows, biases and temperature on scores of rows that were held out: of
    rows that they know, weights are too sure."""
    words = _words(rows)
    counts = Counter(one.row.label for one in rows)
    if not words or min(counts[label] for label in _LABELS) < _LEAST_OF_A_LABEL:
        return None
    heard = [Heard(one.row.file, one.row.label, one.words) for one in rows]
    more, temperature = _biases(rows, _held_out(heard, SENTIMENT.labels))
    whole = regression(heard, SENTIMENT.labels, words)
    biases = {label: round(bias + more[label], _DIGITS) for label, bias in whole.biases.items()}
    return replace(whole, biases=biases, temperature=temperature)


def _held_out(heard: Sequence[Heard], labels: Sequence[str]) -> list[Mapping[str, float]]:
    """The scores of each row, by weights that were fitted on the other folds."""
    parts = _folds([(one.file, one.label) for one in heard], FOLDS)
    scores: list[Mapping[str, float]] = [{}] * len(heard)
    for fold in range(FOLDS):
        others = [one for one, part in zip(heard, parts, strict=True) if part != fold]
        seen = regression(others, labels, list(heard[0].said))
        for place, (one, part) in enumerate(zip(heard, parts, strict=True)):
            if part == fold:
                scores[place] = seen.scores(one.said)
    return scores


def _words(rows: Sequence[Scored]) -> list[str]:
    """The words that every row has; none where one has others."""
    words = list(rows[0].words) if rows else []
    return words if all(one.words.keys() == set(words) for one in rows) else []


def _of_kind(one: Scored, named: Sequence[str]) -> Heard:
    kind = one.row.kind if one.row.kind in named else named[-1]
    return Heard(one.row.file, kind, one.words)


def _worth(tables: Sequence[Mapping[str, float]]) -> dict[str, float]:
    means = {word: sum(t[word] for t in tables) / len(tables) for word in tables[0]}
    most = max(means.values())
    return {word: round(_TAKEN_OFF * (most - mean), 1) for word, mean in means.items()}


def _folds(cells: Sequence[Hashable], folds: int) -> list[int]:
    """The fold of each row, given its cell: of every cell as many in each."""
    places_of: dict[Hashable, list[int]] = defaultdict(list)
    for place, cell in enumerate(cells):
        places_of[cell].append(place)
    found = [0] * len(cells)
    begun = 0
    for _, places in sorted(places_of.items(), key=lambda entry: str(entry[0])):
        random.Random(_SEED).shuffle(places)  # noqa: S311 - a draw, not a secret
        for number, place in enumerate(places, start=begun):
            found[place] = number % folds
        begun += len(places)
    return found
