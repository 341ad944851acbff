"""Texts are made into tokens once, and no words are kept for longer than they are asked for."""

from __future__ import annotations

import pytest

from engine import tokenized
from engine.chat_template import Piece
from engine.tokenized import Tokenized


class Letters:
    """A tokenizer: a letter is a token. Notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    async def __call__(self, text: str, *, control: bool) -> list[int]:
        self.asked.append((text, control))
        return [ord(letter) for letter in text]


@pytest.fixture
def letters() -> Letters:
    return Letters()


async def test_a_text_is_asked_for_once_and_its_control_tokens_are_another_question(letters):
    texts = Tokenized(letters)
    assert await texts.of("ab") == await texts.of("ab") == (97, 98)
    await texts.of("ab", control=True)
    assert letters.asked == [("ab", False), ("ab", True)]


async def test_the_text_that_was_asked_for_longest_ago_goes_first(letters, monkeypatch):
    monkeypatch.setattr(tokenized, "_KEPT_TEXTS", 2)
    texts = Tokenized(letters)
    for text in ("a", "b", "a", "c", "a", "b"):
        await texts.of(text)
    assert [text for text, _ in letters.asked] == ["a", "b", "c", "b"]
    assert len(texts) == 2


async def test_what_is_forgotten_is_asked_for_again_but_not_the_labels(letters):
    texts = Tokenized(letters)
    await texts.of("ann")
    assert await texts.labels(["Sad", "Sad"]) == {"Sad": (83, 97, 100)}
    texts.forget()
    assert not texts
    await texts.of("ann")
    await texts.labels(["Sad"])
    assert [text for text, _ in letters.asked] == ["ann", "Sad", "ann"]


async def test_a_prompt_says_how_much_of_it_is_shared(letters):
    pieces = [Piece("<", True, 0), Piece("hi", False, 0), Piece(">", True, 1)]
    tokens, shared = await Tokenized(letters).prompt(pieces, 1)
    assert (tokens, shared) == ([60, 104, 105, 62], 3)
    assert letters.asked == [("<", True), ("hi", False), (">", True)]


async def test_half_a_character_has_no_tokens_of_its_own(letters):
    assert await Tokenized(letters).of("a\ud800") == (97, 63)
