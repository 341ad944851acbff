"""Which kind of message it is: no words, a command, one in danger, or a turn."""

from __future__ import annotations

import pytest

from adapters.messages import Card, Finished, Labelled, Notice, Text
from bot.texts.sentences import say
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, notice_of, said, text_of


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("", "text", "empty"),
        (" ", "text", "empty"),
        ("\n\t ", "text", "empty"),
        ("\u3000", "text", "empty"),
        ("", "sticker", "not_text"),
        (" ", "voice", "not_text"),
    ],
)
async def test_a_message_without_words_gets_one_kind_line_and_is_in_no_history(text, kind, told):
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    events = await answer(chat, said(text, kind=kind))
    assert events[:-1] == [Notice(say("en", f"turn.{told}"), told)]
    assert store.ending() == (State.DECLINED, told)
    assert engine.scored == []
    await answer(chat, said("hello"))
    assert len(engine.streamed[0].messages) == 3 + 2


async def test_the_words_under_a_picture_are_a_message_like_any_other():
    events = await answer(chat_on(FakeEngine(), MemoryStore()), said("my cat", kind="picture"))
    assert text_of(events) == "I hear you."


@pytest.mark.parametrize("text", ["/help", "  /HELP me", "/", "/nonsense", "/mood", "/stop"])
async def test_a_command_is_answered_with_one_notice_and_is_in_no_history(text):
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    events = await answer(chat, said(text))
    assert [type(event) for event in events] == [Notice, Finished]
    assert notice_of(events) == "command"
    assert store.ending() == (State.DECLINED, "command")
    assert (engine.scored, engine.streamed) == ([], [])
    await answer(chat, said("hello"))
    assert len(engine.streamed[0].messages) == 3 + 2


async def test_a_command_may_be_answered_with_a_card():
    events = await answer(chat_on(FakeEngine(), MemoryStore()), said("/language"))
    assert [type(event) for event in events] == [Card, Finished]


async def test_a_command_leaves_no_trace_where_nothing_is_remembered():
    store = MemoryStore()
    assert (
        notice_of(await answer(chat_on(FakeEngine(), store), said("/mood", remember=False)))
        == "command"
    )
    assert store.log == []


@pytest.mark.parametrize("text", ["/stop I want to die", "/I want to die", "/help 我想自杀"])
async def test_whoever_is_in_danger_is_not_taken_for_a_command(text):
    events = await answer(chat_on(FakeEngine(), MemoryStore()), said(text))
    assert [type(event) for event in events] == [Text, Labelled, Finished]
