"""Many at once: who waits is told honestly, and a full queue says so."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from adapters.messages import Finished, Labelled, Notice, Text, Waiting
from bot.chat import Chat
from bot.safety import crisis_answer
from bot.texts.sentences import say
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, chat_on, notice_of, said, text_of


def unmeasured(n: int, language: str = "en") -> Waiting:
    """What is said while no turn has been measured yet."""
    return Waiting(say(language, "turn.waiting_unknown", n=n))


async def waiting_for(store: MemoryStore, chat: Chat, text: str = "hello", **changes):
    """An answer that has begun to wait, as a task, and what it has heard so far."""
    shown: list[object] = []
    told = asyncio.Event()

    async def listen() -> list[object]:
        async with aclosing(chat(said(text, **changes))) as events:
            async for event in events:
                shown.append(event)
                told.set()
        return shown

    task = asyncio.create_task(listen())
    await told.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    return task, shown


async def test_each_is_told_their_place_and_each_time_it_changes():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store, places=1)
    first = await begun(engine, chat, said("hello"))
    second, of_second = await waiting_for(store, chat, user="bo")
    third, of_third = await waiting_for(store, chat, user="cy")
    assert of_second[1:] == [unmeasured(1)]
    assert of_third[1:] == [unmeasured(2)]
    engine.before_score = [later := asyncio.Event()]
    go.set()
    await first
    await engine.waiting.acquire()  # the second has the place now
    later.set()
    await asyncio.gather(second, third)
    measured = Waiting(say("en", "turn.waiting", n=1, seconds=1))
    assert [type(event) for event in of_second[2:]] == [Labelled, Text, Finished]
    assert of_third[1:3] == [unmeasured(2), measured]


async def test_whoever_finds_a_free_place_does_not_hear_of_a_queue():
    engine = FakeEngine()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, MemoryStore(), places=2)
    both = [await begun(engine, chat, said("hello", user=user)) for user in ("ann", "bo")]
    go.set()
    for task in both:
        assert not any(isinstance(event, Waiting) for event in await task)


async def test_it_is_said_in_the_persons_language():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store, places=1)
    first = await begun(engine, chat, said("hello"))
    second, shown = await waiting_for(store, chat, "我丢了钥匙", user="bo")
    assert shown[1] == unmeasured(1, "zh")
    go.set()
    await asyncio.gather(first, second)


async def test_a_full_queue_says_so_and_the_message_is_in_no_history():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store, places=1, queue=1)
    first = await begun(engine, chat, said("hello"))
    second, _ = await waiting_for(store, chat, user="bo")
    events = await answer(chat, said("hello", user="cy"))
    assert events[:-1] == [Notice(say("en", "turn.busy"), "busy")]
    assert store.ending(3) == (State.DECLINED, "busy")
    go.set()
    await asyncio.gather(first, second)
    assert text_of(await answer(chat, said("hello", user="cy"))) == "I hear you."


async def test_a_second_message_of_one_conversation_waits_for_the_first_and_not_in_the_queue():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store, places=1, queue=1)
    first = await begun(engine, chat, said("one"))
    second, shown = await waiting_for(store, chat, "two")
    assert len(shown) == 1
    third, _ = await waiting_for(store, chat, "three", user="bo")
    go.set()
    await asyncio.gather(first, second, third)
    assert not [event for event in shown if isinstance(event, Notice)]


@pytest.mark.parametrize("queue", [0, 5])
async def test_nobody_in_danger_waits_for_their_answer(queue):
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store, places=1, queue=queue, patience=3600.0)
    first = await begun(engine, chat, said("hello"))
    async with aclosing(chat(said("I want to die", user="bo", joins=True))) as events:
        await anext(events)
        assert await anext(events) == Text(crisis_answer("en", ""), whole=True)
        go.set()
        rest = [event async for event in events]
    await first
    assert notice_of(rest) == ""
    assert (store.state(2), store.turns[2]["reply"]) == (State.ANSWERED, crisis_answer("en", ""))
    assert any(isinstance(event, Labelled) for event in rest) == (queue > 0)


async def test_nobody_in_danger_waits_for_another_answer_of_the_same_conversation():
    engine = FakeEngine(asyncio.Event())
    chat = chat_on(engine, MemoryStore())
    first = await begun(engine, chat, said("one", person=said("", user="bo").person))
    async with aclosing(chat(said("I want to die"))) as events:
        await anext(events)
        assert await anext(events) == Text(crisis_answer("en", ""), whole=True)
    assert not first.done()
    await answer(chat, said("/stop"))
    await first


async def test_that_it_is_an_ai_is_said_without_waiting():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store, places=1, queue=0)
    first = await begun(engine, chat, said("hello"))
    events = await answer(chat, said("are you human?", user="bo"))
    assert [type(event) for event in events] == [Text, Finished]
    assert store.turns[2]["reply"] == say("en", "honesty.human")
    go.set()
    await first


async def test_whoever_only_waited_has_not_been_tried():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [asyncio.Event()]
    chat = chat_on(engine, store, places=1)
    first = await begun(engine, chat, said("hello"))
    second, _ = await waiting_for(store, chat, user="bo")
    chat.close()  # and the process ends
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert [store.turns[number]["tries"] for number in (1, 2)] == [1, 0]
    assert store.state(2) is State.RECEIVED


async def test_whoever_leaves_gives_the_place_in_the_queue_away():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store, places=1, queue=1)
    first = await begun(engine, chat, said("hello"))
    second, _ = await waiting_for(store, chat, user="bo")
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert store.ending(2) == (State.DECLINED, "stopped")
    third, shown = await waiting_for(store, chat, user="cy")
    assert shown[1:] == [unmeasured(1)]
    go.set()
    await asyncio.gather(first, third)
