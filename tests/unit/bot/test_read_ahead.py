"""Reading ahead: while nobody waits, once, and never in anybody's way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.base import EngineFailed
from engine.tasks import Manner
from tests.fake_store import MemoryStore
from tests.fakes import TASK, FakeEngine, answer, chat_on, others_done, said, text_of


async def up_to_the_halving(engine: FakeEngine, store: MemoryStore | None = None):
    """A chat whose next turn's answer will be followed by reading ahead."""
    chat = chat_on(engine, MemoryStore() if store is None else store, history_turns=2)
    for number in range(2):
        await answer(chat, said(f"message {number}"))
        await others_done()
    return chat


def ahead(engine: FakeEngine) -> list[str]:
    """The conversations that were read ahead: their prompts have no message yet."""
    return [p.conversation for p in engine.scored if p.messages[-2].content == ""]


async def test_it_happens_only_where_the_history_will_move():
    engine = FakeEngine()
    chat = await up_to_the_halving(engine)
    assert ahead(engine) == []
    await answer(chat, said("the third"))
    await others_done()
    assert ahead(engine) == ["100:en"]


async def test_an_answer_with_words_of_ours_is_read_while_nobody_waits():
    manner = Manner(closers=("Take your time.",))
    english = replace(TASK.languages["en"], manners={"negative": manner})
    engine = FakeEngine()
    engine.leaning = {"Negative": 3.0}
    task = replace(TASK, languages={**TASK.languages, "en": english})
    chat = chat_on(engine, MemoryStore(), task, guided=True)
    await answer(chat, said("my cat ran away"))
    await others_done()
    assert ahead(engine) == ["100:en"]
    assert "Take your time." in engine.scored[-1].messages[-3].content


async def test_nothing_is_read_ahead_for_what_is_not_remembered():
    engine = FakeEngine()
    chat = chat_on(engine, None, history_turns=1)
    history = (("a", "b"), ("c", "d"))
    await answer(chat, said("hello there", remember=False, history=history))
    await others_done()
    assert len(engine.scored) == 1


async def test_when_it_fails_the_next_turn_works(caplog):
    engine = FakeEngine()
    chat = await up_to_the_halving(engine)
    await answer(chat, said("the third"))
    engine.before_score = [EngineFailed("boom")]
    await others_done()
    assert "reading ahead failed: boom" in caplog.text
    engine.before_score = []
    assert text_of(await answer(chat, said("the fourth"))) == "I hear you."


@pytest.mark.parametrize("started", [False, True])
async def test_closing_calls_it_off(started):
    engine = FakeEngine()
    chat = await up_to_the_halving(engine)
    await answer(chat, said("the third"))
    if started:
        engine.before_score = [asyncio.Event()]
        await engine.waiting.acquire()
    chat.close()
    await others_done()
    assert len(ahead(engine)) == started
    engine.before_score = []
    await answer(chat, said("the fourth"))
    await others_done()
    assert len(ahead(engine)) == started


async def test_it_does_not_run_beside_a_turn_of_the_same_conversation():
    engine, store = FakeEngine(), MemoryStore()
    chat = await up_to_the_halving(engine, store)
    await answer(chat, said("the third"))
    engine.before_score = [go := asyncio.Event()]
    await engine.waiting.acquire()  # it is reading
    for _ in range(3):
        await store.received.acquire()
    following = asyncio.create_task(answer(chat, said("the fourth")))
    await store.received.acquire()
    assert len(engine.streamed) == 3
    go.set()
    assert text_of(await following) == "I hear you."
