"""How near two engines are, from what they said."""

from __future__ import annotations

import pytest

from benchmarks.agreement import compared, evenly, summary
from bot.labelled import Row
from engine.tasks import Scores


def said(positive: float, neutral: float = 0.0) -> Scores:
    shares = {"positive": positive, "neutral": neutral, "negative": 1 - positive - neutral}
    return Scores("sentiment", shares, 0.0, "m", "1")


def test_labels_are_compared_over_all_three_and_differences_of_one() -> None:
    found = compared([said(0.9), said(0.4, 0.5), said(0.1)], [said(0.8), said(0.7, 0.2), said(0.1)])
    assert (found.rows, found.same_label) == (3, 2)
    assert found.mean_difference == pytest.approx(0.4 / 3)
    assert found.most_difference == pytest.approx(0.3)


def rows(file: str, count: int, language: str = "en") -> list[Row]:
    return [Row(f"{file} {number}", "positive", language, file, number) for number in range(count)]


def test_each_file_gives_the_same_number_of_a_languages_rows() -> None:
    large, small, other = rows("large", 40), rows("small", 3), rows("other", 40, "zh")
    found = evenly([*large, *small, *other], 10)
    assert {language: len(of) for language, of in found.items()} == {"en": 10, "zh": 10}
    assert sum(row.file == "small" for row in found["en"]) == 3
    assert sum(row.file == "small" for row in evenly([*large, *small], 6)["en"]) == 3


def test_rows_that_one_engine_lacks_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compared([said(0.9), said(0.9)], [said(0.9)])


def test_the_table_has_a_line_for_each_language() -> None:
    zh = {"rows": 200, "same_label": 196, "mean_difference": 0.0123, "most_difference": 0.2}
    head = {"model": "m", "machine": "here", "date": "2026-01-01"}
    lines = list(summary({**head, "languages": {"zh": zh}}))
    assert lines[0] == "m, llama.cpp against torch fp32, here, 2026-01-01"
    assert lines[-1] == "| zh | 200 | 98.0 % | 95.0-99.2 | 0.0123 | 0.2000 |"
