"""The two prompts of a turn: their order, their common prefix, and what fits the budget."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import prompt
from bot.prompt import OVERHEAD_TOKENS, Exchange
from engine.base import Message
from engine.task_table import load
from engine.tasks import LabelTask, TaskWords
from tests.fakes import TASK

EXAMPLES = len(TASK.words("en").prefix())


def test_persona_examples_history_and_message_stand_in_that_order():
    history = [Exchange(1, "I lost my keys", "Oh dear.", "negative", "", "en")]
    built = prompt.build(TASK, "en", history, "and my bag", "7:en")
    messages = built.sentiment.messages
    assert messages[:EXAMPLES] == TASK.words("en").prefix()
    assert messages[EXAMPLES:] == (
        Message("user", "I lost my keys"),
        Message("assistant", " Oh dear.", ("[", "Negative", "]")),
        Message("user", "and my bag"),
        Message("assistant", "", ("[",)),
    )
    assert (built.sentiment.shared, built.sentiment.conversation) == (EXAMPLES, "7:en")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("note", ["", ", lower lately"])
def test_the_reply_prompt_goes_on_where_the_sentiment_prompt_ends(language, note):
    built = prompt.build(TASK, language, [], "hello", "")
    asked, replied = built.sentiment, built.reply("negative", note)
    assert asked.messages[:-1] == replied.messages[:-1]
    opening = replied.messages[-1].opening
    assert opening[: len(asked.messages[-1].opening)] == asked.messages[-1].opening
    word = TASK.words(language).labels["negative"]
    assert opening == tuple(piece for piece in ("[", word, note, "]") if piece)
    assert replied.messages[-1].content == ""


def test_a_task_without_brackets_has_no_empty_pieces():
    words = TaskWords("Which?", {"yes": "Yes", "no": "No"})
    built = prompt.build(LabelTask("t", "1", {"en": words}), "en", [], "hello", "")
    assert built.sentiment.messages[-1].opening == ()
    assert built.reply("yes", "").messages[-1].opening == ("Yes",)


@pytest.mark.parametrize(
    ("exchange", "opening"),
    [
        (Exchange(1, "a", "b", "positive", "", "en"), ("[", "Positive", "]")),
        (Exchange(1, "a", "b", "positive", "", "zh"), ("[", "正面", "]")),
        (Exchange(1, "a", "b", "negative", ", low", "en"), ("[", "Negative", ", low", "]")),
        (Exchange(1, "a", "b", "", "", "en"), ()),
        (Exchange(1, "a", "b", "from another task", "", "zh"), ()),
        (Exchange(1, "a", "b"), ()),
        (Exchange(1, "a", "b", "positive", "", "fr"), ("[", "Positive", "]")),
    ],
)
def test_an_old_turn_keeps_its_label_its_note_and_its_language(exchange, opening):
    built = prompt.build(TASK, "en", [exchange], "hello", "")
    assert built.before[EXAMPLES + 1].opening == opening


def test_an_old_reply_stands_as_the_model_wrote_it_and_as_the_examples_show_it():
    task = load()["sentiment"]
    shown = task.words("en").prefix()[2]
    built = prompt.build(task, "en", [Exchange(1, "a", "Oh dear.", "negative", "", "en")], "b", "")
    again = built.before[len(task.words("en").prefix()) + 1]
    assert shown.content.startswith(" ")
    assert again.content == " Oh dear."


# --- the window


exchanges = st.lists(st.integers(0, 60), max_size=30).map(
    lambda lengths: dict(enumerate(lengths, start=1))
)
for_all = settings(max_examples=60, deadline=None)


def window(lengths, *, budget, limit, first=0):
    history = [Exchange(number, "", "") for number in lengths]
    return [e.id for e in prompt.window(history, lengths, budget=budget, limit=limit, first=first)]


def tokens(ids, lengths) -> int:
    return sum(lengths[number] + OVERHEAD_TOKENS for number in ids)


@for_all
@given(exchanges, st.integers(0, 1500), st.integers(0, 15), st.integers(0, 32))
def test_the_window_is_the_newest_end_of_the_history_and_fits(lengths, budget, limit, first):
    kept = window(lengths, budget=budget, limit=limit, first=first)
    assert kept == list(lengths)[len(lengths) - len(kept) :]
    assert tokens(kept, lengths) <= budget
    assert len(kept) <= limit
    assert all(number >= first for number in kept)


@for_all
@given(exchanges, st.integers(0, 1500), st.integers(0, 15), st.integers(0, 32))
def test_what_fits_stays_whole_and_what_overflows_is_halved(lengths, budget, limit, first):
    kept = window(lengths, budget=budget, limit=limit, first=first)
    since = [number for number in lengths if number >= first]
    if tokens(since, lengths) <= budget and len(since) <= limit:
        assert kept == since
        return
    assert tokens(kept, lengths) <= budget // 2
    assert len(kept) <= (limit + 1) // 2
    more = since[len(since) - len(kept) - 1 :]  # and no more than needed has gone
    assert tokens(more, lengths) > budget // 2 or len(more) > (limit + 1) // 2


@for_all
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=40), st.integers(0, 900), st.integers(0, 12)
)
def test_a_growing_history_is_only_appended_to_until_it_is_halved(sizes, budget, limit):
    lengths: dict[int, int] = {}
    before: list[int] = []
    for number, size in enumerate(sizes, start=1):
        lengths[number] = size
        kept = window(lengths, budget=budget, limit=limit, first=before[0] if before else 0)
        grown = [*before, number]
        assert kept == grown or len(kept) <= len(grown) // 2 or tokens(kept, lengths) <= budget // 2
        before = kept


def test_one_exchange_that_is_longer_than_the_budget_leaves_nothing():
    assert window({1: 5, 2: 500}, budget=100, limit=12) == []


# --- the note


def noted(*notes: str) -> list[Exchange]:
    return [Exchange(number, "a", "b", "", note) for number, note in enumerate(notes)]


@pytest.mark.parametrize(
    ("direction", "history", "expected"),
    [
        ("falling", noted(), ", falling lately"),
        ("rising", noted(), ", rising lately"),
        ("steady", noted(), ""),
        ("steady", noted("", ""), ""),
        ("unclear", noted(), ""),
        ("falling", noted(", falling lately"), ""),
        ("falling", noted(", falling lately", "", ""), ""),
        ("rising", noted(", falling lately", ""), ", rising lately"),
        ("steady", noted(", falling lately"), ", steady lately"),
        ("steady", noted(", falling lately", ", steady lately"), ""),
        ("falling", noted(", falling lately", ", rising lately"), ", falling lately"),
    ],
)
def test_a_trend_is_told_when_its_words_are_news(direction, history, expected):
    assert prompt.note(TASK, "en", direction, history) == expected


def test_a_trend_is_told_anew_in_another_language():
    assert prompt.note(TASK, "zh", "falling", noted(", falling lately")) == "，最近低落些"


def test_a_task_without_notes_tells_no_trend():
    task = LabelTask("t", "1", {"en": TaskWords("Which?", {"yes": "Yes", "no": "No"})})
    assert prompt.note(task, "en", "falling", []) == ""
