"""Nothing more is wanted: what is awaited is called off at once, and only that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from bot.halt import Halt, Halted


class Work:
    """Gives numbers, waits for ever after `numbers` of them, and knows how it ended."""

    def __init__(self, numbers: int) -> None:
        self.numbers = numbers
        self.waits = asyncio.Event()
        self.ended_by: type[BaseException] | None = None

    async def __call__(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(self.numbers):
                yield number
            self.waits.set()
            await asyncio.Event().wait()
        except BaseException as error:
            self.ended_by = type(error)
            raise


async def all_of(events: AsyncGenerator[int, None]) -> list[int]:
    return [event async for event in events]


async def three() -> AsyncGenerator[int, None]:
    for number in range(3):
        yield number


async def test_where_nobody_asks_everything_comes():
    assert await all_of(Halt().until(three())) == [0, 1, 2]


async def test_what_is_awaited_is_cancelled_as_soon_as_it_is_asked_for():
    halt, work = Halt(), Work(2)
    task = asyncio.create_task(all_of(halt.until(work())))
    await work.waits.wait()
    for _ in range(3):  # more than once is harmless
        halt.ask()
        await asyncio.sleep(0)
    assert await task == [0, 1]
    assert work.ended_by is asyncio.CancelledError
    assert task.cancelling() == 0


async def test_asked_for_between_two_events_nothing_more_comes():
    halt, work = Halt(), Work(9)
    seen = []
    async for number in halt.until(work()):
        seen.append(number)
        if number == 1:
            halt.ask()
    assert seen == [0, 1]
    assert work.ended_by is GeneratorExit


async def test_asked_for_before_nothing_begins():
    halt = Halt()
    halt.ask()
    assert await all_of(halt.until(three())) == []
    with pytest.raises(Halted):
        await halt.wait(asyncio.Event().wait())


async def test_a_cancel_from_outside_stays_one():
    halt, work = Halt(), Work(0)
    task = asyncio.create_task(all_of(halt.until(work())))
    await work.waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancel_from_outside_at_the_same_time_wins():
    halt, work = Halt(), Work(0)
    task = asyncio.create_task(all_of(halt.until(work())))
    await work.waits.wait()
    halt.ask()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_work_comes_through_also_one_about_time():
    async def late() -> int:
        raise TimeoutError("the model's own")

    with pytest.raises(TimeoutError, match="own"):
        await Halt().wait(late())


async def test_closing_the_events_closes_the_work():
    work = Work(9)
    events = Halt().until(work())
    assert await anext(events) == 0
    await events.aclose()
    assert work.ended_by is GeneratorExit
