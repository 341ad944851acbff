"""A verbalizer by logistic regression on labelled rows.

Knows: words' log-probabilities, true labels, which file a row is of. Does not know: texts, tasks,
models, folds. Leaves the regression to scikit-learn, which only a fit needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from engine.base import EngineError
from engine.verbalizer import Verbalizer

_STRENGTH = 0.01
"""How far the weights may go (scikit-learn's C), of words scaled alike: chosen by cross-validation
among 0.0003 to 0.03, docs/accuracy.md."""

_ROUNDS = 500
_LEAST_SCALE = 1e-6
_DIGITS = 4


class NoRegression(EngineError):
    """scikit-learn is not installed. The message says how to."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A row: the file it counts for, its true label, the log-probability of each word."""

    file: str
    label: str
    said: Mapping[str, float]


def regression(rows: Sequence[Heard], labels: Sequence[str], words: Sequence[str]) -> Verbalizer:
    """The weights of the words, and a bias for each label. There are rows of each.

    The rows of one label in one file count together by the root of their number: many tell more
    than few, and drown none.

    Raises:
        NoRegression.
    """
    check()
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    table = np.array([[row.said[word] for word in words] for row in rows])
    table -= table.mean(axis=1, keepdims=True)
    middle, scale = table.mean(axis=0), table.std(axis=0) + _LEAST_SCALE
    model = LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS)
    truth = [labels.index(row.label) for row in rows]
    model.fit((table - middle) / scale, truth, sample_weight=_shares(rows))
    slopes, biases = model.coef_, model.intercept_
    if len(labels) == 2:  # told as the odds of the second
        slopes, biases = np.vstack([-slopes, slopes]) / 2, np.hstack([-biases, biases]) / 2
    slopes = slopes / scale
    biases = biases - slopes @ middle
    return Verbalizer(
        {word: _rounded(slopes[:, place]) for place, word in enumerate(words)},
        dict(zip(labels, _rounded(biases), strict=True)),
    )


def _rounded(numbers: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(number), _DIGITS) for number in numbers)


def _shares(rows: Sequence[Heard]) -> list[float]:
    """What each row counts, 1 on average."""
    cells = Counter((row.file, row.label) for row in rows)
    shares = [cells[row.file, row.label] ** -0.5 for row in rows]
    mean = sum(shares) / len(shares)
    return [share / mean for share in shares]


def check() -> None:
    """Whether weights can be fitted here.

    Raises:
        NoRegression.
    """
    if find_spec("sklearn") is None:
        raise NoRegression(
            "weights of words are fitted by scikit-learn, which is not installed: "
            "pip install 'warmline[calibrate]'"
        )
