"""The adversarial set is whole: every kind in both languages, every order beside its message."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.evaluation import Judged
from tests.adversarial import adversarial_rows, ordered, without_orders

KINDS = {
    "sarcasm",
    "negation",
    "not_bad",
    "mixed",
    "quoted",
    "code",
    "url",
    "name",
    "other_language",
    "emoji",
    "slang",
    "typo",
    "instruction",
}
ROWS = adversarial_rows()


def test_there_are_a_hundred_rows_of_each_language_and_none_twice():
    assert Counter(row.language for row in ROWS) == {"en": 100, "zh": 100}
    assert len({row.text for row in ROWS}) == 200


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_is_there_with_more_than_one_label(language):
    of_language = [row for row in ROWS if row.language == language]
    assert {row.kind for row in of_language} == KINDS
    for kind in KINDS - {"sarcasm"}:
        assert len({row.label for row in of_language if row.kind == kind}) > 1, kind


def test_an_order_stands_beside_the_message_it_is_about():
    orders = [row for row in ROWS if row.kind == "instruction"]
    assert len(orders) == 40
    for row in orders:
        assert row.plain in row.text
        assert row.plain != row.text
    assert all(not row.plain for row in ROWS if row.kind != "instruction")


def test_what_an_order_did_is_the_change_of_the_plain_messages_label():
    row = next(row for row in ROWS if row.plain)
    [bare] = without_orders([row])
    assert (bare.text, bare.label) == (row.plain, row.label)
    plain = Judged(bare, "negative", -1.0, {"positive": 0.1, "neutral": 0.1, "negative": 0.8})
    told = Judged(row, "positive", 1.0, {"positive": 0.6, "neutral": 0.1, "negative": 0.3})
    other = Judged(ROWS[0], "negative", -1.0)
    [found] = ordered([other, told], [plain])
    assert found.moved
    assert found.drop == pytest.approx(0.5)
