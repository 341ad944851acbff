"""The first words that a reply is begun with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.reply.opener import in_order

WORDS = ("That must", "I'm so sorry", "You must be")


@given(st.integers())
def test_every_opener_has_its_turn_before_one_comes_again(seed):
    assert sorted(in_order(WORDS, (), seed)) == sorted(WORDS)


@given(st.integers())
def test_the_same_seed_gives_the_same_order(seed):
    assert in_order(WORDS, (), seed) == in_order(WORDS, (), seed)


@given(st.integers())
def test_what_a_late_reply_began_with_comes_last(seed):
    replies = ("That must hurt.", "Good night.")
    assert in_order(WORDS, replies, seed)[-1] == "That must"


@given(st.integers())
def test_a_reply_of_long_ago_does_not_count(seed):
    replies = ("That must hurt.", *["Good night."] * 5)
    assert in_order(WORDS, replies, seed) == in_order(WORDS, (), seed)


def test_without_openers_there_is_none():
    assert in_order((), ("Good night.",), None) == []
