"""Slots: a conversation gets its own back, others the least recently used, all in their turn."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from engine.slots import Slot, Slots, common_prefix


async def taken(slots: Slots, conversation: str) -> Slot:
    slot = await slots.acquire(conversation)
    slot.conversation = conversation
    return slot


async def served(slots: Slots, conversation: str) -> Slot:
    slot = await taken(slots, conversation)
    slots.release(slot)
    return slot


async def waiting(tasks: list[asyncio.Task[None]]) -> None:
    """Let every task run until it waits for a slot."""
    for _ in range(2 * len(tasks)):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_a_conversation_gets_its_own_slot_back_though_another_is_older():
    slots = Slots(3)
    for conversation in ("ann", "bob", "cid"):
        await served(slots, conversation)
    own = slots.of("bob")
    assert [await slots.acquire("bob")] == own


async def test_a_new_conversation_gets_a_fresh_slot_first_then_the_least_recently_used():
    slots = Slots(3)
    ann, bob = await served(slots, "ann"), await served(slots, "bob")
    cid = await served(slots, "cid")
    assert len({ann.number, bob.number, cid.number}) == 3
    await served(slots, "ann")
    assert await served(slots, "dan") is bob
    assert await served(slots, "eve") is cid
    assert await served(slots, "fay") is ann


async def test_slots_grow_old_in_the_order_they_are_given_back():
    slots = Slots(3)
    ann, bob, cid = [await taken(slots, name) for name in ("ann", "bob", "cid")]
    for slot in (bob, cid, ann):
        slots.release(slot)
    assert [await slots.acquire(name) for name in ("x", "y", "z")] == [bob, cid, ann]


async def test_a_conversation_whose_own_slot_is_busy_gets_another():
    slots = Slots(2)
    first = await taken(slots, "ann")
    second = await taken(slots, "ann")
    assert first is not second
    assert slots.of("ann") == sorted((first, second), key=lambda slot: slot.number)


async def test_turns_without_a_key_have_no_slot_of_their_own():
    slots = Slots(2)
    await served(slots, "")
    assert (await served(slots, "")).number == 1


async def test_those_who_wait_are_served_first_come_first_served():
    slots = Slots(1)
    order: list[str] = []

    async def turn(name: str) -> None:
        slot = await slots.acquire(name)
        order.append(name)
        slots.release(slot)

    held = await slots.acquire("holder")
    tasks = [asyncio.create_task(turn(name)) for name in ("ann", "bob", "cid")]
    await waiting(tasks)
    slots.release(held)
    await asyncio.gather(*tasks)
    assert order == ["ann", "bob", "cid"]


async def test_no_more_turns_run_than_there_are_slots_and_none_shares_one():
    slots = Slots(3)
    running: list[int] = []
    most = 0

    async def turn(name: str) -> None:
        nonlocal most
        slot = await taken(slots, name)
        assert slot.number not in running
        running.append(slot.number)
        most = max(most, len(running))
        await asyncio.sleep(0)
        running.remove(slot.number)
        slots.release(slot)

    await asyncio.gather(*(turn(f"person {n % 5}") for n in range(30)))
    assert most == 3


async def test_a_cancelled_wait_costs_no_slot():
    slots = Slots(1)
    held = await slots.acquire("holder")
    task = asyncio.create_task(served(slots, "ann"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    slots.release(held)
    async with asyncio.timeout(5):
        assert await served(slots, "bob") is held


async def test_the_slots_of_a_conversation_are_found_busy_or_free():
    slots = Slots(3)
    busy = await taken(slots, "ann")
    assert slots.of("ann") == [busy]
    slots.release(busy)
    assert slots.of("ann") == [busy]
    assert slots.of("nobody") == []


def test_a_slot_tells_how_much_of_a_prompt_it_holds():
    slot = Slot(0, tokens=(1, 2, 3))
    assert slot.common_prefix([1, 2, 4, 3]) == 2
    assert slot.common_prefix([1, 2, 3, 4]) == slot.common_prefix([1, 2, 3]) == 3
    assert slot.common_prefix([1]) == 1
    assert slot.common_prefix([]) == Slot(0).common_prefix([1]) == 0


tokens = st.lists(st.integers(0, 2), max_size=8)


@given(tokens, tokens)
def test_a_common_prefix_is_common_and_the_longest(a, b):
    length = common_prefix(a, b)
    assert a[:length] == b[:length]
    assert a[: length + 1] != b[: length + 1] or length == len(a) == len(b)
    assert length == common_prefix(b, a)
