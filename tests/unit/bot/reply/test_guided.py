"""How a reply is guided: the feeling it names, its first words, the line it ends with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reply.guided import (
    chances,
    clear,
    closing,
    in_order,
    likeliest,
    telling,
    wording_of,
)
from bot.reply.moves import asks
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


def test_a_feeling_is_the_likeliest_and_worth_more_where_it_is_rare():
    scores = {"sad": -1.0, "torn": -2.0, "angry": -3.0}
    plain, rare = chances(scores, {}), chances(scores, {"torn": 1.5})
    assert sum(plain.values()) == pytest.approx(1.0)
    assert likeliest(plain, ()) == ["sad"]
    assert likeliest(rare, ()) == ["torn", "sad"]


def test_a_feeling_is_clear_where_it_stands_out_and_told_where_the_label_is_sure():
    assert clear({"sad": 0.6, "torn": 0.4})
    assert not clear({"sad": 0.5, "torn": 0.5})
    assert not clear({"sad": 0.6, "torn": 0.4}, doubtful=True)
    manner = MANNERS["en"]
    assert wording_of(manner, 0.9) == manner.told
    assert wording_of(manner, 0.5) == manner.guessed


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


@pytest.mark.parametrize("language", ["en", "zh"])
@given(seed=st.text())
def test_the_line_of_the_last_reply_does_not_come_again(language, seed):
    closers = MANNERS[language].closers
    for last in closers:
        before = "Something else was said. " if language == "en" else "说了别的。"
        candidate = Candidate(FIRST[language], MESSAGE[language], language, (), (before + last,))
        assert closing(closers, candidate, seed).strip() != last
