"""That it is an AI: the ways people ask, and what only looks like asking."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from bot.honesty import asks_if_human
from bot.texts.sentences import say
from tests.unit.bot.phrases import phrases

ASKED = phrases("asks_if_human")
NOT_ASKED = phrases("only_looks_human")
SIXTY = Path(__file__).parents[3] / "benchmarks" / "replies" / "human.toml"
WAYS = [
    text
    for by_way in tomllib.loads(SIXTY.read_text(encoding="utf-8")).values()
    for texts in by_way.values()
    for text in texts
]


def test_there_are_enough_of_both():
    assert len(ASKED) >= 60
    assert len(NOT_ASKED) >= 40
    assert len(set(WAYS)) == 60


@pytest.mark.parametrize("text", ASKED)
def test_whoever_asks_what_it_is_is_heard(text):
    assert asks_if_human(text)


@pytest.mark.parametrize("text", WAYS)
def test_the_sixty_ways_of_the_reply_benchmark_meet_the_fixed_answer(text):
    assert asks_if_human(text)


@pytest.mark.parametrize("text", NOT_ASKED)
def test_what_only_looks_like_asking_is_left_to_the_model(text):
    assert not asks_if_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "ARE YOU HUMAN",
        "hi! quick one: are you a bot? ok bye",
        "Ａｒｅ ｙｏｕ ｈｕｍａｎ？",
        "are\n you   human",
        "are you hu\u200bman",
        "你是ＡＩ嗎？",
        "你好呀，你是真人吗？我有点难过",
    ],
)
def test_width_case_spaces_and_surroundings_do_not_hide_it(text):
    assert asks_if_human(text)


@pytest.mark.parametrize(
    "piece", ["对面", "你今年现在", "are you really even ", "so but and ", "do you"]
)
def test_no_text_takes_long_to_look_through(piece):
    """A pattern that divides a text in many ways would take for ever."""
    began = time.perf_counter()
    assert not asks_if_human(piece * 10_000)
    assert time.perf_counter() - began < 20


def test_the_answer_says_no_and_what_it_is():
    assert say("en", "honesty.human").startswith("No, I'm not a person")
    assert say("zh", "honesty.human").startswith("不，我不是真人")
    for language, word in (("en", "AI"), ("zh", "人工智能")):
        assert word in say(language, "honesty.human")
