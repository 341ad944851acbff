"""Labelled rows are read with care, and a bad line is named without its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.labelled import BadRows, Row, drawn, read

LABELS = ("positive", "negative")


def written(folder: Path, *lines: object, name: str = "chat.dev.jsonl") -> Path:
    path = folder / name
    said = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(said), encoding="utf-8")
    return path


def test_a_row_has_its_file_its_line_and_every_field_that_is_told(tmp_path):
    whole = {
        "text": "fine.",
        "label": "negative",
        "lang": "en",
        "source": "made up",
        "category": "sarcasm",
        "context": ["my dog died", "I'm sorry"],
        "plain": "fine",
        "id": 7,
    }
    [row] = read([written(tmp_path, "", whole)], LABELS)
    assert row == Row(
        "fine.",
        "negative",
        "en",
        "chat",
        2,
        "made up",
        "sarcasm",
        ("my dog died", "I'm sorry"),
        "fine",
    )


def test_the_language_may_be_told_in_two_words_or_is_the_texts_own(tmp_path):
    rows = [
        {"text": "x", "label": "positive", "language": "zh", "kind": "slang"},
        {"text": "真好", "label": "positive"},
        {"text": "so good", "label": "positive"},
    ]
    found = read([written(tmp_path, *rows)], LABELS)
    assert [row.language for row in found] == ["zh", "zh", "en"]
    assert found[0].kind == "slang"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([1], 'a row is an object with "text" and "label"'),
        ({"label": "positive"}, 'it needs a "text"'),
        ({"text": " ", "label": "positive"}, 'it needs a "text"'),
        ({"text": 5, "label": "positive"}, 'its "text" must be text'),
        ({"text": "secret"}, 'its "label" must be one of positive, negative'),
        ({"text": "secret", "label": ["positive"]}, 'its "label" must be one of'),
        ({"text": "secret", "label": "glad"}, 'its "label" must be one of'),
        ({"text": "secret", "label": "positive", "context": "a"}, 'its "context" must be a list'),
        ({"text": "secret", "label": "positive", "context": [1]}, 'its "context" must be a list'),
        ({"text": "secret", "label": "positive", "lang": 3}, 'its "lang" must be text'),
    ],
)
def test_a_bad_line_is_named_by_file_and_number(tmp_path, line, why):
    path = written(tmp_path, {"text": "good", "label": "positive"}, "", line)
    with pytest.raises(BadRows) as error:
        read([path], LABELS)
    assert str(error.value).startswith(f"{path}, line 3: {why}")
    assert "secret" not in str(error.value)


def test_all_bad_lines_are_told_at_once_but_not_a_thousand(tmp_path):
    path = written(tmp_path, *["{"] * 14)
    with pytest.raises(BadRows) as error:
        read([path], LABELS)
    assert str(error.value).count("not JSON") == 10
    assert str(error.value).endswith("and 4 more")


def test_bytes_that_are_no_text_are_a_bad_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "\xff\xfe", "label": "positive"}')
    with pytest.raises(BadRows, match="line 1: not JSON"):
        read([path], LABELS)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(BadRows, match="cannot be read: give a file of labelled rows"):
        read([tmp_path / "none.jsonl"], LABELS)


def test_a_draw_takes_as_many_of_each_file_and_language_and_is_the_same_again():
    rows = [
        Row(f"{n}", "positive", language, file)
        for file in ("a", "b")
        for language in ("en", "zh")
        for n in range(30)
    ]
    found = drawn(rows, 5)
    assert len(found) == 20
    assert found == drawn(rows, 5)
    assert {(row.file, row.language) for row in found} == {
        ("a", "en"),
        ("a", "zh"),
        ("b", "en"),
        ("b", "zh"),
    }
    assert [row.text for row in found[:5]] != ["0", "1", "2", "3", "4"]
    assert len(drawn(rows, 1000)) == 120
