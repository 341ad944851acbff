"""How good labels are: shares with intervals, F1, ranking, calibration.

Knows: truths, labels said, probabilities, numbers. Does not know: texts, tasks, models, files.
Pure, and without a library. NaN stands where there is nothing to count.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

BINS = 15
"""Bins of the expected calibration error."""

_Z_95 = 1.959964

Confusion = Mapping[tuple[str, str], int]
"""How often a truth (first) was given a label (second)."""


def share(right: Sequence[bool]) -> float:
    """How much of it is right, from 0 to 1."""
    return sum(right) / len(right) if right else math.nan


def wilson(correct: int, rows: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927). Nothing counted says nothing: 0 to 1."""
    if not rows:
        return 0.0, 1.0
    part, spread = correct / rows, _Z_95 * _Z_95 / rows
    middle = (part + spread / 2) / (1 + spread)
    half = _Z_95 * math.sqrt(part * (1 - part) / rows + spread / (4 * rows)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def confusion(pairs: Iterable[tuple[str, str]]) -> Confusion:
    """Counts of (truth, said)."""
    return Counter(pairs)


def recall(counts: Confusion, label: str) -> float:
    """The share of a label's rows that were found."""
    true = sum(n for (truth, _), n in counts.items() if truth == label)
    return counts.get((label, label), 0) / true if true else math.nan


def f1(counts: Confusion, label: str) -> float:
    """The harmonic mean of precision and recall; 0 for a label that is nowhere right."""
    hit = counts.get((label, label), 0)
    said = sum(n for (_, guess), n in counts.items() if guess == label)
    true = sum(n for (truth, _), n in counts.items() if truth == label)
    return 2 * hit / (said + true) if said + true else 0.0


def macro_f1(counts: Confusion, labels: Sequence[str]) -> float:
    """The mean of the labels' F1, each counting the same."""
    return sum(f1(counts, label) for label in labels) / len(labels) if counts else math.nan


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The chance that a positive row has a higher score than another one; a tie counts half.

    The rank form of the area under the ROC curve (Mann and Whitney 1947).
    """
    positives = sum(positive)
    others = len(positive) - positives
    if not positives or not others:
        return math.nan
    order = sorted(zip(scores, positive, strict=True), key=lambda pair: pair[0])
    below, ranks = 0, 0.0
    for _, tied in groupby(order, key=lambda pair: pair[0]):
        group = [is_positive for _, is_positive in tied]
        ranks += sum(group) * (below + (len(group) + 1) / 2)  # the mean rank of the tie
        below += len(group)
    return (ranks - positives * (positives + 1) / 2) / (positives * others)


def best_accuracy(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """What the best single threshold gets right, at or above which a row counts as positive.

    Chosen on the rows that it is counted on, so that it flatters: a ceiling, no promise.
    """
    pairs = sorted(zip(scores, positive, strict=True), key=lambda pair: pair[0])
    if not pairs:
        return math.nan
    right = best = sum(positive)
    for _, tied in groupby(pairs, key=lambda pair: pair[0]):
        right += sum(-1 if is_positive else 1 for _, is_positive in tied)
        best = max(best, right)
    return best / len(pairs)


def calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = BINS
) -> float:
    """How far the confidence is from the share that is right, on average over equal-mass bins.

    The expected calibration error (Naeini et al. 2015) with as many rows in each bin. Rows of one
    confidence share a bin, so that the order of the rows says nothing.
    """
    pairs = sorted(zip(confidences, right, strict=True))
    if not pairs:
        return math.nan
    gaps = 0.0
    for part in _equal_mass(pairs, bins):
        gaps += abs(sum(said for said, _ in part) - sum(is_right for _, is_right in part))
    return gaps / len(pairs)


def _equal_mass(
    pairs: Sequence[tuple[float, bool]], bins: int
) -> Iterable[Sequence[tuple[float, bool]]]:
    """At most `bins` runs of about the same length, cut only where the confidence changes."""
    begin = 0
    for number in range(1, bins + 1):
        end = max(begin, round(number * len(pairs) / bins))
        while begin < end < len(pairs) and pairs[end][0] == pairs[end - 1][0]:
            end += 1
        if end > begin:
            yield pairs[begin:end]
        begin = end
