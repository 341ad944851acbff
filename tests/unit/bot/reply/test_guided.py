"""How a reply is guided: its tone, its first words, the line it ends with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reply.guided import closing, in_order, tone
from bot.reply.text import Candidate
from engine.task_table import load

WORDS = ("That must", "You must be", "I can hear how")
MANNERS = {k: w.manners["negative"] for k, w in load()["sentiment"].languages.items()}
FIRST = {"en": "You must be very worried.", "zh": "你一定很担心。"}
MESSAGE = {"en": "my son hasn't called", "zh": "儿子没接我电话"}


@given(st.text())
def test_every_text_has_its_turn_before_one_comes_again(seed):
    assert sorted(in_order(WORDS, (), seed)) == sorted(WORDS)


@given(st.text())
def test_the_same_seed_gives_the_same_order(seed):
    assert in_order(WORDS, (), seed) == in_order(WORDS, (), seed)


@given(st.text())
def test_what_stands_in_a_late_reply_comes_last(seed):
    replies = ("That must hurt.", "Good night.")
    assert in_order(WORDS, replies, seed)[-1] == "That must"


@given(st.text())
def test_a_reply_of_long_ago_does_not_count(seed):
    replies = ("That must hurt.", *["Good night."] * 5)
    assert in_order(WORDS, replies, seed) == in_order(WORDS, (), seed)


def test_where_there_is_nothing_to_choose_nothing_is_chosen():
    assert in_order((), ("Good night.",), None) == []
    assert closing((), Candidate("Oh.", "hi", "en"), None) == ""


@pytest.mark.parametrize(
    ("probabilities", "label", "expected"),
    [
        ({"negative": 0.9, "neutral": 0.05, "positive": 0.05}, "negative", "negative"),
        ({"negative": 0.35, "neutral": 0.6, "positive": 0.05}, "neutral", "negative"),
        ({"negative": 0.2, "neutral": 0.75, "positive": 0.05}, "neutral", "neutral"),
        ({"negative": 0.4, "neutral": 0.1, "positive": 0.5}, "positive", "positive"),
        ({}, "neutral", "neutral"),
    ],
)
def test_what_may_well_be_sad_is_answered_as_sad(probabilities, label, expected):
    assert tone(probabilities, label, "the test was today") == expected


@pytest.mark.parametrize(
    "message", ["gotta go, my bus is here", "good night", "晚安", "先走了，车来了", "ok bye"]
)
def test_whoever_says_goodbye_is_not_asked_to_stay(message):
    assert tone({"negative": 0.9}, "negative", message) == "neutral"
    assert tone({"positive": 0.9}, "positive", message) == "positive"


@pytest.mark.parametrize(
    "message",
    ["I can't go on at work", "my dog had to go", "他走了", "he left without saying a word. " * 3],
)
def test_a_message_that_is_no_goodbye_keeps_its_tone(message):
    assert tone({"negative": 0.9}, "negative", message) == "negative"


@pytest.mark.parametrize(
    ("language", "closer"), [(k, closer) for k, m in MANNERS.items() for closer in m.closers]
)
def test_every_shipped_line_keeps_the_rules(language, closer):
    line = closing((closer,), Candidate(FIRST[language], MESSAGE[language], language), None)
    assert line.strip() == closer


@pytest.mark.parametrize("language", ["en", "zh"])
@given(seed=st.text())
def test_the_line_of_the_last_reply_does_not_come_again(language, seed):
    closers = MANNERS[language].closers
    for last in closers:
        before = "Something else was said. " if language == "en" else "说了别的。"
        candidate = Candidate(FIRST[language], MESSAGE[language], language, (), (before + last,))
        assert closing(closers, candidate, seed).strip() != last
