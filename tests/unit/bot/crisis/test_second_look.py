"""When the model is asked for danger that no rule saw, and when its word does not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher

import pytest

from bot.crisis.care import CLOSE_FOR
from bot.crisis.reading import read
from bot.crisis.rulebook import KINDS, UNSURE
from bot.crisis.second_look import DANGER, measured, said_lately, signs, worth
from bot.safety import is_crisis
from engine.tasks import LabelTask
from tests.crisis import rows
from tests.fake_second_look import SHIPPED, measured_task

NOW = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("everything is grey", signs().negative),
        ("goodbye forever, and be happy", 0.0),
        ("I can’t go on", 0.0),
        ("taking all my PILLS tonight", 0.0),
        ("我撐不下去了", 0.0),
        ("遗书写好了", 0.0),
        ("他们走了", 0.0),
    ],
)
def test_a_negative_message_or_one_of_the_words_makes_it_worth_asking(text, negative):
    assert worth(text, negative)


@pytest.mark.parametrize("text", ["what shall I cook", "I had a diet coke", "今天吃什么", ""])
def test_neither_of_them_does_not(text):
    assert not worth(text, signs().negative - 0.01)


def test_the_words_are_written_as_texts_are_read():
    table = signs().words.pattern
    assert signs().version
    assert not signs().words.search("")
    for word in table.removeprefix(r"\b(?:").replace(r")\b", "").split("|"):
        plain = word.replace("\\", "")
        assert read(plain) == plain


def test_a_model_is_measured_in_the_languages_that_have_its_threshold():
    assert measured(measured_task(0.8), "fake-1b") == ["en", "zh"]
    assert measured(measured_task(0.8, "zh"), "fake-1b") == ["zh"]
    assert measured(measured_task(0.8), "another") == []


@pytest.mark.parametrize("kind", ["self", UNSURE])
def test_whoever_was_answered_so_in_the_last_hours_is_not_answered_so_again(kind):
    assert said_lately((NOW, kind), NOW)
    assert said_lately((NOW - CLOSE_FOR + MOMENT, kind), NOW)
    assert not said_lately((NOW - CLOSE_FOR, kind), NOW)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "self"])
def test_after_another_kind_of_danger_it_may_still_be_asked(kind):
    assert not said_lately((NOW, kind), NOW)
    assert not said_lately(None, NOW)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_question_is_short_and_shows_both_answers_evenly(language):
    words = SHIPPED.words(language)
    shown = [example.label for example in words.examples]
    assert next(iter(words.labels)) == DANGER
    assert 8 <= len(shown) <= 10
    assert shown.count(DANGER) * 2 == len(shown)
    characters = sum(len(m.content) for m in words.prefix())
    assert characters < (1_000 if language == "en" else 330)  # about 330 tokens with the template


@pytest.mark.parametrize("name", ["tuning", "heldout"])
def test_no_example_of_the_question_is_a_row_that_it_is_measured_on(name):
    for words in SHIPPED.languages.values():
        for example in words.examples:
            near = [
                example.user
                for row in rows(name)
                if SequenceMatcher(None, example.user, row["text"].lower()).ratio() > 0.8
            ]
            assert near == []


def test_most_examples_of_danger_are_such_as_the_rules_do_not_see():
    task: LabelTask = SHIPPED
    for words in task.languages.values():
        shown = [example.user for example in words.examples if example.label == DANGER]
        assert sum(map(is_crisis, shown)) <= len(shown) // 2
        assert not any(is_crisis(e.user) for e in words.examples if e.label != DANGER)
