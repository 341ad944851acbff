"""The crisis layer: what must be seen, what only sounds so, and the answer that is given."""

from __future__ import annotations

import pytest

from bot.safety import crisis_answer, is_crisis
from tests.unit.bot.phrases import phrases

CRISIS = phrases("crisis")
HARMLESS = phrases("harmless")


def test_there_are_enough_of_both():
    assert len(CRISIS) >= 40
    assert len(HARMLESS) >= 60


@pytest.mark.parametrize("text", CRISIS)
def test_a_crisis_is_seen(text):
    assert is_crisis(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_sounds_so_is_left_alone(text):
    assert not is_crisis(text)


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO KILL MYSELF",
        "i want to   kill\nmyself",
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "I want to k\u200bill my\u00adself",
        "i wanna d1e",
        "k1ll myself",
        "no point in living. " * 3,
        "我想\u200b死",
        "ok so. anyway. i want to die. what's for dinner",
        "this heat is killing me and I want to kill myself",
        "笑死我了，其实我不想活了",
    ],
)
def test_width_case_spaces_and_surroundings_do_not_hide_it(text):
    assert is_crisis(text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("region", "number"), [("US", "988"), ("us", "988"), ("GB", "116 123"), ("CN", "12356")]
)
def test_the_answer_names_the_regions_helpline(language, region, number):
    assert number in crisis_answer(language, region)


@pytest.mark.parametrize("region", ["", "XX", "{}", "helpline"])
def test_an_unknown_region_gets_the_list_of_helplines(region):
    for language in ("en", "zh"):
        answer = crisis_answer(language, region)
        assert "findahelpline.com" in answer
        assert "{" not in answer


def test_the_answer_says_that_it_is_an_ai():
    assert "AI" in crisis_answer("en", "")
    assert "人工智能" in crisis_answer("zh", "")
