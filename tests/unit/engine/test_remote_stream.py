"""Streams are cut between bytes, and come out in whole characters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base import EngineFailed
from engine.remote.stream import EventLines, Unprefixed, WholeCharacters

STREAM = ': hi\r\nevent: x\r\ndata: {"a":"né🎉"}\r\n\r\ndata:two\n\nid: 3\ndata: [DONE]\n'.encode()
EVENTS = ['{"a":"né🎉"}'.encode(), b"two", b"[DONE]"]


@given(st.lists(st.integers(0, len(STREAM))))
def test_events_are_the_same_wherever_the_stream_is_cut(cuts):
    lines = EventLines()
    places = [0, *sorted(cuts), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in pairwise(places)]
    assert [event for chunk in chunks for event in lines.feed(chunk)] == EVENTS
    assert lines.end() == []


def test_a_last_line_without_its_break_comes_at_the_end():
    lines = EventLines()
    assert lines.feed(b"data: one\n\ndata: two") == [b"one"]
    assert lines.end() == [b"two"]
    assert lines.end() == []


def test_an_error_in_a_field_of_its_own_is_data():
    assert EventLines().feed(b'error: {"code":500}\n') == [b'{"error": {"code":500}}']


def test_a_line_without_end_is_an_error():
    lines = EventLines()
    lines.feed(b"data: " + b"x" * 1_000_000)
    with pytest.raises(EngineFailed, match="does not end"):
        lines.feed(b"x" * 100_000)


@given(st.text())
def test_halves_of_characters_are_joined_again(text):
    units = text.encode("utf-16-le")
    pairs = [units[n : n + 2] for n in range(0, len(units), 2)]
    halves = [pair.decode("utf-16-le", "surrogatepass") for pair in pairs]
    whole = WholeCharacters()
    assert "".join(whole.feed(half) for half in halves) == text.replace("\ufffd", "")


def test_what_stands_for_broken_bytes_is_dropped_and_a_lone_half_too():
    whole = WholeCharacters()
    assert whole.feed("caf\ufffd") == "caf"
    assert whole.feed("a\udc00b\ud83d") == "ab"
    assert whole.feed("c") == "c"


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["[Neg", "ative] I'm", " sorry"], " I'm sorry"),
        ([" [Negative]", " yes"], " yes"),
        (["[Nega", "! no"], "[Nega! no"),
        (["I'm here"], "I'm here"),
        (["[Neg"], "[Neg"),
        ([], ""),
    ],
)
def test_an_opening_that_comes_back_is_taken_off(pieces, text):
    bare = Unprefixed("[Negative]")
    assert "".join([*map(bare.feed, pieces), bare.end()]) == text


def test_without_an_opening_nothing_is_held_back():
    bare = Unprefixed("")
    assert (bare.feed("  a"), bare.end()) == ("  a", "")
