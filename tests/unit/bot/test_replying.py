"""A reply is begun with kind first words, and the model goes on from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fake_store import MemoryStore
from tests.fakes import TASK, FakeEngine, answer, chat_on, said, text_of

ENGLISH = replace(TASK.languages["en"], openers={"negative": ("That must", "You must be")})
BEGUN = replace(TASK, languages={**TASK.languages, "en": ENGLISH})
SAD = {"Negative": 3.0}
GLAD = {"Positive": 3.0}


def engine_of(leaning, *reply):
    engine = FakeEngine(*reply)
    engine.leaning = leaning
    return engine


def begun_with(engine):
    return [prompt.messages[-1].content for prompt in engine.streamed]


async def test_a_sad_message_is_answered_from_the_first_words_on():
    engine = engine_of(SAD, " hurt", " a lot.")
    chat = chat_on(engine, MemoryStore(), BEGUN, openers=True)
    told = text_of(await answer(chat, said("my cat died")))
    [opener] = begun_with(engine)
    assert told == f"{opener.strip()} hurt a lot."
    assert opener in (" That must", " You must be")


async def test_the_next_answer_begins_otherwise():
    engine = engine_of(SAD, " hurt", " a lot.")
    chat = chat_on(engine, MemoryStore(), BEGUN, openers=True)
    for text in ("my cat died", "it was my fault"):
        await answer(chat, said(text))
    first, second, *_ = begun_with(engine)
    assert first != second


@pytest.mark.parametrize(("leaning", "openers"), [(GLAD, True), (SAD, False)])
async def test_another_label_or_an_owner_leaves_the_first_words_to_the_model(leaning, openers):
    engine = engine_of(leaning)
    chat = chat_on(engine, MemoryStore(), BEGUN, openers=openers)
    assert text_of(await answer(chat, said("my cat died"))) == "I hear you."
    assert begun_with(engine) == [""]


async def test_first_words_alone_are_no_answer():
    engine = engine_of(SAD, "")
    chat = chat_on(engine, MemoryStore(), BEGUN, openers=True)
    told = text_of(await answer(chat, said("my cat died")))
    assert "must" not in told
    assert told
