"""What a turn's prompt holds: its own conversation's history within the budget, and the trend."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messages import Scope
from bot.chat import Chat
from bot.prompt import OVERHEAD_TOKENS
from engine.base import Message, Prompt, SamplingParams
from engine.task_table import load
from tests.fake_store import MemoryStore
from tests.fakes import (
    FakeEngine,
    answer,
    chat_on,
    felt,
    notice_of,
    others_done,
    said,
    text_of,
    tokens,
)

SHIPPED = load()["sentiment"]
FALLING = [(0.5, -0.6), (1.5, -0.6), (2.5, -0.6), (4.5, 0.6), (5.5, 0.6), (6.5, 0.6)]
RISING = [(age, -valence) for age, valence in FALLING]
STEADY = [(age, 0.3) for age, _ in FALLING]
UNCLEAR = [(age, 0.8 * (-1) ** number) for number, (age, _) in enumerate(FALLING)]
SLOWLY = [(4 * age, valence) for age, valence in FALLING]


def history(prompt: Prompt) -> tuple[Message, ...]:
    """What stands between the examples and the message."""
    return prompt.messages[prompt.shared : -2]


async def seed(store: MemoryStore, moods: Iterable[tuple[float, float]], **said_) -> None:
    for days_ago, valence in moods:
        await felt(store, valence, days_ago=days_ago, **said_)


async def test_earlier_turns_stand_in_the_prompt_with_their_labels_in_brackets():
    engine = FakeEngine()
    engine.leaning = lambda prompt: {prompt.messages[-2].content.split()[-1]: 5.0}
    chat = chat_on(engine, MemoryStore())
    for text in ("first Negative", "second Positive", "third Neutral"):
        await answer(chat, said(text))
    assert history(engine.streamed[-1]) == (
        Message("user", "first Negative"),
        Message("assistant", " I hear you.", ("[", "Negative", "]")),
        Message("user", "second Positive"),
        Message("assistant", " That sounds hard.", ("[", "Positive", "]")),
    )


async def test_turns_of_the_other_language_stay_in_it():
    engine = FakeEngine()
    chat = chat_on(engine, MemoryStore())
    for text in ("我丢了钥匙", "I lost my keys"):
        await answer(chat, said(text))
    assert history(engine.streamed[-1])[1].opening == ("[", "正面", "]")
    assert engine.streamed[-1].messages[-1].opening == ("[", "Positive", "]")
    assert [prompt.conversation for prompt in engine.streamed] == ["100:zh", "100:en"]


@pytest.mark.parametrize("limit", [0, 1, 3])
async def test_a_callers_history_is_read_and_nothing_is_kept(limit):
    engine, store = FakeEngine(), MemoryStore()
    given_history = tuple((f"person {n}", f"reply {n}") for n in range(3))
    message = said("and now", remember=False, history=given_history)
    await answer(chat_on(engine, store, history_turns=limit), message)
    contents = [message.content.strip() for message in history(engine.streamed[-1])]
    pairs = [text for pair in given_history for text in pair]
    assert contents == pairs[len(pairs) - len(contents) :]
    assert len(contents) <= 2 * limit
    assert len(contents) == 6 or limit < 3
    assert (store.turns, engine.streamed[-1].conversation) == ({}, "")


async def test_a_callers_history_is_not_read_where_the_store_remembers():
    engine = FakeEngine()
    await answer(chat_on(engine, MemoryStore()), said("hello", history=(("secret", "words"),)))
    assert history(engine.streamed[-1]) == ()


async def test_only_answered_turns_are_history():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    await answer(chat, said("one two"))
    store.turns[1]["state"] = "declined"
    await answer(chat, said("three four"))
    assert history(engine.streamed[-1]) == ()


# --- the window


async def test_the_history_grows_to_the_limit_and_then_its_older_half_goes_at_once():
    engine = FakeEngine()
    chat = chat_on(engine, MemoryStore(), history_turns=6)
    for number in range(16):
        await answer(chat, said(f"message {number}"))
        await others_done()
    sizes = [len(history(prompt)) // 2 for prompt in engine.streamed]
    assert sizes == [0, 1, 2, 3, 4, 5, 6, 3, 4, 5, 6, 3, 4, 5, 6, 3]


async def test_where_the_older_half_will_go_the_rest_is_read_before_the_next_message():
    engine = FakeEngine()
    chat = chat_on(engine, MemoryStore(), history_turns=6)
    for number in range(8):
        await answer(chat, said(f"message {number}"))
        await others_done()
    (ahead,) = [prompt for prompt in engine.scored if prompt.messages[-2].content == ""]
    following = engine.streamed[7]
    assert ahead.messages[:-2] == following.messages[:-2]
    assert ahead.conversation == following.conversation


async def test_after_a_restart_the_history_is_there_and_goes_on_growing():
    engine, store = FakeEngine(), MemoryStore()
    for number in range(20):
        if number in (5, 11):
            await others_done()
            chat_on(engine, store)
        chat = chat_on(engine, store, history_turns=6)
        await answer(chat, said(f"message {number}"))
        newest = history(engine.streamed[-1])[-2:]
        assert number == 0 or newest[0].content == f"message {number - 1}"
        assert len(history(engine.streamed[-1])) <= 12


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 60), min_size=2, max_size=20),
    st.integers(0, 8),
    st.integers(200, 500),
    st.integers(0, 19),
)
def test_successive_prompts_share_their_prefix_except_at_a_halving(sizes, limit, length, restart):
    asyncio.run(_prompts_share_their_prefix(sizes, limit, length, restart))


async def _prompts_share_their_prefix(
    sizes: list[int], limit: int, length: int, restart: int
) -> None:
    engine, store = FakeEngine(context_length=length), MemoryStore()

    def started() -> Chat:
        return chat_on(engine, store, history_turns=limit, sampling=SamplingParams(20))

    chat = started()
    expected: tuple[Message, ...] = ()
    for number, size in enumerate(sizes):
        if number == restart:
            chat, expected = started(), ()
        events = await answer(chat, said("word " * size))
        await others_done()
        assert notice_of(events) in ("", "too_long")
        if notice_of(events):
            continue
        prompt = engine.streamed[-1]
        found = history(prompt)
        cost = sum(map(tokens, found)) + OVERHEAD_TOKENS * len(found) // 2
        assert len(found) <= 2 * limit
        assert cost + sum(map(tokens, prompt.messages[: prompt.shared])) <= length - 20
        if number != restart and found != expected:
            assert len(found) <= 2 * ((limit + 1) // 2)
            assert cost <= (length - 20) // 2
            assert expected[len(expected) - len(found) :] == found
        reply = Message("assistant", f" {text_of(events)}", ("[", "Positive", "]"))
        expected = (*found, prompt.messages[-2], reply)


# --- the trend


@pytest.mark.parametrize(
    ("moods", "text", "note"),
    [
        (FALLING, "I lost my keys", ", lower lately"),
        (FALLING, "我丢了钥匙", "，最近低落些"),
        (RISING, "I lost my keys", ", brighter lately"),
        (RISING, "我丢了钥匙", "，最近开朗些"),
        (SLOWLY, "I lost my keys", ", lower lately"),
        (STEADY, "I lost my keys", ""),
        (UNCLEAR, "I lost my keys", ""),
        (FALLING[1:5], "I lost my keys", ""),
        ([], "I lost my keys", ""),
    ],
)
async def test_a_clear_trend_stands_in_the_replys_bracket_and_not_in_the_sentiments(
    moods, text, note
):
    engine, store = FakeEngine(), MemoryStore()
    await seed(store, moods)
    await answer(chat_on(engine, store, SHIPPED), said(text))
    assert engine.streamed[0].messages[-1].opening[2:] == ((note, "]") if note else ("]",))
    assert engine.scored[0].messages[-1].opening == ("[",)
    assert engine.scored[0].messages[:-1] == engine.streamed[0].messages[:-1]
    assert list(store.turns.values())[-1]["note"] == note


@pytest.mark.parametrize(
    ("text", "note"), [("hi there", ", steady lately"), ("你好", "，最近平稳")]
)
async def test_a_trend_that_has_ended_is_called_steady(text, note):
    engine, store = FakeEngine(), MemoryStore()
    await seed(store, STEADY)
    await felt(store, 0.3, note=", lower lately")
    await answer(chat_on(engine, store, SHIPPED), said(text))
    assert note in engine.streamed[0].messages[-1].opening


async def test_a_note_is_not_repeated_while_its_words_are_the_same():
    engine, store = FakeEngine(), MemoryStore()
    await seed(store, FALLING)
    engine.leaning = {"Negative": 9.0}
    chat = chat_on(engine, store, SHIPPED)
    for text in ("one two", "three four", "five six"):
        await answer(chat, said(text))
    last = [prompt.messages[-1].opening for prompt in engine.streamed]
    assert [", lower lately" in opening for opening in last] == [True, False, False]
    old = [message.opening for message in history(engine.streamed[-1])]
    assert old.count(("[", "Negative", ", lower lately", "]")) == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"scope": Scope("console", "group")},
        {"scope": Scope("console", "ann", "thread")},
        {"user": "bo"},
        {"user": "bo", "scope": Scope("console", "ann")},
    ],
)
async def test_only_the_persons_own_moods_in_this_conversation_count(elsewhere):
    engine, store = FakeEngine(), MemoryStore()
    await seed(store, FALLING, **elsewhere)
    await answer(chat_on(engine, store, SHIPPED), said("I lost my keys"))
    assert engine.streamed[0].messages[-1].opening[2:] == ("]",)
