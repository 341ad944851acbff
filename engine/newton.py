"""The least weighted cross-entropy of a few parameters, by Newton's method.

Knows: terms whose logits are linear in the parameters, which makes the problem convex. Does not
know: what a parameter means. Pure, and without a library: there are two or three parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_RIDGE = 1e-4
"""Holds the parameters near their start where the rows leave them free, as separable rows do."""

_ROUNDS = 60
_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True)
class Term:
    """A row. `slopes` are those of each logit by parameter, without the first one, which is 0.

    `true` is the place of the true label among all logits.
    """

    true: int
    slopes: Sequence[Sequence[float]]
    weight: float


def least(terms: Sequence[Term], start: Sequence[float], fixed: int = 0) -> list[float]:
    """The parameters with the least cross-entropy. The first `fixed` stay as they are."""
    at = list(start)
    free = range(fixed, len(at))
    loss = _loss(terms, at, start)
    for _ in range(_ROUNDS):
        gradient, hessian = _derivatives(terms, at, start)
        step = _solved([[hessian[i][j] for j in free] for i in free], [gradient[i] for i in free])
        size = 1.0
        while size > _ENOUGH:
            tried = [
                *at[:fixed],
                *(at[i] - size * move for i, move in zip(free, step, strict=True)),
            ]
            reached = _loss(terms, tried, start)
            if reached < loss:
                break
            size /= 2
        else:
            return at
        gain, at, loss = loss - reached, tried, reached
        if gain < _ENOUGH:
            return at
    return at


def _chances(term: Term, at: Sequence[float]) -> tuple[list[float], float]:
    """The probabilities of all logits, and the true one's negative logarithm."""
    logits = [0.0, *(sum(s * a for s, a in zip(slope, at, strict=True)) for slope in term.slopes)]
    top = max(logits)
    powers = [math.exp(logit - top) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers], top + math.log(total) - logits[term.true]


def _loss(terms: Sequence[Term], at: Sequence[float], start: Sequence[float]) -> float:
    loss = sum(term.weight * _chances(term, at)[1] for term in terms)
    return loss + _RIDGE / 2 * sum((a - s) ** 2 for a, s in zip(at, start, strict=True))


def _derivatives(
    terms: Sequence[Term], at: Sequence[float], start: Sequence[float]
) -> tuple[list[float], list[list[float]]]:
    size = range(len(at))
    gradient = [_RIDGE * (a - s) for a, s in zip(at, start, strict=True)]
    hessian = [[_RIDGE if i == j else 0.0 for j in size] for i in size]
    for term in terms:
        chances, _ = _chances(term, at)
        true = term.slopes[term.true - 1] if term.true else [0.0] * len(at)
        pairs = list(zip(chances[1:], term.slopes, strict=True))
        mean = [sum(chance * slope[i] for chance, slope in pairs) for i in size]
        for i in size:
            gradient[i] += term.weight * (mean[i] - true[i])
            for j in size:
                both = sum(chance * slope[i] * slope[j] for chance, slope in pairs)
                hessian[i][j] += term.weight * (both - mean[i] * mean[j])
    return gradient, hessian


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a small system with a positive matrix, by elimination."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot in range(size):
        for below in range(pivot + 1, size):
            factor = rows[below][pivot] / rows[pivot][pivot]
            rows[below] = [b - factor * p for b, p in zip(rows[below], rows[pivot], strict=True)]
    found = [0.0] * size
    for place in reversed(range(size)):
        known = sum(rows[place][j] * found[j] for j in range(place + 1, size))
        found[place] = (rows[place][size] - known) / rows[place][place]
    return found
