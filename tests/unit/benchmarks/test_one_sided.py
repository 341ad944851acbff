"""The histories that stand before a measured message."""

from __future__ import annotations

import pytest

from benchmarks.one_sided import REPLIES, TURNS, UNLABELLED, history
from benchmarks.replies.cases import cases
from bot.evaluation import SENTIMENT

FEELS = {case.text: case.feels for case in cases()}


@pytest.mark.parametrize("language", REPLIES)
@pytest.mark.parametrize("label", SENTIMENT.labels)
def test_a_one_sided_history_has_one_label_and_messages_that_feel_so(language, label):
    turns = history(language, label)
    assert len(turns) == TURNS
    assert {turn.label for turn in turns} == {label}
    assert {FEELS[turn.person] for turn in turns} == {label}


@pytest.mark.parametrize("language", REPLIES)
def test_a_history_whose_labels_were_not_kept_is_of_every_mood(language):
    turns = history(language, UNLABELLED)
    assert len(turns) == TURNS
    assert {turn.label for turn in turns} == {""}
    assert {FEELS[turn.person] for turn in turns} == set(SENTIMENT.labels)


@pytest.mark.parametrize("language", REPLIES)
def test_without_a_history_there_is_no_turn(language):
    assert history(language, "nothing") == []
