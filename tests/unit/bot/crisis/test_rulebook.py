"""The rules as they are written: complete, named once, and never hidden by their needs."""

from __future__ import annotations

import re

import pytest

from bot.crisis.reading import read
from bot.crisis.rulebook import EITHER, KINDS, LANGUAGES, UNSURE, mark, rulebook
from bot.texts.sentences import section_of
from tests.crisis import rows

BOOKS = [rulebook(language) for language in LANGUAGES]
CRISES = [read(row["text"]) for row in rows("tuning") if row["label"] == "crisis"]


@pytest.mark.parametrize("book", BOOKS, ids=LANGUAGES)
def test_every_rule_has_its_own_name_a_kind_and_a_need(book):
    names = [rule.id for rule in book.rules]
    assert len(set(names)) == len(names)
    assert {rule.kind for rule in book.rules} <= {*KINDS, EITHER}
    assert all(rule.needs for rule in book.rules)
    assert {rule.kind for rule in book.rules} >= {"self", "friend", "others", "abuse", "eating"}
    assert book.version


@pytest.mark.parametrize("book", BOOKS, ids=LANGUAGES)
def test_every_need_is_found_by_its_mark(book):
    """In a text with the need, the first pass stops at a place that names the need's rule."""
    for number, rule in enumerate(book.rules):
        for need in rule.needs:
            text = f"so, {need} and"
            found = [
                number in numbers
                for hit in book.marks.finditer(text)
                for wanted, numbers in book.tried[hit[0]]
                if wanted in text
            ]
            assert any(found), (rule.id, need, mark(need))


@pytest.mark.parametrize("book", BOOKS, ids=LANGUAGES)
def test_no_need_hides_what_its_pattern_finds(book):
    for text in CRISES:
        for rule in book.rules:
            if rule.found.search(text):
                assert any(need in text for need in rule.needs), (rule.id, text)


@pytest.mark.parametrize("book", BOOKS, ids=LANGUAGES)
def test_patterns_only_group_and_find_nothing_in_nothing(book):
    patterns = [
        book.idioms, book.first, book.third, book.reports,
        *(context.found for context in book.contexts), *(rule.found for rule in book.rules),
    ]  # fmt: skip
    for pattern in patterns:
        assert pattern.groups == 0
        assert not pattern.search("")
        assert not pattern.search(" ")


@pytest.mark.parametrize("book", BOOKS, ids=LANGUAGES)
def test_patterns_are_written_in_the_characters_that_texts_are_read_in(book):
    """A capital or a traditional character in a pattern would never be found."""
    for rule in book.rules:
        for need in rule.needs:
            assert read(need) == need.strip(), (rule.id, need)
        literal = re.sub(r"\\.", "", rule.found.pattern)
        assert literal == literal.casefold(), rule.id
        han = "".join(re.findall("[\u3400-\u9fff]", literal))
        assert read(han) == han, rule.id


def test_every_kind_has_its_answer_and_its_care_in_both_languages():
    noted = {*KINDS, UNSURE}
    for language in LANGUAGES:
        assert noted <= section_of(language, "safety").keys()
        assert noted == section_of(language, "care_close").keys()
        assert noted == section_of(language, "care_fading").keys()
