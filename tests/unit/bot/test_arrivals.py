"""Messages that come while an answer is on its way: which turn they belong to, and until when."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import cast

import pytest

from adapters.messages import IncomingMessage, Person, Scope
from bot.arrivals import Arrivals
from bot.record import StoredRecord
from bot.talk import Talk, Watch
from storage.records import State
from storage.store import Store
from tests.fake_store import MemoryStore
from tests.fakes import said

GROUP = Scope("telegram", "-9")


class Sleeper:
    """Sleeps when it is told to; `asked` holds for how long, `more` what comes meanwhile."""

    def __init__(self, *more: Talk) -> None:
        self.asked: list[float] = []
        self.more = list(more)
        self.arrivals: Arrivals | None = None

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        if self.more and self.arrivals:
            assert await self.arrivals.join(self.more.pop(0))


async def talk_of(store: MemoryStore, text: str, message_id: str = "", **changes) -> Talk:
    """A message that is written down; it may join, and be joined."""
    message = said(text, message_id, **({"joins": True} | changes))

    async def yes() -> bool:
        return True

    record = StoredRecord(cast("Store", store), yes)
    turn = (await record.receive(message, "en")).turn
    return Talk(message, turn, record, "en", Watch())


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


# --- joining


async def test_a_second_message_becomes_part_of_the_turn_that_is_open(store):
    arrivals = Arrivals(0.7)
    lead, second = await talk_of(store, "one"), await talk_of(store, "two")
    async with arrivals.under_way(lead):
        assert await arrivals.join(second)
    assert (lead.grown, lead.parts) == (True, 2)
    assert await lead.record.words(lead.turn) == "one\ntwo"
    assert store.state(2) is State.JOINED


async def test_nothing_joins_itself_or_what_is_not_under_way(store):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one")
    assert not await arrivals.join(lead)
    async with arrivals.under_way(lead):
        pass
    assert not await arrivals.join(await talk_of(store, "two"))
    assert store.state(2) is State.RECEIVED


@pytest.mark.parametrize("end", ["open", "stopped"])
async def test_nothing_joins_what_shows_already_or_was_stopped(store, end):
    arrivals = Arrivals(0.7)
    lead, second = await talk_of(store, "one"), await talk_of(store, "two")
    async with arrivals.under_way(lead):
        if end == "open":
            assert await arrivals.shut(lead)
        else:
            arrivals.stop(second.message)
        assert not await arrivals.join(second)


@pytest.mark.parametrize(
    "changes",
    [
        {"joins": False},
        {"scope": Scope("console", "ann", "thread")},
        {"scope": GROUP},
        {"person": Person("console", "bo")},
    ],
)
async def test_only_what_one_person_says_in_one_place_belongs_together(store, changes):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one")
    other = await talk_of(store, "two", **changes)
    async with arrivals.under_way(lead):
        assert not await arrivals.join(other)
    assert not lead.grown


async def test_the_youngest_open_turn_takes_the_message(store):
    arrivals = Arrivals(0.7)
    older, younger = await talk_of(store, "one"), await talk_of(store, "two")
    third = await talk_of(store, "three")
    async with arrivals.under_way(older), arrivals.under_way(younger):
        assert await arrivals.join(third)
    assert (older.grown, younger.grown) == (False, True)


async def test_where_the_memory_says_no_the_message_is_on_its_own(store):
    arrivals = Arrivals(0.7)
    lead, second = await talk_of(store, "one"), await talk_of(store, "two")
    await store.decline(lead.turn.id, "too_long")
    async with arrivals.under_way(lead):
        assert not await arrivals.join(second)
    assert not lead.grown


# --- the first words


async def test_the_first_words_wait_while_a_message_is_being_joined(store):
    arrivals = Arrivals(0.7)
    lead, second = await talk_of(store, "one"), await talk_of(store, "two")
    store.slow["join"] = go = asyncio.Event()
    async with arrivals.under_way(lead):
        joining = asyncio.create_task(arrivals.join(second))
        await store.waiting.acquire()
        shutting = asyncio.create_task(arrivals.shut(lead))
        await asyncio.sleep(0)
        assert not shutting.done()
        go.set()
        assert await joining
        assert not await shutting  # it has grown: it is read again
    assert lead.grown


async def test_a_turn_that_did_not_grow_is_shut_at_once(store):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one")
    assert await arrivals.shut(lead)
    assert not lead.open


async def test_two_who_join_at_once_are_both_waited_for(store):
    arrivals = Arrivals(0.7)
    lead, *others = [await talk_of(store, text) for text in ("one", "two", "three")]
    async with arrivals.under_way(lead):
        assert all(await asyncio.gather(*(arrivals.join(other) for other in others)))
        await lead.settled()
    assert await lead.record.words(lead.turn) == "one\ntwo\nthree"


# --- patience


async def test_a_second_message_is_waited_for_and_each_one_is_waited_after(store):
    sleeper = Sleeper(await talk_of(store, "two"), await talk_of(store, "three"))
    sleeper.arrivals = arrivals = Arrivals(0.7, sleep=sleeper)
    lead = await talk_of(store, "one")
    async with arrivals.under_way(lead):
        await arrivals.gathered(lead)
    assert sleeper.asked == [0.7] * 3
    assert lead.parts == 3


@pytest.mark.parametrize(("text", "joins"), [("one", False), ("I want to die", True)])
async def test_nobody_waits_for_what_cannot_come_and_nobody_in_danger(store, text, joins):
    sleeper = Sleeper()
    await Arrivals(0.7, sleep=sleeper).gathered(await talk_of(store, text, joins=joins))
    assert sleeper.asked == []


# --- edits


async def edited(arrivals: Arrivals, store: MemoryStore, message: IncomingMessage, text: str):
    """Ask the arrivals for an edit; whether the memory was asked."""
    asked = []

    async def write() -> bool:
        asked.append(text)
        row = next(row for row in store.turns.values() if row["in"].message_id == "m1")
        changed: bool = row["text"] != text
        row["text"] = text
        return changed

    await arrivals.edit(message, write)
    return bool(asked)


async def test_an_edit_replaces_the_words_of_an_open_turn_and_it_is_read_again(store):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one", "m1")
    async with arrivals.under_way(lead):
        assert await edited(arrivals, store, lead.message, "two")
    assert lead.grown


async def test_an_edit_that_changes_no_word_does_not_begin_again(store):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one", "m1")
    async with arrivals.under_way(lead):
        assert await edited(arrivals, store, lead.message, "one")
    assert not lead.grown


async def test_an_edit_of_a_joined_message_is_one_of_its_lead(store):
    arrivals = Arrivals(0.7)
    lead, second = await talk_of(store, "one", "m0"), await talk_of(store, "two", "m1")
    async with arrivals.under_way(lead):
        await arrivals.join(second)
        lead.grown = False
        assert await edited(arrivals, store, second.message, "three")
        assert lead.grown


@pytest.mark.parametrize("end", ["open", "stopped"])
async def test_an_edit_after_the_first_words_or_the_stop_is_left_alone(store, end):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one", "m1")
    async with arrivals.under_way(lead):
        if end == "open":
            await arrivals.shut(lead)
        else:
            arrivals.stop(lead.message)
        assert not await edited(arrivals, store, lead.message, "two")


async def test_an_edit_of_what_is_not_under_way_is_the_memorys_business(store):
    arrivals = Arrivals(0.7)
    message = (await talk_of(store, "one", "m1")).message
    assert await edited(arrivals, store, message, "two")


async def test_the_same_id_elsewhere_is_another_message(store):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one", "m1", scope=GROUP)
    async with arrivals.under_way(lead):
        await edited(arrivals, store, said("two", "m1"), "two")
    assert not lead.grown


# --- stopping


@pytest.mark.parametrize(
    ("own", "stopped"), [(False, [True, True, False]), (True, [True, False, False])]
)
async def test_a_stop_is_for_its_place_and_a_plain_word_for_its_person(store, own, stopped):
    arrivals = Arrivals(0.7)
    ann, bo = Person("console", "ann"), Person("console", "bo")
    where = [(ann, GROUP), (bo, GROUP), (ann, Scope("telegram", "-9", "topic"))]
    talks = [await talk_of(store, "one", person=p, scope=s) for p, s in where]
    async with AsyncExitStack() as under_way:
        for talk in talks:
            await under_way.enter_async_context(arrivals.under_way(talk))
        assert arrivals.stop(said("stop", person=ann, scope=GROUP), own=own)
    assert [talk.stopped for talk in talks] == stopped


async def test_with_nothing_under_way_nothing_is_stopped(store):
    arrivals = Arrivals(0.7)
    lead = await talk_of(store, "one")
    async with arrivals.under_way(lead):
        assert arrivals.answers(lead.message)
    assert not arrivals.answers(lead.message)
    assert not arrivals.stop(lead.message)
