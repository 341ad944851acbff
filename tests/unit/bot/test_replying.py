"""A reply is begun with kind first words, and the model goes on from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.messages import Labelled
from engine.tasks import Manner
from tests.fake_store import MemoryStore
from tests.fakes import TASK, FakeEngine, answer, chat_on, said, text_of

MANNER = Manner(("That must", "You must be"), ("I'm all ears.", "Take your time."), 1, 0.25)
ENGLISH = replace(TASK.languages["en"], manners={"negative": MANNER})
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
    chat = chat_on(engine, MemoryStore(), BEGUN, guided=True)
    told = text_of(await answer(chat, said("my cat died")))
    [opener] = begun_with(engine)
    assert opener in (" That must", " You must be")
    assert told.startswith(f"{opener.strip()} hurt a lot. ")


async def test_a_line_of_ours_follows_so_many_sentences_and_no_more():
    engine = engine_of(SAD, " hurt", " a lot.", " Dogs are animals.", " Cats too.")
    chat = chat_on(engine, MemoryStore(), BEGUN, guided=True)
    told = text_of(await answer(chat, said("my cat died")))
    assert told.endswith(MANNER.closers)
    assert "Dogs" not in told
    assert engine.params[0].temperature == 0.25


async def test_where_the_model_is_stopped_in_a_sentence_the_sentence_ends():
    manner = replace(MANNER, stops=(",",), closers=())
    task = replace(BEGUN, languages={"en": replace(ENGLISH, manners={"negative": manner})})
    engine = engine_of(SAD, " hurt", " a lot, and", " dogs are animals.")
    chat = chat_on(engine, MemoryStore(), task, guided=True)
    told = text_of(await answer(chat, said("my cat died")))
    assert told in ("That must hurt a lot.", "You must be hurt a lot.")


async def test_a_sadness_that_is_only_likely_sets_the_tone_and_not_the_label():
    engine = engine_of({"Negative": -0.2, "Positive": -3.0}, " hurt", " a lot.")
    store = MemoryStore()
    events = await answer(chat_on(engine, store, BEGUN, guided=True), said("my cat died"))
    assert "hurt a lot." in text_of(events)
    assert engine.streamed[0].messages[-1].opening[1] == "Negative"
    assert [e.label for e in events if isinstance(e, Labelled)] == ["neutral"]


async def test_the_next_answer_begins_otherwise():
    engine = engine_of(SAD, " hurt", " a lot.")
    chat = chat_on(engine, MemoryStore(), BEGUN, guided=True)
    for text in ("my cat died", "it was my fault"):
        await answer(chat, said(text))
    first, second, *_ = begun_with(engine)
    assert first != second


@pytest.mark.parametrize(("leaning", "guided"), [(GLAD, True), (SAD, False)])
async def test_another_label_or_an_owner_leaves_the_first_words_to_the_model(leaning, guided):
    engine = engine_of(leaning)
    chat = chat_on(engine, MemoryStore(), BEGUN, guided=guided)
    assert text_of(await answer(chat, said("my cat died"))) == "I hear you."
    assert begun_with(engine) == [""]


async def test_first_words_alone_are_no_answer():
    engine = engine_of(SAD, "")
    chat = chat_on(engine, MemoryStore(), BEGUN, guided=True)
    told = text_of(await answer(chat, said("my cat died")))
    assert "must" not in told
    assert told
