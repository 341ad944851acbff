"""Rows are read with care, and drawn the same way every time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.rows import LONGEST_TEXT, UnreadableRow, drawn, drawn_by_language, read

File = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> File:
    """Writes a file of rows with the given labels, all in one language."""

    def write(name: str, labels: list[str], language: str = "en") -> Path:
        rows = [
            {"text": f"{name} {number}", "label": label, "lang": language}
            for number, label in enumerate(labels)
        ]
        path = tmp_path / f"{name}.dev.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
        return path

    return write


def test_a_row_has_its_file_s_short_name_and_at_most_the_longest_text(tmp_path: Path) -> None:
    path = tmp_path / "chat.dev.jsonl"
    row = {"text": "好" * (LONGEST_TEXT + 9), "label": "positive", "lang": "zh", "emotion": "joy"}
    path.write_text(json.dumps(row), encoding="utf-8")
    [found] = read(path)
    assert (found.source, found.language, found.label) == ("chat", "zh", "positive")
    assert found.text == "好" * LONGEST_TEXT


def test_blank_lines_are_no_rows_and_other_line_ends_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    row = '{"text": "one\u2028two", "label": "neutral", "lang": "en"}'
    path.write_text(f"\n{row}\n\n", encoding="utf-8")
    assert [row.text for row in read(path)] == ["one\u2028two"]


def test_a_draw_is_the_same_every_time_and_not_in_the_file_s_order(file: File) -> None:
    path = file("a", ["positive"] * 50)
    [first], [again] = list(drawn([path], 20)), list(drawn([path], 20))
    assert first == again
    assert len(first) == 20
    assert first != read(path)[:20]


def test_a_draw_of_some_labels_is_filled_up_with_them(file: File) -> None:
    path = file("a", ["neutral"] * 30 + ["negative"] * 5)
    [found] = drawn([path], 4, ("positive", "negative"))
    assert [row.label for row in found] == ["negative"] * 4


def test_each_file_gives_the_same_number_of_a_language_s_rows(file: File) -> None:
    large, small, other = (
        file("large", ["positive"] * 40),
        file("small", ["negative"] * 3),
        file("other", ["neutral"] * 40, "zh"),
    )
    found = drawn_by_language([large, small, other], 10)
    assert {language: len(rows) for language, rows in found.items()} == {"en": 10, "zh": 10}
    assert sum(row.source == "small" for row in found["en"]) == 3
    even = drawn_by_language([large, small], 6)["en"]
    assert sum(row.source == "small" for row in even) == 3


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"text": "a secret", "label": "positive"}',
        '{"text": 1, "label": "x", "lang": 2}',
    ],
)
def test_a_line_that_is_no_row_is_named_without_its_text(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(UnreadableRow, match="line 2: a row is an object") as error:
        read(path)
    assert "secret" not in str(error.value)


def test_a_label_that_there_is_not_is_refused_with_those_there_are(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "x", "label": "glad", "lang": "en"}', encoding="utf-8")
    with pytest.raises(UnreadableRow, match="positive, neutral, negative"):
        read(path)


def test_a_missing_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRow, match="cannot be read"):
        read(tmp_path / "none.jsonl")
