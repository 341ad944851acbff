"""How near two engines are, from what they said."""

from __future__ import annotations

import pytest

from benchmarks.agreement import compared, summary
from engine.tasks import Scores


def said(positive: float, neutral: float = 0.0) -> Scores:
    shares = {"positive": positive, "neutral": neutral, "negative": 1 - positive - neutral}
    return Scores("sentiment", shares, 0.0, "m", "1")


def test_labels_are_compared_over_all_three_and_differences_of_one() -> None:
    found = compared([said(0.9), said(0.4, 0.5), said(0.1)], [said(0.8), said(0.7, 0.2), said(0.1)])
    assert (found.rows, found.same_label) == (3, 2)
    assert found.mean_difference == pytest.approx(0.4 / 3)
    assert found.most_difference == pytest.approx(0.3)


def test_rows_that_one_engine_lacks_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compared([said(0.9), said(0.9)], [said(0.9)])


def test_the_table_has_a_line_for_each_language() -> None:
    zh = {"rows": 200, "same_label": 196, "mean_difference": 0.0123, "most_difference": 0.2}
    head = {"model": "m", "machine": "here", "date": "2026-01-01"}
    lines = list(summary({**head, "languages": {"zh": zh}}))
    assert lines[0] == "m, llama.cpp against torch fp32, here, 2026-01-01"
    assert lines[-1] == "| zh | 200 | 98.0 % | 95.0-99.2 | 0.0123 | 0.2000 |"
