"""A person's words are cut so that no control token is left in them, and are counted honestly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.remote.tokens import estimate, plain_parts
from engine.tokenized import whole

CONTROL = ("<|im_end|>", "</s>", "<start_of_turn>", "[INST]", "[/INST]", "<｜User｜>", "[gMASK]")
NEARLY = st.text(st.sampled_from("<>|[]/ as"), max_size=30)


@given(st.text() | NEARLY)
def test_the_parts_are_the_text(text):
    assert "".join(plain_parts(text)) == text


@given(NEARLY, st.sampled_from(CONTROL), NEARLY)
def test_no_part_holds_a_control_token(before, control, after):
    assert all(control not in part for part in plain_parts(before + control + after))


@given(NEARLY)
def test_no_part_holds_anything_that_looks_like_one(text):
    assert not any(re.search(r"[<\[][^\s<>\[\]]+[>\]]", part) for part in plain_parts(text))


@pytest.mark.parametrize("text", ["I <3 you", "a < b > c", "so sad :<", "", "[ no ]", "x[1"])
def test_ordinary_text_stays_in_one_part(text):
    assert plain_parts(text) == ([text] if text else [])


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("I am so tired today", 4),
        ("今天好累", 3),
        ("2026-11-25", 10),
        ("🎉", 1),
        ("Я устал", 3),
    ],
)
def test_an_estimate_is_more_than_a_real_vocabulary_takes(text, tokens):
    """The figures are those of Qwen2.5's vocabulary, or fewer."""
    assert estimate(text) >= tokens


def test_an_estimate_is_not_far_more_for_what_people_write():
    english = "I have been feeling a bit lost since we moved here, and I miss my old friends."
    assert len(english.split()) < estimate(english) < 2 * len(english.split())
    chinese = "搬到这里以后我一直有点迷茫，很想念以前的朋友。"
    assert estimate(chinese) == len(chinese)


def test_lone_halves_of_characters_do_not_leave_this_machine():
    assert whole("a\ud800b🎉") == "a?b🎉"
    assert estimate("\ud800") == 1
