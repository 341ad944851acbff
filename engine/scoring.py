"""From what the model says about labels to probabilities one may believe.

Knows: label token sequences, log-probabilities, additive biases, temperature. Does not know:
prompts, tasks, any model library. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_FLOOR = -80.0
"""Natural log of the least probability that is told apart from nothing (float32 ends near -87)."""


def normalise(scores: Mapping[str, float]) -> dict[str, float]:
    """Log-probabilities that sum to one, from scores known up to one common constant."""
    top = max(scores.values())
    total = top + math.log(sum(math.exp(s - top) for s in scores.values()))
    return {label: max(s - total, _FLOOR) for label, s in scores.items()}


def calibrate(
    scores: Mapping[str, float], biases: Mapping[str, float], temperature: float = 1.0
) -> dict[str, float]:
    """Probabilities after one additive bias per label on the log scale, and then a temperature.

    The bias undoes what the model would say of any message at all ("contextual calibration", Zhao
    et al. 2021, arXiv 2102.09690), the temperature that it is too sure or not sure enough (Guo et
    al. 2017, arXiv 1706.04599). Both are fitted on labelled rows and frozen (`engine.fitting`).
    """
    shifted = {label: score + biases.get(label, 0.0) for label, score in scores.items()}
    shifted = {label: score / temperature for label, score in shifted.items()}
    return {label: math.exp(s) for label, s in normalise(shifted).items()}


def first_tokens(sequences: Mapping[str, Sequence[int]]) -> dict[int, list[str]]:
    """Labels by the first token of their sequence, in order. A label without tokens is an error."""
    by_token: dict[int, list[str]] = {}
    for label, tokens in sequences.items():
        if not tokens:
            raise ValueError(f"the label {label!r} has no tokens")
        by_token.setdefault(tokens[0], []).append(label)
    return by_token


def clash(sequences: Mapping[str, Sequence[int]]) -> tuple[str, str] | None:
    """Two labels of which one begins the other: their probabilities would overlap."""
    for a, left in sequences.items():
        for b, right in sequences.items():
            if a != b and tuple(right[: len(left)]) == tuple(left):
                return a, b
    return None
