"""What is held in memory goes with what was erased, also what a running turn brings back."""

from __future__ import annotations

import asyncio

from adapters.messages import Person, Scope
from engine.base import EngineFailed
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, chat_on, others_done, said

HISTORY = -3
"""Where the last earlier message's answer is in a prompt, with its label before it."""


async def test_moods_that_are_not_stored_are_forgotten_too():
    engine = FakeEngine()
    engine.leaning = {"Positive": 9.0}
    chat = chat_on(engine, MemoryStore(), mood_memory="off")
    await answer(chat, said("one"))
    await answer(chat, said("two"))
    assert "Positive" in str(engine.streamed[-1].messages[HISTORY])
    await answer(chat, said("/forget mood yes"))
    await answer(chat, said("three"))
    assert "Positive" not in str(engine.streamed[-1].messages[HISTORY])
    assert "two" in str(engine.streamed[-1].messages), "what was said stays"


async def test_history_is_in_no_later_prompt():
    engine = FakeEngine(" a reply to that")
    chat = chat_on(engine, MemoryStore())
    await answer(chat, said("a secret"))
    await answer(chat, said("/forget history yes"))
    await answer(chat, said("hello again"))
    assert "secret" not in str(engine.streamed[-1].messages)
    assert "reply to that" not in str(engine.streamed[-1].messages)


async def test_a_mood_that_is_being_answered_while_moods_are_erased_is_not_kept():
    gate = asyncio.Event()
    engine, store = FakeEngine(" I hear you. Go", gate, " on."), MemoryStore()
    chat = chat_on(engine, store)
    running = await begun(engine, chat, said("one"))
    others = await begun(engine, chat, said("mine", user="bo"))
    await answer(chat, said("/forget mood yes"))
    gate.set()
    await asyncio.gather(running, others)
    assert store.turns[1]["reply"] == "I hear you. Go on."
    assert store.turns[1]["label"] is None
    assert store.turns[2]["label"] is not None, "another's"
    await answer(chat, said("two"))
    assert store.turns[4]["label"] is not None, "only what was being answered"


async def test_what_anothers_running_turn_holds_of_it_is_dropped_when_that_has_ended():
    gate = asyncio.Event()
    engine = FakeEngine(" I hear you. Go", gate, " on.")
    chat = chat_on(engine, MemoryStore())
    group = Scope("console", "group")
    running = await begun(engine, chat, said("bo's", user="bo", scope=group))
    asked = asyncio.create_task(answer(chat, said("ann's", scope=group)))
    await asyncio.sleep(0)
    await answer(chat, said("/forget everything"))
    assert engine.forgotten.count("100:en") == 1
    gate.set()
    await asyncio.gather(running, asked)
    await others_done()
    assert engine.forgotten.count("100:en") > 1


async def test_an_engine_that_fails_keeps_nobody_from_their_receipt():
    class Broken(FakeEngine):
        async def forget(self, conversation: str) -> None:
            raise EngineFailed("the model ended")

    chat = chat_on(Broken(), MemoryStore())
    await answer(chat, said("one"))
    (notice,) = [e for e in await answer(chat, said("/forget everything")) if "Receipt" in str(e)]
    assert "1 messages" in str(notice)


async def test_all_conversations_are_dropped_when_somebody_else_erased():
    engine = FakeEngine()
    chat = chat_on(engine, MemoryStore(), mood_memory="off")
    await answer(chat, said("one"))
    await answer(chat, said("mine", user="bo"))
    await others_done()
    await chat.held.drop_all("id")
    assert sorted(engine.forgotten) == ["100:en", "100:zh", "101:en", "101:zh"]
    chat.held.keep_no_moods(Person("console", "nobody"))
    await chat.held.drop_all("id")
    assert len(engine.forgotten) == 4, "nothing is held any more"
