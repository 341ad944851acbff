"""The queue for the model: its order, its bounds, what is told, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.queue import FairQueue, QueueFull, Ticket


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Turn:
    """A turn in a task of its own: waits for its place, notes its positions, runs until told."""

    def __init__(self, queue: FairQueue, person: str, served: list[str] | None = None) -> None:
        self.positions: list[int] = []
        self.inside = asyncio.Event()
        self.go = asyncio.Event()
        self.person = person
        self._served = [] if served is None else served
        self.task = asyncio.create_task(self._run(queue))

    async def _run(self, queue: FairQueue) -> None:
        async with queue.enter(self.person) as self.ticket:
            async with aclosing(self.ticket.positions()) as positions:
                async for position in positions:
                    self.positions.append(position)
            self._served.append(self.person)
            self.inside.set()
            await self.go.wait()

    async def finish(self) -> None:
        await self.inside.wait()
        self.go.set()
        await self.task


async def settled() -> None:
    """Let every task run until it waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)


async def cancelled(turn: Turn) -> None:
    turn.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn.task


async def cancelled_later(turn: Turn) -> None:
    """Cancel it where it waits, or in its place."""
    await settled()
    await cancelled(turn)


def is_empty(queue: FairQueue) -> bool:
    return not queue._holding and not queue._waiting


async def order_of(*people: str, places: int = 1) -> list[str]:
    """Who is served when, where all enter while one stranger is served and then finish in turn."""
    queue, served = FairQueue(places, 99), list[str]()
    first = Turn(queue, "stranger")
    turns = [Turn(queue, person, served) for person in people]
    await first.finish()
    while any(not turn.task.done() for turn in turns):
        await settled()
        await next(turn for turn in turns if turn.inside.is_set() and not turn.go.is_set()).finish()
    assert is_empty(queue)
    return served


# --- a place that is free


async def test_a_free_place_is_had_at_once_and_without_a_word():
    queue = FairQueue(2, 0)
    turns = [Turn(queue, "a"), Turn(queue, "a")]
    await settled()
    assert [turn.positions for turn in turns] == [[], []]
    assert all(turn.inside.is_set() for turn in turns)
    for turn in turns:
        await turn.finish()
    assert is_empty(queue)


async def test_no_more_than_the_places_are_served_at_once():
    queue = FairQueue(2, 9)
    turns = [Turn(queue, person) for person in "abcd"]
    await settled()
    assert [turn.inside.is_set() for turn in turns] == [True, True, False, False]
    await turns[1].finish()
    await settled()
    assert [turn.inside.is_set() for turn in turns] == [True, True, True, False]
    for turn in turns:
        await turn.finish()


# --- the order


async def test_different_people_come_in_the_order_in_which_they_came():
    assert await order_of(*"abc") == list("abc")


async def test_twenty_messages_of_one_person_hold_up_another_by_one():
    assert await order_of(*"a" * 20, "b") == ["a", "b", *"a" * 19]


async def test_each_person_has_one_ticket_a_round():
    assert await order_of(*"aaabbc") == list("abcaba")


async def test_who_is_being_served_comes_after_those_who_are_not():
    queue, served = FairQueue(1, 9), list[str]()
    turns = [Turn(queue, person, served) for person in ("a", "a", "b")]
    await turns[0].finish()
    await turns[2].finish()
    await turns[1].finish()
    assert served == ["a", "b", "a"]


async def test_newcomers_do_not_starve_a_second_message():
    queue, served = FairQueue(1, 9), list[str]()
    current = Turn(queue, "a", served)
    second = Turn(queue, "a", served)
    for newcomer in "bcdefg":
        coming = Turn(queue, newcomer, served)
        await current.finish()
        current = coming
        if second.inside.is_set():
            break
        await settled()
    assert "".join(served) in ("ab", "aba")
    second.go.set()
    await current.finish()
    await second.finish()
    assert is_empty(queue)


# --- what is told


async def test_the_position_is_one_for_the_next_and_is_told_each_time_it_changed():
    queue = FairQueue(1, 9)
    turns = [Turn(queue, person) for person in "abcd"]
    await settled()
    assert [turn.positions for turn in turns] == [[], [1], [2], [3]]
    assert [turn.ticket.ahead for turn in turns] == [0, 0, 1, 2]
    for turn in turns:
        await turn.finish()
    assert [turn.positions for turn in turns] == [[], [1], [2, 1], [3, 2, 1]]


async def test_who_looks_seldom_is_told_only_how_it_is_now():
    queue = FairQueue(1, 9)
    first, second = Turn(queue, "a"), Turn(queue, "b")
    await settled()
    async with queue.enter("c") as ticket, aclosing(ticket.positions()) as positions:
        assert await anext(positions) == 2
        await first.finish()
        await second.finish()
        with pytest.raises(StopAsyncIteration):
            await anext(positions)


async def test_a_position_that_did_not_change_is_not_told_again():
    queue = FairQueue(1, 9)
    turns = [Turn(queue, person) for person in "abc"]
    await settled()
    await cancelled(turns[2])
    await settled()
    assert turns[1].positions == [1]
    for turn in turns[:2]:
        await turn.finish()


def test_before_a_turn_was_measured_there_is_no_estimate():
    assert FairQueue(1, 9).seconds(1) is None


async def test_the_estimate_follows_how_long_places_were_held():
    clock = Clock()
    queue = FairQueue(1, 9, clock)
    async with queue.enter("a"):
        clock.now += 10
    assert queue.seconds(1) == 0
    async with queue.enter("a"):
        assert [queue.seconds(n) for n in (1, 2, 3)] == [10, 20, 30]
        clock.now += 6
        assert [queue.seconds(n) for n in (1, 2)] == [4, 14]
        clock.now += 14
        assert queue.seconds(1) == 2.5, "one that takes long is not about to end"
    assert queue.seconds(2) == 12  # 20 s weigh a fifth


async def test_several_places_share_the_line():
    clock = Clock()
    queue = FairQueue(2, 9, clock)
    async with queue.enter("a"):
        clock.now += 10
    async with queue.enter("a"):
        clock.now += 4
        async with queue.enter("b"):
            assert [queue.seconds(n) for n in (1, 2, 3, 4)] == [6, 10, 16, 20]


async def test_time_spent_waiting_is_not_measured():
    clock = Clock()
    queue = FairQueue(1, 9, clock)
    turns = [Turn(queue, person) for person in "abc"]
    await settled()
    clock.now += 10
    await turns[0].finish()
    clock.now += 10
    await cancelled(turns[2])
    await turns[1].finish()
    assert queue.seconds(2) == 10


# --- bounds


async def test_no_more_wait_than_may_and_a_refusal_changes_nothing():
    queue = FairQueue(1, 2)
    turns = [Turn(queue, person) for person in "aab"]
    await settled()
    with pytest.raises(QueueFull):
        queue.enter("c")
    await turns[0].finish()
    turns.append(Turn(queue, "c"))
    await settled()
    with pytest.raises(QueueFull):
        queue.enter("d")
    for turn in (turns[2], turns[1], turns[3]):
        await turn.finish()
    assert is_empty(queue)


# --- giving up


async def test_who_gives_up_before_waiting_leaves_nothing():
    queue = FairQueue(1, 9)
    first, second, third = (Turn(queue, person) for person in "abc")
    await cancelled(second)
    await first.finish()
    await third.finish()
    assert is_empty(queue)


async def test_a_task_that_is_cancelled_while_it_waits_frees_its_ticket_and_others_move_up():
    queue = FairQueue(1, 9)
    turns = [Turn(queue, person) for person in "abcd"]
    await cancelled_later(turns[1])
    await settled()
    assert [turn.positions for turn in turns[2:]] == [[2, 1], [3, 2]]
    for turn in (turns[0], turns[2], turns[3]):
        await turn.finish()
    assert is_empty(queue)


async def test_a_task_that_is_cancelled_as_it_gets_its_place_gives_it_on():
    queue = FairQueue(1, 9)
    first, second, third = (Turn(queue, person) for person in "abc")
    await settled()
    queue.leave(first.ticket)
    assert second.ticket.since is not None
    assert not second.inside.is_set()
    await cancelled(second)
    await third.finish()
    await first.finish()
    assert is_empty(queue)


async def test_a_task_that_is_cancelled_in_its_place_frees_it():
    queue = FairQueue(1, 9)
    first, second = Turn(queue, "a"), Turn(queue, "b")
    await cancelled_later(first)
    await second.finish()
    assert is_empty(queue)


async def test_one_who_stops_listening_to_positions_frees_the_ticket_on_leaving():
    queue = FairQueue(1, 9)
    first = Turn(queue, "a")
    await settled()
    async with queue.enter("b") as ticket, aclosing(ticket.positions()) as positions:
        assert await anext(positions) == 1
    await first.finish()
    assert is_empty(queue)


async def test_an_error_in_a_place_frees_it():
    queue = FairQueue(1, 0)
    with pytest.raises(ZeroDivisionError):
        async with queue.enter("a"):
            raise ZeroDivisionError
    async with queue.enter("a") as ticket:
        assert ticket.since is not None


async def test_leaving_twice_is_harmless():
    queue = FairQueue(1, 9)
    async with queue.enter("a") as ticket:
        pass
    second = Turn(queue, "b")
    await settled()
    queue.leave(ticket)
    third = Turn(queue, "c")
    await settled()
    assert (second.inside.is_set(), third.inside.is_set()) == (True, False)
    await second.finish()
    await third.finish()


async def test_later_messages_of_one_who_takes_some_back_move_up_and_push_nobody_back():
    queue, served = FairQueue(1, 99), list[str]()
    turns = [Turn(queue, person, served) for person in ["x", *"aaaa", "b", "b"]]
    await settled()
    _, a1, a2, a3, a4, b1, b2 = turns
    assert [turn.ticket.ahead for turn in (a1, b1, a2, b2, a3, a4)] == [0, 1, 2, 3, 4, 5]
    await cancelled(a1)
    await cancelled(a3)
    assert [turn.ticket.ahead for turn in (a2, b1, a4, b2)] == [0, 1, 2, 3]
    for turn in (turns[0], a2, b1, a4, b2):
        await turn.finish()
    assert "".join(served) == "xabab"


# --- whatever happens


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(0, 8),
    st.lists(st.sampled_from(["a", "b", "c", "d", "end", "end", "cancel"]), max_size=40),
    st.integers(0, 99),
)
def test_places_are_never_idle_nobody_is_lost_and_one_ticket_never_moves_back(
    places, longest, steps, seed
):
    asyncio.run(_any_run(FairQueue(places, longest), places, longest, steps, random.Random(seed)))


async def _any_run(
    queue: FairQueue, places: int, longest: int, steps: list[str], chance: random.Random
) -> None:
    turns: list[Turn] = []
    singles: dict[Ticket, int] = {}
    for step in steps:
        inside = [turn for turn in turns if turn.inside.is_set()]
        if step == "end":
            if inside:
                await chance.choice(inside).finish()
        elif step == "cancel":
            if turns:
                await cancelled(chance.choice(turns))
        elif len(queue._waiting) < longest or len(queue._holding) < places:
            alone = all(turn.person != step for turn in turns)
            turns.append(Turn(queue, step))
            await asyncio.sleep(0)  # its task begins, and enters
            if alone:
                singles[turns[-1].ticket] = turns[-1].ticket.ahead
        if chance.random() < 0.7:
            await settled()
        turns = [turn for turn in turns if not turn.task.done()]
        assert len(queue._holding) == min(places, len(turns))
        assert len(queue._waiting) == len(turns) - len(queue._holding) <= longest
        for ticket, ahead in singles.items():
            assert ticket.ahead <= ahead
            singles[ticket] = ticket.ahead
    while turns:
        await settled()
        served = next(turn for turn in turns if turn.inside.is_set())
        await served.finish()
        assert served.positions == sorted(set(served.positions), reverse=True) or (
            served.ticket not in singles
        )
        turns.remove(served)
    assert is_empty(queue)
