"""/retry: another answer in the place of the last one; its mood is counted once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from adapters.messages import Finished, Labelled, Notice, Text
from bot.safety import crisis_answer
from bot.texts.sentences import say
from engine.base import EngineFailed
from storage.errors import DatabaseBusy
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, begun, chat_on, heard, notice_of, said, text_of
from tests.unit.bot.talking import in_group

NOTHING = Notice(say("en", "commands.nothing_to_retry"), "command")


async def answered(store: MemoryStore, engine: FakeEngine, text: str = "I lost my keys"):
    """A chat with one answered message."""
    chat = chat_on(engine, store)
    await answer(chat, said(text))
    engine.reply = (" Another one.", " Here", " now.")
    return chat


async def test_another_answer_takes_the_place_of_the_last_one():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    events = await answer(chat, said("/retry"))
    assert [type(event) for event in events] == [Labelled, Text, Text, Finished]
    assert text_of(events) == store.turns[1]["reply"] == "Another one. Here now."
    assert engine.streamed[1].messages == engine.streamed[0].messages
    assert store.turns[1]["text"] == "I lost my keys"
    assert store.ending(2) == (State.DECLINED, "command")


async def test_the_label_and_the_note_stay_as_they_were():
    engine, store = FakeEngine(), MemoryStore()
    engine.leaning = {"Negative": 5.0}
    chat = await answered(store, engine)
    label, note = store.turns[1]["label"], store.turns[1]["note"]
    engine.leaning = {"Positive": 5.0}
    await answer(chat, said("/retry"))
    assert (store.turns[1]["label"], store.turns[1]["note"]) == (label, note)
    assert label.label == "negative"


async def test_the_next_prompt_has_the_new_answer_once_and_no_command():
    engine = FakeEngine()
    chat = await answered(MemoryStore(), engine)
    await answer(chat, said("/retry"))
    await answer(chat, said("go on"))
    words = [message.content for message in engine.streamed[-1].messages[3:-1]]
    assert words == ["I lost my keys", " Another one. Here now.", "go on"]


async def test_it_may_be_asked_for_again_and_again():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    for number in range(3):
        engine.reply = (f" Answer {number}.",)
        assert text_of(await answer(chat, said("/retry@warm_bot"))) == f"Answer {number}."
    assert store.turns[1]["reply"] == "Answer 2."


async def test_with_nothing_answered_there_is_nothing_to_do():
    engine, store = FakeEngine(), MemoryStore()
    events = await answer(chat_on(engine, store), said("/retry"))
    assert events[:-1] == [NOTHING]
    assert engine.scored == []
    assert store.ending(1) == (State.DECLINED, "command")


async def test_in_a_group_nobody_else_is_answered_again():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store)
    ann, bo = in_group("ann"), in_group("bo")
    await answer(chat, said("hello", **ann))
    assert (await answer(chat, said("/retry", **bo)))[:-1] == [NOTHING]
    assert text_of(await answer(chat, said("/retry", **ann))) == "I hear you."


async def test_where_nothing_is_remembered_there_is_nothing_to_do():
    chat = chat_on(FakeEngine(), None)
    await answer(chat, said("hello", remember=False))
    assert (await answer(chat, said("/retry", remember=False)))[:-1] == [NOTHING]


async def test_while_an_answer_is_under_way_there_is_nothing_to_do():
    go = asyncio.Event()
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    engine.reply = (go, " Whole.")
    running = await begun(engine, chat, said("and my bag"))
    assert (await answer(chat, said("/retry")))[:-1] == [NOTHING]
    go.set()
    assert text_of(await running) == "Whole."


async def test_asked_for_twice_at_once_it_is_given_once():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    engine.reply = (go := asyncio.Event(), " Another one.")
    first = await begun(engine, chat, said("/retry"))
    assert (await answer(chat, said("/retry")))[:-1] == [NOTHING]
    go.set()
    assert text_of(await first) == "Another one."


async def test_a_message_that_comes_meanwhile_waits_and_is_not_joined():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    engine.before_score = [go := asyncio.Event()]
    retried = await begun(engine, chat, said("/retry"))
    following = asyncio.create_task(answer(chat, said("and my bag", joins=True)))
    go.set()
    assert text_of(await retried) == "Another one. Here now."
    assert text_of(await following) == "Another one."  # for want of better: it was said before
    assert store.turns[1]["text"] == "I lost my keys"
    assert engine.streamed[-1].messages[-3].content == " Another one. Here now."


async def test_joined_messages_are_answered_together_once_more():
    engine, store = FakeEngine(), MemoryStore()
    engine.before_score = [go := asyncio.Event()]
    chat = chat_on(engine, store)
    lead = await begun(engine, chat, said("one", joins=True))
    await answer(chat, said("two", joins=True))
    go.set()
    await lead
    await answer(chat, said("/retry"))
    assert engine.streamed[-1].messages[-2].content == "one\ntwo"


async def test_fixed_words_stay_fixed():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine, "I want to die")
    events = await answer(chat, said("/retry"))
    assert events[0] == Text(crisis_answer("en", ""), whole=True)
    assert (engine.streamed, store.turns[1]["reply"]) == ([], crisis_answer("en", ""))


async def test_it_is_answered_in_the_language_that_was_chosen_since():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    await answer(chat, said("/language zh"))
    events = await answer(chat, said("/retry"))
    assert [event.language for event in events if isinstance(event, Labelled)] == ["zh"]


async def test_it_is_answered_in_the_language_of_the_message_and_not_of_the_command():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine, "我丢了钥匙")
    events = await answer(chat, said("/retry", locale="en"))
    assert [event.language for event in events if isinstance(event, Labelled)] == ["zh"]


async def test_nothing_more_is_waited_for():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store, patience=3600.0)
    await answer(chat, said("hello"))
    assert text_of(await answer(chat, said("/retry"))) == "I hear you."


async def test_what_the_command_replies_to_is_not_quoted_to_the_model():
    engine = FakeEngine()
    chat = await answered(MemoryStore(), engine)
    await answer(chat, said("/retry", quoted="I hear you."))
    assert engine.streamed[-1].messages[-2].content == "I lost my keys"


async def test_no_card_comes_after_it():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store, mood_memory="ask")
    store.carded.add(("console", "ann"))
    await answer(chat, said("hello"))
    store.carded.clear()
    assert [type(e) for e in await answer(chat, said("/retry"))] == [Labelled, Text, Finished]


# --- when it does not come to its end


@pytest.mark.parametrize("where", ["score", "first word"])
async def test_where_it_fails_the_first_answer_stays(where):
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    if where == "score":
        engine.before_score = [EngineFailed("boom")]
    else:
        engine.reply = (EngineFailed("boom"),)
    assert notice_of(await answer(chat, said("/retry"))) == "failed"
    assert (store.state(1), store.turns[1]["reply"]) == (State.ANSWERED, "I hear you.")
    engine.before_score, engine.reply = [], (" Another one.",)
    assert text_of(await answer(chat, said("/retry"))) == "Another one."


async def test_where_the_memory_cannot_say_the_person_is_told():
    store = MemoryStore()
    chat = await answered(store, FakeEngine())
    store.broken["last_answered"] = DatabaseBusy("Another program holds the file.")
    assert notice_of(await answer(chat, said("/retry"))) == "failed"


@pytest.mark.parametrize("shown", [False, True])
async def test_stopped_it_leaves_what_was_shown_or_else_the_first_answer(shown):
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    engine.reply = (*([" Another one. Go"] if shown else []), asyncio.Event())
    running = await begun(engine, chat, said("/retry"))
    assert notice_of(await answer(chat, said("stop"))) == "stopped"
    await running
    assert store.turns[1]["reply"] == ("Another one." if shown else "I hear you.")


@pytest.mark.parametrize("closing", [False, True])
async def test_cut_off_it_is_done_with_unless_the_process_ends(closing):
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    engine.reply = (asyncio.Event(),)
    running = await begun(engine, chat, said("/retry"))
    if closing:
        chat.close()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert store.turns[1]["reply"] == "I hear you."
    assert store.state(2) is (State.RECEIVED if closing else State.DECLINED)
    engine.reply = (" Another one.",)
    message = said("/retry")
    if closing:  # it is handed in again at the next start
        message = said("/retry", store.turns[2]["in"].message_id)
    assert text_of(await answer(chat_on(engine, store), message)) == "Another one."


async def test_forgotten_meanwhile_nothing_is_written_down():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    engine.reply = (go := asyncio.Event(), " Another one.")
    running = await begun(engine, chat, said("/retry"))
    await store.forget("console", "ann")
    go.set()
    await running
    assert store.turns == {}
    assert engine.forgotten == ["100:en"]


async def test_closing_the_events_stops_the_model_and_keeps_what_was_shown():
    engine, store = FakeEngine(), MemoryStore()
    chat = await answered(store, engine)
    async with aclosing(chat(said("/retry"))) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    assert (engine.stopped, store.turns[1]["reply"]) == (1, "Another one.")
    assert store.ending(2) == (State.DECLINED, "command")


async def test_the_command_that_comes_again_is_not_carried_out_again():
    engine = FakeEngine()
    chat = await answered(MemoryStore(), engine)
    message = said("/retry")
    await answer(chat, message)
    await heard(chat, message)
    assert len(engine.streamed) == 2
