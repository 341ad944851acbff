"""What hides a word from a rule is taken away; everything else stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crisis.reading import READ_CHARACTERS, glued, read


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("  I'm   FINE\t, really ", "im fine , really"),
        ("I don’t know", "i dont know"),
        ("ｗａｎｔ　ｔｏ", "want to"),
        ("ki\u200bll m\u00adyself", "kill myself"),
        ("k\u0336i\u0336l\u0336l", "kill"),
        ("кill mysеlf", "kill myself"),
        ("k1ll mys3lf, d!e", "kill myself, die"),
        ("s*icide", "sicide"),
        ("kill_my_self", "kill my self"),
        ("sui-cide", "sui cide"),
        ("i want to d i e", "i want to die"),
        ("s.u.i.c.i.d.e", "suicide"),
        ("dieeeeee", "die"),
        ("i m done, i don t care, i can t", "im done, i dont care, i cant"),
        ("自.杀", "自杀"),
        ("想 死", "想死"),
        ("不　想　活", "不想活"),
        ("遺書寫好了", "遗书写好了"),
        ("我唔想做人喇", "我不想做人了"),
    ],
)
def test_what_hides_a_word_is_taken_away(written, read_as):
    assert read(written) == read_as


@pytest.mark.parametrize(
    "text",
    ["i want to die!please", "at 5 or 6", "a 3d film", "well, i am", "我想,死党来了", "好想 睡觉"],
)
def test_what_hides_nothing_stays(text):
    assert read(text) == text


def test_of_a_very_long_text_both_ends_are_read():
    text = f"begin {'x y ' * READ_CHARACTERS} end"
    assert read(text).startswith("begin")
    assert read(text).endswith("end")
    assert len(read(text)) <= 2 * READ_CHARACTERS + 1


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        ("我想自\n杀", "我想自杀"),
        ("i want to\nkill myself", "i want to kill myself"),
        ("it is late.\ngood night", "it is late.\ngood night"),
        ("a" * 80 + "\nb", "a" * 80 + "\nb"),
        ("one line", "one line"),
    ],
)
def test_a_sentence_cut_in_two_by_enter_is_whole_again(lines, whole):
    assert glued(lines) == whole


@given(st.text(max_size=300))
def test_any_text_can_be_read_and_no_sign_is_left_that_nobody_sees(text):
    seen = read(text)
    assert "\u200b" not in seen
    assert "  " not in seen
    assert glued(seen).count("\n") <= seen.count("\n")
