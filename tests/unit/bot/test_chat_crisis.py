"""Danger in a conversation: its kind decides the answer, it is noted, and it may come in pieces."""

from __future__ import annotations

import pytest

from bot.safety import crisis_answer
from bot.texts.sentences import say
from engine.base import Message
from storage.errors import StorageError
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, said, text_of

SAID = {
    "self": "i want to die",
    "friend": "my friend says she wants to die",
    "others": "i really want to murder my ex",
    "abuse": "my boyfriend hits me",
    "eating": "i make myself throw up after every meal",
}


@pytest.mark.parametrize("kind", SAID)
async def test_each_kind_has_its_own_answer_and_is_noted_without_words(kind):
    engine, store = FakeEngine(), MemoryStore()
    events = await answer(chat_on(engine, store), said(SAID[kind]))
    assert text_of(events) == crisis_answer("en", "", kind)
    assert engine.streamed == []
    assert [noted for _, _, noted in store.crises] == [kind]


async def test_an_ordinary_message_is_noted_as_nothing():
    store = MemoryStore()
    await answer(chat_on(FakeEngine(), store), said("I lost my keys"))
    assert store.crises == []


async def test_whoever_keeps_nothing_is_answered_and_nothing_is_noted():
    store = MemoryStore()
    events = await answer(chat_on(FakeEngine(), store), said(SAID["self"], remember=False))
    assert text_of(events) == crisis_answer("en", "")
    assert store.crises == []


async def test_an_answer_stands_where_it_cannot_be_noted():
    store = MemoryStore()
    store.broken["note_crisis"] = StorageError("the disk is full")
    events = await answer(chat_on(FakeEngine(), store), said(SAID["self"]))
    assert text_of(events) == crisis_answer("en", "")
    assert store.turns[1]["reply"] == crisis_answer("en", "")


@pytest.mark.parametrize(("first", "second"), [("i want to", "kill myself"), ("我想自", "杀")])
async def test_a_danger_in_two_messages_is_seen_though_the_first_was_answered(first, second):
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    await answer(chat, said(first, "m1"))
    written = len(engine.streamed)
    events = await answer(chat, said(second, "m2"))
    language = "en" if first.isascii() else "zh"
    assert text_of(events) == crisis_answer(language, "")
    assert len(engine.streamed) == written  # by the model, to the first one alone
    assert [noted for _, _, noted in store.crises] == ["self"]


async def test_after_a_danger_the_next_words_are_answered_as_they_are():
    engine, store = FakeEngine(" I am here."), MemoryStore()
    chat = chat_on(engine, store)
    await answer(chat, said("i want to die", "m1"))
    events = await answer(chat, said("thank you", "m2"))
    assert text_of(events) == "I am here."


async def test_the_next_replies_in_private_stay_careful_and_the_label_is_read_as_ever():
    engine, store = FakeEngine(" I am here."), MemoryStore()
    chat = chat_on(engine, store)
    await answer(chat, said("i want to die", "m1"))
    await answer(chat, said("the sun is out", "m2"))
    care = Message("system", say("en", "care_close.self"))
    assert engine.streamed[-1].messages.count(care) == 1
    assert engine.streamed[-1].messages[-3:-1] == (care, Message("user", "the sun is out"))
    assert care not in engine.scored[-1].messages


async def test_a_group_is_told_nothing_of_it_and_neither_is_another_person():
    engine, store = FakeEngine(" I am here."), MemoryStore()
    chat = chat_on(engine, store)
    await answer(chat, said("i want to die", "m1"))
    await answer(chat, said("the sun is out", "m2", private=False))
    await answer(chat, said("it rains here", "m3", user="other"))
    for prompt in engine.streamed[-2:]:
        assert [m.role for m in prompt.messages].count("system") == 1
