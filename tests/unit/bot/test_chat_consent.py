"""What is kept is told and asked once, in private, at a good moment; moods follow the answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.messages import Card, Finished, Labelled, Scope, Text
from bot import consent
from bot.command import Facts
from bot.texts.sentences import say
from engine.base import EngineFailed
from engine.task_table import load
from storage.errors import DatabaseBusy
from storage.records import Preferences
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, chat_on, felt, said, text_of

ANN = ("console", "ann")
FALLING = ((0.5, -0.6), (1.5, -0.6), (2.5, -0.6), (4.5, 0.6), (5.5, 0.6), (6.5, 0.6))


def asking(engine: FakeEngine | None = None, store: MemoryStore | None = None, **settings: Any):
    """A chat whose owner lets people choose, and its memory."""
    store = MemoryStore() if store is None else store
    chosen: dict[str, Any] = {"mood_memory": "ask", "history": "ask"}
    return chat_on(engine or FakeEngine(), store, **(chosen | settings)), store


def question(language: str) -> Card:
    """The card for somebody who has chosen nothing."""
    return consent.card(language, Preferences(), Facts("tiny"))


def cards(events: Any) -> list[Card]:
    return [event for event in events if isinstance(event, Card)]


# --- the card


async def test_the_card_comes_once_after_the_first_answer():
    chat, store = asking()
    events = await answer(chat, said("I lost my keys"))
    assert [type(event) for event in events] == [Labelled, Text, Card, Finished]
    assert events[2] == question("en")
    assert ANN in store.carded
    assert cards(await answer(chat, said("and my bag"))) == []


async def test_it_is_said_in_the_persons_language():
    chat, _ = asking()
    assert cards(await answer(chat, said("我丢了钥匙"))) == [question("zh")]


@pytest.mark.parametrize("choice", ["on", "off"])
async def test_whoever_has_chosen_is_not_asked(choice):
    chat, store = asking()
    store.choices[ANN] = store.histories[ANN] = choice
    assert cards(await answer(chat, said("hello"))) == []


async def test_whoever_has_chosen_one_is_asked_for_the_other():
    chat, store = asking()
    store.histories[ANN] = "on"
    (card,) = cards(await answer(chat, said("hello")))
    assert [button.command for row in card.buttons for button in row] == [
        "/memory moods on", "/memory moods off"
    ]  # fmt: skip


async def test_whoever_was_asked_at_the_start_is_not_asked_again():
    chat, _ = asking()
    assert len(cards(await answer(chat, said("/start")))) == 1
    assert cards(await answer(chat, said("hello"))) == []


@pytest.mark.parametrize("setting", ["on", "off"])
async def test_where_the_owner_has_decided_it_is_told_once_and_nobody_is_asked(setting):
    chat, _ = asking(mood_memory=setting, history=setting, told=False)
    (card,) = cards(await answer(chat, said("hello")))
    for what in ("history", "moods"):
        assert say("en", f"memory.{what}_{setting}") in card.text
    assert "May I" not in card.text
    assert cards(await answer(chat, said("hello again"))) == []


@pytest.mark.parametrize(
    "message",
    [
        {"text": "hello", "private": False, "scope": Scope("console", "group")},
        {"text": "hello", "remember": False},
        {"text": "I want to die"},
        {"text": "are you human?"},
        {"text": "word " * 2000},
        {"text": ""},
        {"text": "/mood 7"},
    ],
)
async def test_this_is_not_the_moment(message):
    chat, store = asking()
    events = await answer(chat, said(**message))
    assert question("en") not in events
    assert store.carded == set()


@pytest.mark.parametrize("where", ["score", "first word", "later word"])
async def test_nobody_is_asked_after_a_failure(where):
    engine = FakeEngine()
    chat, store = asking(engine)
    if where == "score":
        engine.before_score = [EngineFailed("boom")]
    else:
        engine.reply = (
            (EngineFailed("boom"),)
            if where == "first word"
            else (" I hear you. Go", EngineFailed(""))
        )
    assert cards(await answer(chat, said("hello"))) == []
    assert store.carded == set()
    engine.before_score, engine.reply = [], (" I hear you.",)
    assert len(cards(await answer(chat, said("hello")))) == 1


async def test_nobody_is_asked_after_a_stop():
    engine = FakeEngine(" I hear you. Go", asyncio.Event())
    chat, _ = asking(engine)
    running = await begun(engine, chat, said("hello"))
    await answer(chat, said("stop"))
    assert cards(await running) == []


async def test_two_answers_at_once_ask_once():
    engine = FakeEngine()
    engine.before_score = [go := asyncio.Event()]
    chat, _ = asking(engine)
    first = await begun(engine, chat, said("one"))
    second = asyncio.create_task(answer(chat, said("two")))
    go.set()
    assert [len(cards(await task)) for task in (first, second)] == [1, 0]


async def test_whoever_chooses_while_the_answer_is_written_is_not_asked():
    engine = FakeEngine()
    engine.before_score = [go := asyncio.Event()]
    chat, _ = asking(engine)
    running = await begun(engine, chat, said("hello"))
    await answer(chat, said("/memory off"))
    go.set()
    assert cards(await running) == []


async def test_whoever_was_forgotten_while_the_answer_was_written_is_not_asked():
    engine = FakeEngine()
    engine.before_score = [go := asyncio.Event()]
    chat, store = asking(engine)
    running = await begun(engine, chat, said("hello"))
    await store.forget(*ANN)
    go.set()
    assert cards(await running) == []
    assert store.carded == set()


async def test_a_card_that_cannot_be_noted_comes_another_time():
    chat, store = asking()
    store.broken["set_carded"] = DatabaseBusy("Another program holds the file.")
    events = await answer(chat, said("hello"))
    assert [type(event) for event in events] == [Labelled, Text, Finished]
    store.broken.clear()
    assert len(cards(await answer(chat, said("hello")))) == 1


# --- what is kept


async def test_no_mood_is_kept_until_the_person_says_yes():
    chat, store = asking()
    await answer(chat, said("one"))
    await answer(chat, said("/memory on"))
    await answer(chat, said("two"))
    await answer(chat, said("/memory off"))
    await answer(chat, said("three"))
    kept = {row["text"]: row["label"] is not None for row in store.turns.values()}
    assert [kept[text] for text in ("one", "two", "three")] == [False, True, False]


async def test_in_a_group_too_it_is_the_persons_own_choice_that_counts():
    chat, store = asking()
    store.choices["console", "bo"] = "on"
    group = Scope("console", "group")
    for user in ("ann", "bo"):
        await answer(chat, said("hello", user=user, scope=group, private=False))
    assert [row["label"] is not None for row in store.turns.values()] == [False, True]


@pytest.mark.parametrize(("before", "during"), [("on", "off"), ("off", "on"), ("", "on")])
async def test_a_choice_while_the_answer_is_written_never_keeps_more_than_was_agreed(
    before, during
):
    engine = FakeEngine()
    engine.before_score = [go := asyncio.Event()]
    chat, store = asking(engine)
    store.choices[ANN] = before
    running = await begun(engine, chat, said("hello"))
    await answer(chat, said(f"/memory {during}"))
    go.set()
    assert text_of(await running) == "I hear you."
    assert store.turns[1]["label"] is None


async def test_what_is_not_kept_still_stands_in_the_next_prompt_while_the_talk_goes_on():
    engine = FakeEngine()
    engine.leaning = {"Negative": 5.0}
    chat, store = asking(engine)
    await answer(chat, said("I lost my keys"))
    await answer(chat, said("and my bag"))
    assert store.turns[1]["label"] is None
    assert engine.streamed[1].messages[4].opening == ("[", "Negative", "]")
    again, _ = asking(engine, store)  # after a restart nobody knows
    await answer(again, said("and my hat"))
    assert engine.streamed[2].messages[4].opening == ()


@pytest.mark.parametrize("choice", ["on", "off"])
async def test_moods_that_were_kept_are_told_to_the_model_only_with_consent(choice):
    engine, store = FakeEngine(), MemoryStore()
    for days_ago, valence in FALLING:
        await felt(store, valence, days_ago=days_ago)
    store.choices[ANN] = choice
    chat = chat_on(engine, store, load()["sentiment"], mood_memory="ask")
    await answer(chat, said("I lost my keys"))
    assert (", lower lately" in engine.streamed[0].messages[-1].opening) == (choice == "on")
