"""A chat is never asked more often than it may be."""

from __future__ import annotations

import asyncio

from adapters.pace import ChatPace, Pace
from tests.unit.adapters.fake_chat import pace, paces
from tests.unit.adapters.virtual_time import in_virtual_time, now


async def turns(chat: ChatPace, count: int) -> list[float]:
    """When so many calls go out, each answered at once."""
    times = []
    for _ in range(count):
        await chat.turn()
        times.append(now())
    return times


@in_virtual_time
async def test_calls_to_a_chat_are_an_interval_apart():
    assert await turns(pace(3.0), 4) == [0, 3, 6, 9]


@in_virtual_time
async def test_turns_come_in_the_order_in_which_they_were_asked_for():
    chat, order = pace(), []

    async def call(name: str) -> None:
        await chat.turn()
        order.append((name, now()))

    await asyncio.gather(*(call(name) for name in "abcd"))
    assert order == [("a", 0), ("b", 1), ("c", 2), ("d", 3)]


@in_virtual_time
async def test_one_who_gives_up_waiting_leaves_the_line():
    chat = pace()
    await chat.turn()
    waiting = asyncio.create_task(chat.turn())
    await asyncio.sleep(0.5)
    waiting.cancel()
    assert await turns(chat, 1) == [1]


@in_virtual_time
async def test_chats_do_not_wait_for_each_other_but_for_the_budget_of_all():
    every = paces()
    chats = [every.of(str(number), 1.0) for number in range(3)]
    times = await asyncio.gather(*(turns(chat, 2) for chat in chats))
    assert times == [[0, 1], [0.01, 1.01], [0.02, 1.02]]


@in_virtual_time
async def test_a_call_that_all_others_held_up_is_counted_from_when_it_went_out():
    overall = Pace(0.7, clock=asyncio.get_running_loop().time)
    own = Pace(1.0, clock=asyncio.get_running_loop().time)
    await overall.turn()
    assert await turns(ChatPace(own, overall), 2) == [0.7, 1.7]


@in_virtual_time
async def test_a_slow_call_is_counted_from_its_answer():
    chat = pace()
    await chat.turn()
    await asyncio.sleep(0.9)
    chat.ease()
    assert await turns(chat, 2) == [1.9, 2.9]


@in_virtual_time
async def test_a_chat_that_asks_for_a_rest_gets_it_and_is_slower_afterwards():
    chat = pace()
    await chat.turn()
    chat.hold(10)
    assert await turns(chat, 3) == [10, 12, 14]


@in_virtual_time
async def test_who_waits_already_obeys_a_rest_too():
    chat = pace()
    await chat.turn()
    waiting = asyncio.create_task(turns(chat, 1))
    await asyncio.sleep(0.5)
    chat.hold(10)
    assert await waiting == [10.5]


@in_virtual_time
async def test_slowness_has_a_bound_and_calls_that_go_well_end_it():
    one = Pace(1.0, clock=asyncio.get_running_loop().time)
    for _ in range(20):
        one.hold(0)
    assert one.interval == 8.0
    intervals = []
    for _ in range(12):
        one.ease()
        intervals.append(one.interval)
    assert intervals == sorted(intervals, reverse=True)
    assert (intervals[0], intervals[-1]) == (6.4, 1.0)


@in_virtual_time
async def test_who_waits_for_a_free_moment_lets_the_line_go_first():
    chat = pace()
    await chat.turn()
    free = asyncio.create_task(chat.free())
    assert await turns(chat, 2) == [1, 2]
    assert not free.done()
    await free
    assert now() == 3


@in_virtual_time
async def test_a_rest_of_one_call_holds_up_nobody_else():
    chat = pace()
    resting = asyncio.create_task(chat.rest(60))
    assert await turns(chat, 2) == [0, 1]
    assert not resting.done()
    await resting
    assert now() == 60


@in_virtual_time
async def test_a_chat_keeps_its_pace_from_one_answer_to_the_next():
    every = paces()
    await every.of("1", 3.0).turn()
    assert await turns(every.of("1", 3.0), 1) == [3]


@in_virtual_time
async def test_only_so_many_chats_are_remembered():
    every = paces()
    await every.of("first", 3.0).turn()
    for number in range(10_000):
        every.of(str(number), 3.0)
    assert await turns(every.of("first", 3.0), 1) == [0.01]
