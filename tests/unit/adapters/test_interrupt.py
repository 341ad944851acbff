"""Work that may be ended early."""

from __future__ import annotations

import asyncio

import pytest

from adapters.interrupt import Interrupted, run_unless


async def never() -> None:
    await asyncio.Event().wait()


async def at_once() -> None:
    pass


async def test_work_that_ends_first_gives_its_result():
    async def work() -> int:
        return 7

    assert await run_unless(work(), never()) == 7


async def test_an_event_stops_the_work_and_waits_for_its_clean_up():
    cleaned = []

    async def work() -> None:
        try:
            await never()
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    with pytest.raises(Interrupted):
        await run_unless(work(), never(), at_once())
    assert cleaned == [True]


async def test_what_the_work_raises_comes_through():
    async def work() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await run_unless(work(), never())


async def test_an_error_in_the_clean_up_is_not_lost():
    async def work() -> None:
        try:
            await never()
        finally:
            raise KeyError("x")

    with pytest.raises(KeyError):
        await run_unless(work(), at_once())


async def test_cancelling_from_outside_ends_the_work_too():
    started, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await never()
        finally:
            ended.set()

    task = asyncio.create_task(run_unless(work(), never()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    assert asyncio.all_tasks() == {asyncio.current_task()}
