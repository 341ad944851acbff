"""/stop and a plain "stop": the answer ends at once, what was shown stays, the next is whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.messages import Finished, Labelled, Notice, Text
from bot.chat import Chat
from bot.safety import crisis_answer
from bot.texts.sentences import say
from storage.errors import DatabaseBusy
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, chat_on, notice_of, said, text_of
from tests.unit.bot.talking import GROUP, in_group, quick

STOPPED = Notice(say("en", "commands.stopped"), "stopped")
NOTHING = Notice(say("en", "commands.nothing_to_stop"), "command")


async def stop(chat: Chat, text: str = "/stop", **changes: Any):
    """What the person is told who says so."""
    first, *_, last = await answer(chat, quick(text, **changes))
    assert isinstance(last, Finished)
    return first


def writing(*before: str) -> FakeEngine:
    """An engine that has written so much, and then takes for ever."""
    return FakeEngine(*before, asyncio.Event(), " on.")


@pytest.mark.parametrize("word", ["/stop", "/STOP@warm_bot", "stop", "Stop!", "停", "  /stop now"])
async def test_an_answer_ends_at_once_and_what_was_shown_is_the_reply(word):
    engine, store = writing(" I hear you. Go"), MemoryStore()
    engine.leaning = {"Negative": 5.0}
    chat = chat_on(engine, store)
    running = await begun(engine, chat, quick("I lost my keys"))
    language = "zh" if word == "停" else "en"
    assert await stop(chat, word) == Notice(say(language, "commands.stopped"), "stopped")
    events = await running  # though the model never said another word
    assert [type(event) for event in events] == [Labelled, Text, Finished]
    assert (store.state(1), store.turns[1]["reply"]) == (State.ANSWERED, "I hear you.")
    assert store.turns[1]["label"].label == "negative"
    assert store.ending(2) == (State.DECLINED, "command")
    assert engine.stopped == 1


async def test_no_further_word_shows_after_the_stop():
    more = asyncio.Event()
    engine, store = FakeEngine(" I hear you. Go", more, " on."), MemoryStore()
    chat = chat_on(engine, store)
    running = await begun(engine, chat, quick("I lost my keys"))
    assert await stop(chat) == STOPPED
    more.set()
    assert text_of(await running) == store.turns[1]["reply"] == "I hear you."


async def test_what_was_shown_of_a_stopped_answer_is_in_the_next_prompt():
    engine = writing(" I hear you. Go")
    chat = chat_on(engine, MemoryStore())
    running = await begun(engine, chat, quick("I lost my keys"))
    await stop(chat)
    await running
    engine.reply = (" Whole.",)
    await answer(chat, quick("go on"))
    assert " I hear you." in [message.content for message in engine.streamed[-1].messages]


@pytest.mark.parametrize("where", ["label", "first word"])
async def test_stopped_before_its_first_word_there_is_no_answer(where):
    engine, store = writing(), MemoryStore()
    if where == "label":
        engine.before_score = [asyncio.Event()]
    chat = chat_on(engine, store)
    running = await begun(engine, chat, quick("I lost my keys"))
    assert await stop(chat) == STOPPED
    assert text_of(await running) == notice_of(await running) == ""
    assert store.ending(1) == (State.DECLINED, "stopped")


@pytest.mark.parametrize("where", ["patience", "label", "first word", "words"])
async def test_a_message_after_the_stop_gets_a_full_answer(where):
    """Fault 10: `/stop`, then a message: an empty answer."""
    engine, store = writing(*([" I hear you. Go"] if where == "words" else [])), MemoryStore()
    if where == "label":
        engine.before_score = [asyncio.Event()]
    chat = chat_on(engine, store, patience=3600.0 if where == "patience" else 0.0)
    if where == "patience":
        running = asyncio.create_task(answer(chat, quick("I lost my keys")))
        await store.received.acquire()
    else:
        running = await begun(engine, chat, quick("I lost my keys"))
    stopping = asyncio.create_task(stop(chat))
    if where == "patience":
        await stopping
    following = asyncio.create_task(answer(chat, said("I found them")))
    engine.before_score, engine.reply = [], (" Whole.",)
    assert await stopping == STOPPED
    await running
    assert text_of(await following) == "Whole."
    assert store.turns[3]["text"] == "I found them"


async def test_a_message_right_after_the_stop_does_not_join_what_was_stopped():
    """Fault 10 once more: what is stopped takes up nothing."""
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [asyncio.Event()]
    chat = chat_on(engine, store)
    running = await begun(engine, chat, quick("one"))
    stopping = asyncio.create_task(stop(chat))
    following = asyncio.create_task(answer(chat, quick("two")))
    await stopping
    engine.before_score = []
    await running
    assert text_of(await following) == "I hear you."
    assert [store.state(number) for number in (1, 3)] == [State.DECLINED, State.ANSWERED]


async def test_a_plain_stop_with_nothing_under_way_is_a_message_like_any_other():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    assert text_of(await answer(chat, quick("stop"))) == "I hear you."
    assert engine.streamed[0].messages[-2].content == "stop"
    assert store.state(1) is State.ANSWERED


async def test_the_command_with_nothing_under_way_says_so():
    store = MemoryStore()
    assert await stop(chat_on(FakeEngine(), store)) == NOTHING
    assert store.ending(1) == (State.DECLINED, "command")


async def test_a_plain_stop_of_somebody_else_stops_nothing_but_their_command_does():
    engine, store = writing(" I hear you. Go"), MemoryStore()
    chat = chat_on(engine, store)
    ann, bo = in_group("ann"), in_group("bo")
    running = await begun(engine, chat, quick("one", **ann))
    plain = asyncio.create_task(answer(chat, quick("stop", **bo)))
    await store.received.acquire()
    await store.received.acquire()
    assert not running.done()
    engine.reply = (" Whole.",)
    assert await stop(chat, **bo) == STOPPED
    assert text_of(await running) == "I hear you."
    assert text_of(await plain) == ""  # it was under way as well: the command is for all of them


async def test_a_stop_elsewhere_stops_nothing_here():
    engine = writing(" I hear you. Go")
    chat = chat_on(engine, MemoryStore())
    running = await begun(engine, chat, quick("one"))
    assert await stop(chat, scope=GROUP) == NOTHING
    assert not running.done()
    assert await stop(chat) == STOPPED
    await running


async def test_what_waits_for_its_turn_is_stopped_without_a_word():
    engine, store = writing(" I hear you. Go"), MemoryStore()
    chat = chat_on(engine, store)
    ann, bo = in_group("ann"), in_group("bo")
    first = await begun(engine, chat, said("one", **ann))
    second = asyncio.create_task(answer(chat, said("two", **bo)))
    for _ in range(2):
        await store.received.acquire()
    assert await stop(chat, "stop", **bo) == STOPPED
    assert [type(event) for event in await second] == [Finished]
    assert store.ending(2) == (State.DECLINED, "stopped")
    assert not first.done()
    await stop(chat)  # elsewhere
    await stop(chat, **ann)
    await first


async def test_what_waits_in_the_queue_is_stopped_and_gives_its_place_away():
    engine, store = writing(" I hear you. Go"), MemoryStore()
    chat = chat_on(engine, store, places=1, queue=1)
    first = await begun(engine, chat, said("one"))
    second = asyncio.create_task(answer(chat, said("two", user="bo")))
    for _ in range(2):
        await store.received.acquire()
    assert await stop(chat, "stop", user="bo") == STOPPED
    assert text_of(await second) == ""
    assert store.ending(2) == (State.DECLINED, "stopped")
    third = asyncio.create_task(answer(chat, said("three", user="cy")))
    engine.reply = (" Whole.",)
    assert await stop(chat) == STOPPED
    await first
    assert text_of(await third) == "Whole."


async def test_an_answer_in_private_that_is_not_remembered_is_stopped_too():
    engine = writing(" I hear you. Go")
    chat = chat_on(engine, None)
    running = await begun(engine, chat, said("one", remember=False))
    assert await stop(chat, remember=False) == STOPPED
    assert text_of(await running) == "I hear you."


async def test_a_stop_after_fixed_words_leaves_them():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [asyncio.Event()]
    chat = chat_on(engine, store)
    running = await begun(engine, chat, said("I want to die"))
    assert await stop(chat) == STOPPED
    assert text_of(await running) == store.turns[1]["reply"] == crisis_answer("en", "")
    assert store.state(1) is State.ANSWERED


async def test_a_stop_that_cannot_be_noted_stops_all_the_same():
    engine, store = writing(" I hear you. Go"), MemoryStore()
    chat = chat_on(engine, store)
    running = await begun(engine, chat, said("one"))
    store.broken["decline"] = DatabaseBusy("Another program holds the file.")
    assert await stop(chat) == STOPPED
    assert text_of(await running) == "I hear you."


async def test_a_stopped_answer_that_cannot_be_written_down_is_told():
    engine, store = writing(" I hear you. Go"), MemoryStore()
    chat = chat_on(engine, store)
    running = await begun(engine, chat, said("one"))
    store.broken["complete"] = DatabaseBusy("Another program holds the file.")
    assert await stop(chat) == STOPPED
    assert notice_of(await running) == "failed"
