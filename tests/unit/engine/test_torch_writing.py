"""Text comes in whole characters, ends at a stop string, and holds back what may be one."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from engine.huggingface.writing import Writing


def decode(tokens: Sequence[int]) -> str:
    """Each token is a byte."""
    return bytes(tokens).decode("utf-8", "replace")


def told(data: bytes, *stop: str) -> list[str]:
    writing = Writing(decode, stop)
    pieces = []
    for byte in data:
        pieces.append(writing.add(byte))
        if writing.ended:
            break
    pieces.append(writing.rest())
    return [piece for piece in pieces if piece]


def test_characters_that_are_cut_across_tokens_come_whole() -> None:
    assert told("a你🎉b".encode()) == ["a", "你", "🎉", "b"]


def test_a_character_that_was_never_finished_is_dropped() -> None:
    assert told("好".encode() + "你".encode()[:2]) == ["好"]


def test_bytes_that_are_no_character_do_not_hold_back_what_follows() -> None:
    assert "".join(told(b"a\xff\xfebc")).replace("\ufffd", "") == "abc"


def test_a_stop_string_ends_the_text_and_is_no_part_of_it() -> None:
    assert "".join(told(b"one two [three] four", "[three")) == "one two "


def test_the_first_of_several_stop_strings_counts() -> None:
    assert "".join(told(b"one two three", "three", "two", "")) == "one "


def test_what_only_looked_like_a_stop_string_is_told_in_the_end() -> None:
    assert "".join(told(b"a <b> c <", "<end>")) == "a <b> c <"


def test_text_is_told_at_once_where_no_stop_string_can_begin() -> None:
    assert told(b"ab<c", "<end>") == ["a", "b", "<c"]


def test_a_stop_string_of_characters_cut_across_tokens_is_met() -> None:
    assert "".join(told("你好。再见".encode(), "。再")) == "你好"


@given(st.text(), st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_no_text_is_lost_or_added_before_the_first_stop(text: str, stop: list[str]) -> None:
    text = text.encode("utf-8", "replace").decode().rstrip("\ufffd")
    ends = [at for at in map(text.find, stop) if at >= 0]
    expected = text[: min(ends)] if ends else text
    assert "".join(told(text.encode(), *stop)) in _with_shorter_stops(expected, text, stop)


def _with_shorter_stops(expected: str, text: str, stop: list[str]) -> set[str]:
    """A stop string met earlier in time ends the text, though a longer one begins before it."""
    ended = {text[: text.index(s)] for s in stop if s in text}
    return {expected, *ended}
