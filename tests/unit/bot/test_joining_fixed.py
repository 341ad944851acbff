"""Joined words and what is never left to the model: danger, and that it is an AI."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from adapters.messages import (
    Finished,
    IncomingMessage,
    Labelled,
    Reply,
    Text,
)
from bot.arrivals import Arrivals
from bot.chat import Chat
from bot.safety import crisis_answer
from bot.texts.sentences import say
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, chat_on, notice_of, text_of
from tests.unit.bot.talking import quick, reading


async def test_danger_is_never_joined_and_ends_what_is_being_said():
    engine, store = FakeEngine(asyncio.Event()), MemoryStore()
    chat = chat_on(engine, store)
    first = await begun(engine, chat, quick("one"))
    events = await answer(chat, quick("I want to die"))
    assert events[0] == Text(crisis_answer("en", ""), whole=True)
    assert [type(event) for event in await first] == [Labelled, Finished]
    assert store.ending(1) == (State.DECLINED, "stopped")
    assert store.state(2) is State.ANSWERED


async def test_danger_cut_in_two_is_answered_by_its_second_half_while_the_first_is_read():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("I want to kill"))
    shown: list[Reply] = []
    second = asyncio.create_task(listened(chat, quick("myself"), shown))
    await store.received.acquire()
    await rounds()
    assert text_of(shown) == crisis_answer("en", "")  # nothing was read for it
    go.set()
    await asyncio.gather(lead, second)
    assert store.ending(1) == (State.DECLINED, "stopped")
    assert store.turns[2]["reply"] == crisis_answer("en", "")
    assert engine.streamed == []


async def test_danger_that_an_edit_brings_is_answered():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("I want to kill", "m1"))
    await answer(chat, quick("I want to kill myself", "m1", edited=True))
    go.set()
    assert text_of(await lead) == store.turns[1]["reply"] == crisis_answer("en", "")


async def test_the_question_whether_it_is_human_is_seen_in_joined_words():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("hi there"))
    await answer(chat, quick("are you human?"))
    go.set()
    assert text_of(await lead) == store.turns[1]["reply"] == say("en", "honesty.human")


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Ends the wait for a second message."""
    over = asyncio.Event()
    monkeypatch.setattr(
        "bot.chat.Arrivals", lambda seconds: Arrivals(seconds, sleep=lambda _: over.wait())
    )
    return over


async def rounds() -> None:
    """Let everybody go on as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_fixed_words_that_are_about_to_show_wait_for_what_is_being_joined(patience):
    store = MemoryStore()
    chat = chat_on(FakeEngine(), store)
    store.slow["join"] = joined = asyncio.Event()
    lead = asyncio.create_task(answer(chat, quick("are you a robot?")))
    await store.received.acquire()
    second = asyncio.create_task(answer(chat, quick("my dog died")))
    await store.waiting.acquire()
    patience.set()
    await rounds()
    assert not lead.done()
    joined.set()
    assert [text_of(await task) for task in (lead, second)] == [say("en", "honesty.human"), ""]
    assert store.turns[1]["text"] == "are you a robot?\nmy dog died"
    assert store.turns[1]["reply"] == say("en", "honesty.human")


async def test_fixed_words_found_at_the_model_wait_for_what_is_being_joined():
    engine, go = reading()
    store = MemoryStore()
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, quick("hi there"))
    await answer(chat, quick("are you human?"))
    store.slow |= {"words": (words := asyncio.Event()), "join": (joined := asyncio.Event())}
    go.set()
    await store.waiting.acquire()  # it is read again
    third = asyncio.create_task(answer(chat, quick("my dog died")))
    await store.waiting.acquire()
    words.set()
    await rounds()
    joined.set()
    assert [text_of(await task) for task in (lead, third)] == [say("en", "honesty.human"), ""]
    assert store.turns[1]["text"] == "hi there\nare you human?\nmy dog died"
    assert store.turns[1]["reply"] == say("en", "honesty.human")


async def listened(chat: Chat, message: IncomingMessage, shown: list[Reply]) -> None:
    async with aclosing(chat(message)) as events:
        async for event in events:
            shown.append(event)


async def test_a_stop_in_the_last_moment_keeps_fixed_words_back(patience):
    store = MemoryStore()
    chat = chat_on(FakeEngine(), store)
    lead = asyncio.create_task(answer(chat, quick("hi there")))
    await store.received.acquire()
    await answer(chat, quick("are you human?"))
    store.slow["words"] = words = asyncio.Event()
    patience.set()
    await store.waiting.acquire()
    assert notice_of(await answer(chat, quick("stop"))) == "stopped"
    words.set()
    assert text_of(await lead) == ""
    assert store.ending(1) == (State.DECLINED, "stopped")
