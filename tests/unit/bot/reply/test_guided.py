"""How a reply is guided: its tone, its first words, the line it ends with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reply.guided import (
    asks,
    chances,
    closing,
    in_order,
    likeliest,
    puts_off,
    telling,
    tone,
)
from bot.reply.rules import breaches
from bot.reply.text import Candidate
from engine.task_table import load

WORDS = ("That must", "You must be", "I can hear how")
MANNERS = {k: w.manners["negative"] for k, w in load()["sentiment"].languages.items()}
GUIDED = [
    (language, label, manner)
    for language, words in load()["sentiment"].languages.items()
    for label, manner in words.manners.items()
    if manner.feelings
]
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
        ({"negative": 0.25, "neutral": 0.7, "positive": 0.05}, "neutral", "negative"),
        ({"negative": 0.15, "neutral": 0.8, "positive": 0.05}, "neutral", "neutral"),
        ({"negative": 0.3, "neutral": 0.1, "positive": 0.6}, "positive", "positive"),
        ({"negative": 0.1, "neutral": 0.4, "positive": 0.5}, "positive", "neutral"),
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
    assert tone({"negative": 0.4, "neutral": 0.6}, "neutral", message) == "neutral"
    assert tone({"positive": 0.9}, "positive", message) == "positive"


@pytest.mark.parametrize("message", ["I'm fine.", "fine", "it's nothing", "我没事。", "还好"])
def test_fine_soon_after_something_sad_puts_it_off(message):
    for before in (["negative"], ["negative", "neutral"], ["negative", "", "neutral"]):
        assert puts_off(message, before)
    for before in ([], ["positive"], ["negative", *["neutral"] * 3]):
        assert not puts_off(message, before)


@pytest.mark.parametrize("message", ["I'm fine with that plan", "ok, good night", "没事就好"])
def test_a_message_with_more_to_it_does_not(message):
    assert not puts_off(message, ["negative"])


@pytest.mark.parametrize(
    "message", ["thanks, that helped", "你真好，谢谢", "do you think that's good?", "这样好吗？"]
)
def test_thanks_and_questions_are_not_celebrated(message):
    assert tone({"positive": 0.9}, "positive", message) == "neutral"
    assert tone({"negative": 0.9}, "negative", message) == "negative"


@pytest.mark.parametrize(
    "message", ["oh great, the drill again", "7am. love that for me", "呵呵，发了两箱苹果"]
)
def test_what_only_sounds_glad_is_not_celebrated(message):
    assert tone({"positive": 0.9}, "positive", message) == "neutral"


def test_a_feeling_is_the_likeliest_over_all_wordings_and_worth_more_where_it_is_rare():
    scores = [
        {"sad": -1.0, "torn": -3.0, "angry": -2.0},
        {"sad": -1.0, "torn": -1.0, "angry": -4.0},
    ]
    plain, rare = chances(scores, {}), chances(scores, {"torn": 1.5})
    assert sum(plain.values()) == pytest.approx(1.0)
    assert likeliest(plain, ()) == ["sad"]
    assert likeliest(rare, ()) == ["torn", "sad"]


def test_of_two_that_are_near_the_one_that_was_not_named_before_comes_first():
    found = {"sad": 0.55, "upset": 0.45}
    assert likeliest(found, ("You sound sad.",)) == ["upset", "sad"]
    assert likeliest(found, ("You sound sad.", *["I see."] * 5)) == ["sad", "upset"]


@given(st.text())
def test_a_sentence_that_keeps_the_rules_is_told(seed):
    candidate = Candidate("", "my dog died", "en", (), ("You sound sad. I'm here.",))
    told = telling(["sad"], ("You sound {}.", "No wonder you feel {}."), candidate, seed)
    assert told == "No wonder you feel sad."


@pytest.mark.parametrize(("language", "label", "manner"), GUIDED)
def test_every_shipped_feeling_can_be_told_in_every_sentence_with_every_line(
    language, label, manner
):
    for feeling in manner.feelings:
        for text in (*manner.told, *manner.guessed, *manner.heard):
            first = Candidate(text.replace("{}", feeling), MESSAGE[language], language)
            assert not breaches(first)
            for closer in manner.closers:
                if asks(closer) and asks(first.text):
                    continue  # one question is enough
                assert closing((closer,), first, None).strip() == closer


@pytest.mark.parametrize(
    "message",
    ["I can't go on at work", "my dog had to go", "他走了", "he left without saying a word. " * 3],
)
def test_a_message_that_is_no_goodbye_keeps_its_tone(message):
    assert tone({"negative": 0.9}, "negative", message) == "negative"


@pytest.mark.parametrize("language", ["en", "zh"])
@given(seed=st.text())
def test_the_line_of_the_last_reply_does_not_come_again(language, seed):
    closers = MANNERS[language].closers
    for last in closers:
        before = "Something else was said. " if language == "en" else "说了别的。"
        candidate = Candidate(FIRST[language], MESSAGE[language], language, (), (before + last,))
        assert closing(closers, candidate, seed).strip() != last
