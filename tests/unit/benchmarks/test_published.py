"""The published method's prompts and its way to read a label, without a model."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from benchmarks.machine import memory_mb, spread
from benchmarks.published import (
    CUE,
    LONGEST_TEXT,
    FirstToken,
    Published,
    accuracy,
    chat,
    question,
    shortened,
    summary,
    verdict,
)
from bot.labelled import Row


class Always(Published):
    """Calls every text positive."""

    def __init__(self) -> None:
        """Loads nothing."""

    def label(self, text: str) -> str:
        """正面."""
        return "正面"


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("Positive", "正面"),
        (" Positive\n因为", "正面"),
        ("这是Positive的", "正面"),
        ("Negative", "负面"),
        ("positive", "负面"),
        ("\nPositive", "负面"),
        ("", "负面"),
    ],
)
def test_only_the_cue_s_own_line_is_searched_for_the_word(answer: str, label: str) -> None:
    assert verdict(question("我很好") + answer) == label


def test_the_question_holds_the_text_as_it_is_and_ends_with_the_cue() -> None:
    asked = question("{text} %s {0}")
    assert "文本：{text} %s {0}\n" in asked
    assert asked.endswith(CUE)


def test_the_word_in_the_rules_or_in_the_text_is_no_verdict() -> None:
    assert verdict(question("Positive")) == "负面"


def test_the_history_comes_before_the_message_in_pairs() -> None:
    roles = [(m["role"], m["content"]) for m in chat([("a", "b"), ("c", "d")], "e")]
    assert roles[0][0] == "system"
    assert roles[1:] == [
        ("user", "a"),
        ("assistant", "b"),
        ("user", "c"),
        ("assistant", "d"),
        ("user", "e"),
    ]


def test_the_first_token_is_the_second_thing_that_generate_puts() -> None:
    first = FirstToken()
    first.put("the prompt")
    assert first.at == 0.0
    before = time.perf_counter()
    first.put("a token")
    noted = first.at
    first.put("another")
    first.end()
    assert before <= noted == first.at


def test_labels_are_counted_by_file_and_language() -> None:
    rows = [
        Row("x", "positive", "en", "a"),
        Row("y", "negative", "en", "a"),
        Row("z", "positive", "zh", "a"),
    ]
    assert accuracy(Always(), rows) == [
        {"source": "a", "language": "en", "rows": 2, "correct": 1},
        {"source": "a", "language": "zh", "rows": 1, "correct": 1},
    ]


def test_a_row_is_at_most_the_longest_text() -> None:
    long, short = (
        Row("好" * (LONGEST_TEXT + 9), "positive", "zh", "a"),
        Row("x", "neutral", "en", "a"),
    )
    assert [row.text for row in shortened([long, short])] == ["好" * LONGEST_TEXT, "x"]


def test_a_result_without_messages_or_rows_is_still_a_table() -> None:
    lines = list(
        summary(
            {
                "model": "m",
                "machine": "here",
                "date": "2026-01-01",
                "turns": [],
                "load_s": 1.25,
                "memory": {"peak": 10.0, "now": 9.0},
                "accuracy": [],
            }
        )
    )
    assert lines[0] == "published method, m, here, 2026-01-01"
    assert "| memory, MB: most / now | 10 / 9 |" in lines


def test_an_accuracy_has_its_interval() -> None:
    part = {"source": "a", "language": "en", "rows": 100, "correct": 57}
    memory = {"peak": 1.0, "now": 1.0}
    empty = {"model": "", "machine": "", "date": "", "turns": [], "load_s": 0.0, "memory": memory}
    assert "| a | en | 100 | 57 % | 47-66 |" in list(summary({**empty, "accuracy": [part]}))


def test_a_spread_is_the_median_and_the_ends() -> None:
    assert spread([3.0, 1.0, 200.4]) == "3 (1-200)"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_of_the_process_that_is_named() -> None:
    ours = memory_mb()
    assert ours["peak"] >= ours["now"] > 1
    assert memory_mb(os.getpid()).keys() == ours.keys()


def test_nothing_heavy_is_imported_before_a_model_is_wanted() -> None:
    code = (
        "import sys, benchmarks.published, benchmarks.engines, benchmarks.agreement\n"
        "print(sorted({'torch', 'transformers', 'xllamacpp'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
