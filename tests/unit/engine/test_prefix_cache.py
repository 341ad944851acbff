"""States are put back where they save reading, and none outlives what was to be forgotten."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.slots import Slot
from engine.worker import Worker
from tests.unit.engine.fakes import FakeStates
from tests.unit.engine.prefix_bench import OWN, SHARED, Bench


@pytest.fixture
def states(tmp_path: Path) -> FakeStates:
    return FakeStates(tmp_path / "states")


@pytest.fixture
def bench(states: FakeStates, worker: Worker) -> Bench:
    return Bench(states, worker)


async def test_a_shared_prefix_is_read_once_and_put_into_any_slot(bench):
    assert not await bench.cache.knows(SHARED)
    await bench.learn()
    assert await bench.cache.knows(SHARED)
    for number, conversation in enumerate(("ann", "bob")):
        slot = Slot(number)
        await bench.cache.prepare(slot, conversation, (*SHARED, 7), len(SHARED))
        assert bench.states.holds[number] == "persona"
        assert (slot.conversation, slot.tokens, slot.shared) == (conversation, (*SHARED, 7), 100)


async def test_a_slot_that_holds_the_shared_prefix_is_left_as_it_is(bench):
    await bench.learn()
    slot = Slot(0)
    await bench.read(slot, "ann")
    await bench.cache.prepare(slot, "ann", (*SHARED, *OWN, 1), len(SHARED))
    await bench.cache.prepare(slot, "ann", (*SHARED, 2), len(SHARED))
    await bench.cache.prepare(slot, "bob", (*SHARED, 3), len(SHARED))
    assert bench.states.calls == []


async def test_a_conversation_that_lost_its_slot_is_parked_and_put_back(bench):
    slot = Slot(0)
    await bench.read(slot, "ann")
    await bench.cache.prepare(slot, "bob", (*SHARED, 1), len(SHARED))
    assert bench.states.saved() == ["of ann"]
    other = Slot(1)
    await bench.cache.prepare(other, "ann", (*SHARED, *OWN, 5), len(SHARED))
    assert bench.states.holds[1] == "of ann"
    assert other.tokens == (*SHARED, *OWN, 5)
    assert bench.states.saved() == []


async def test_a_parked_state_is_not_written_over_by_the_shared_one(bench):
    await bench.learn()
    await bench.read(slot := Slot(0), "ann", OWN[:32])
    await bench.cache.prepare(slot, "bob", (9,), 0)
    other = Slot(1)
    await bench.cache.prepare(other, "ann", (*SHARED, *OWN), len(SHARED))
    assert bench.states.holds[1] == "of ann"


async def test_a_parked_state_that_helps_less_than_the_slot_itself_is_only_deleted(bench):
    slot, other = Slot(0), Slot(1)
    await bench.read(slot, "ann")
    await bench.read(slot, "bob")
    await bench.cache.prepare(other, "ann", (9, 9, 9), 0)
    assert ("restore", 1) not in bench.states.calls
    assert "of ann" not in bench.states.saved()


@pytest.mark.parametrize(("conversation", "own"), [("ann", OWN[:31]), ("", OWN)])
async def test_what_is_short_or_has_no_key_is_not_parked(bench, conversation, own):
    slot = Slot(0)
    await bench.read(slot, conversation, own)
    await bench.read(slot, "bob")
    assert bench.states.saved() == []


async def test_parking_is_bounded_in_bytes_and_the_oldest_goes_first(states, worker):
    states.size = 400
    bench = Bench(states, worker, parked_bytes=1000)
    slot = Slot(0)
    for conversation in ("ann", "bob", "ann", "cid", "dan"):
        await bench.read(slot, conversation)
    assert states.saved() == ["of ann", "of cid"]
    assert states.bytes() <= 1000


async def test_a_state_larger_than_the_bound_is_not_kept(states, worker):
    bench = Bench(states, worker, parked_bytes=states.size - 1)
    await bench.read(slot := Slot(0), "ann")
    await bench.read(slot, "bob")
    assert states.saved() == []


async def test_a_bound_of_zero_parks_nothing(states, worker):
    bench = Bench(states, worker, parked_bytes=0)
    await bench.read(slot := Slot(0), "ann")
    await bench.cache.prepare(slot, "bob", (*SHARED, 1), len(SHARED))
    assert states.calls == []


async def test_forget_deletes_the_state_of_this_conversation_alone(bench):
    slot = Slot(0)
    for conversation in ("ann", "bob", "cid"):
        await bench.read(slot, conversation)
    await bench.cache.forget("ann")
    assert bench.states.saved() == ["of bob"]
    await bench.cache.forget("ann")
    await bench.cache.forget("nobody")
    await bench.read(Slot(1), "ann")
    assert bench.states.holds[1] == "of ann"
    assert bench.states.calls == []


@pytest.mark.parametrize("broken", ["save", "restore"])
async def test_a_state_that_cannot_be_moved_costs_one_line_in_the_log(bench, caplog, broken):
    await bench.learn()
    slot, other = Slot(0), Slot(1)
    await bench.read(slot, "ann")
    bench.states.broken = {broken}
    with caplog.at_level(logging.WARNING, "engine.prefix_cache"):
        await bench.cache.prepare(slot, "bob", (*SHARED, 1), len(SHARED))
        await bench.cache.prepare(other, "ann", (*SHARED, *OWN), len(SHARED))
    assert slot.conversation == "bob"
    assert other.tokens == (*SHARED, *OWN)
    assert caplog.messages[0].startswith("a cached prefix could not be moved: ")
    assert "ann" not in caplog.text


async def test_where_a_parked_state_is_damaged_the_shared_one_is_taken(bench):
    await bench.learn()
    slot, other = Slot(0), Slot(1)
    await bench.read(slot, "ann")
    await bench.read(slot, "bob")
    bench.states.broken = {"restore"}
    await bench.cache.prepare(other, "ann", (*SHARED, *OWN), len(SHARED))
    assert bench.states.calls == [("restore", 1), ("restore", 1)]


async def test_a_shared_prefix_that_could_not_be_saved_is_not_known(bench):
    bench.states.broken = {"save"}
    await bench.learn()
    assert not await bench.cache.knows(SHARED)


people = st.sampled_from(["ann", "bob", "cid", "dan"])
steps = st.lists(st.tuples(people, st.integers(-1, 1), st.integers(1, 60)), max_size=20)


@settings(max_examples=40, deadline=None)
@given(steps)
def test_whatever_happens_states_stay_bounded_apart_and_forgettable(steps):
    """A step is a turn in slot 0 or 1 with so many own tokens, or (-1) a forget."""

    async def play(folder: Path, worker: Worker) -> None:
        states = FakeStates(folder)
        bench = Bench(states, worker, parked_bytes=250)
        slots = [Slot(0), Slot(1)]
        for person, number, length in steps:
            if number < 0:
                await bench.cache.forget(person)
                for slot in slots:
                    if slot.conversation == person:
                        slot.conversation, slot.tokens, slot.shared = "", (), 0
                assert f"of {person}" not in states.saved()
                continue
            states.holds[number] = f"of {slots[number].conversation}"
            prompt = (*SHARED, *range(1000, 1000 + length))
            await bench.cache.prepare(slots[number], person, prompt, len(SHARED))
            if ("restore", number) in states.calls:
                assert states.holds[number] == f"of {person}"
            states.calls.clear()
            assert states.bytes() <= 250

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), Worker(1, "test")))


async def test_no_half_written_state_survives_forget(bench):
    await bench.read(slot := Slot(0), "ann")
    bench.states.broken = {"save"}
    await bench.read(slot, "bob")
    await bench.cache.forget("ann")
    assert bench.states.saved() == []


async def test_no_state_that_is_being_parked_survives_forget(bench):
    await bench.read(slot := Slot(0), "ann")
    bench.states.may_save.clear()
    bench.states.saving.clear()
    parking = asyncio.create_task(bench.read(slot, "bob"))
    await asyncio.to_thread(bench.states.saving.wait, 10)
    forgetting = asyncio.create_task(bench.cache.forget("ann"))
    await asyncio.sleep(0)
    bench.states.may_save.set()
    await asyncio.gather(parking, forgetting)
    assert bench.states.saved() == []
