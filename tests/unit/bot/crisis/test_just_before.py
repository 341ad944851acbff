"""A person's last words are kept for minutes, apart from everybody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from adapters.messages import Person, Scope
from bot.crisis.finding import EARLIER_MESSAGES
from bot.crisis.just_before import WITHIN, JustBefore
from tests.fakes import said


def after(message, seconds, text="later"):
    return replace(message, text=text, sent_at=message.sent_at + timedelta(seconds=seconds))


def test_what_was_said_just_before_comes_oldest_first_and_only_so_many():
    before = JustBefore()
    first = said("one")
    assert before.take(first) == ()
    assert before.take(after(first, 1, "two")) == ("one",)
    for number in range(5):
        before.take(after(first, 2 + number, str(number)))
    assert before.take(after(first, 9)) == ("2", "3", "4")
    assert EARLIER_MESSAGES == 3


def test_what_was_said_long_before_does_not_count():
    before = JustBefore()
    first = said("one")
    before.take(first)
    assert before.take(after(first, WITHIN.total_seconds() + 1)) == ()


def test_another_person_and_another_place_have_words_of_their_own():
    before = JustBefore()
    first = said("one")
    before.take(first)
    assert before.take(replace(first, person=Person("console", "bob"))) == ()
    assert before.take(replace(first, scope=Scope("console", "elsewhere"))) == ()


def test_what_is_cleared_is_gone():
    before = JustBefore()
    first = said("one")
    before.take(first)
    before.clear()
    assert before.take(after(first, 1)) == ()
