"""A person's trend feeds their conversation: in words, once, and only where there is enough."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from engine.task_table import load
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, felt, said, text_of

SHIPPED = load()["sentiment"]
FALLING = [(0.5, -0.6), (1.5, -0.6), (2.5, -0.6), (4.5, 0.6), (5.5, 0.6), (6.5, 0.6)]
TEXTS = {"en": "I lost my keys", "zh": "我丢了钥匙"}
REPLIES = {"en": ("Gently.", "Plainly."), "zh": ("轻声说。", "直说。")}
NOTES = {"en": ", lower lately", "zh": "，最近低落些"}

both = pytest.mark.parametrize("language", list(TEXTS))


async def told(
    moods: Iterable[tuple[float, float]], language: str, meant: dict[int, tuple[str, float]]
) -> tuple[tuple[str, ...], str]:
    """How the reply's prompt ends, and a reply that is gentler where the note is in it."""
    engine, store = FakeEngine(), MemoryStore()
    gently, plainly = REPLIES[language]
    engine.reply = lambda prompt: (
        gently if NOTES[language] in prompt.messages[-1].opening else plainly,
    )
    for days_ago, valence in moods:
        await felt(store, valence, days_ago=days_ago)
    for number, (label, valence) in meant.items():
        assert await store.correct("console", "ann", number, label, valence)
    events = await answer(chat_on(engine, store, SHIPPED), said(TEXTS[language]))
    return engine.streamed[-1].messages[-1].opening, text_of(events)


@both
async def test_with_a_falling_trend_the_prompt_holds_the_note_and_the_reply_follows(language):
    opening, reply = await told(FALLING, language, {})
    assert opening[2:] == (NOTES[language], "]")
    assert reply == REPLIES[language][0]


@pytest.mark.parametrize("moods", [[], FALLING[:4], FALLING[1:5]])
@both
async def test_with_too_little_there_is_nothing(language, moods):
    opening, reply = await told(moods, language, {})
    assert opening[2:] == ("]",)
    assert reply == REPLIES[language][1]


@both
async def test_what_the_person_set_right_changes_what_is_told(language):
    opening, reply = await told(FALLING, language, dict.fromkeys((1, 2, 3), ("positive", 0.9)))
    assert opening[2:] == (SHIPPED.words(language).notes["rising"], "]")
    assert reply == REPLIES[language][1]


@both
def test_no_note_counts_days_or_says_what_a_person_has_been(language):
    for note in SHIPPED.words(language).notes.values():
        assert not re.search(r"\d|day|天|in a row|连续|you |你", note)
