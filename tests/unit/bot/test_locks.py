"""One conversation, one turn at a time: first come first served, and nothing is left behind."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.locks import ConversationLocks


class Line:
    """Runs under a lock until told to go; says when it is in."""

    def __init__(self, locks: ConversationLocks, key: str, log: list[str], name: str) -> None:
        self.inside = asyncio.Event()
        self.go = asyncio.Event()
        self._log, self._name = log, name
        self.task = asyncio.create_task(self._run(locks, key))

    async def _run(self, locks: ConversationLocks, key: str) -> None:
        async with locks.held(key):
            self._log.append(self._name)
            self.inside.set()
            await self.go.wait()


async def test_holders_of_one_key_come_in_the_order_in_which_they_asked():
    locks = ConversationLocks()
    log: list[str] = []
    lines = [Line(locks, "a", log, name) for name in "123"]
    for number, line in enumerate(lines, start=1):
        await line.inside.wait()
        assert log == ["1", "2", "3"][:number]
        line.go.set()
    await asyncio.gather(*(line.task for line in lines))


@pytest.mark.parametrize("keys", [("a", "b"), ("", "")])
async def test_different_keys_and_no_key_do_not_wait_for_each_other(keys):
    locks = ConversationLocks()
    lines = [Line(locks, key, [], "") for key in keys]
    for line in lines:
        await line.inside.wait()
    for line in lines:
        line.go.set()
    await asyncio.gather(*(line.task for line in lines))


async def test_whoever_gives_up_while_waiting_does_not_stop_the_next():
    locks = ConversationLocks()
    log: list[str] = []
    first, second, third = (Line(locks, "a", log, name) for name in "123")
    await first.inside.wait()
    second.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second.task
    first.go.set()
    await third.inside.wait()
    third.go.set()
    await third.task
    assert log == ["1", "3"]


async def test_an_error_inside_frees_the_key():
    locks = ConversationLocks()
    with pytest.raises(ZeroDivisionError):
        async with locks.held("a"):
            raise ZeroDivisionError
    async with locks.held("a"):
        pass


async def test_a_key_is_kept_only_while_somebody_is_interested():
    locks = ConversationLocks()
    line, waiting = Line(locks, "a", [], ""), Line(locks, "a", [], "")
    await line.inside.wait()
    assert len(locks._locks) == 1
    waiting.task.cancel()
    line.go.set()
    await asyncio.gather(line.task, waiting.task, return_exceptions=True)
    assert len(locks._locks) == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=15), st.integers(0, 9))
def test_no_two_are_ever_inside_one_key(keys, seed):
    asyncio.run(_all_but_one_get_through(keys, random.Random(seed)))


async def _all_but_one_get_through(keys: list[str], chance: random.Random) -> None:
    locks = ConversationLocks()
    inside: list[str] = []

    async def one(key: str) -> None:
        async with locks.held(key):
            assert key not in inside
            inside.append(key)
            try:
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                inside.remove(key)

    tasks = [asyncio.create_task(one(key)) for key in keys]
    await asyncio.sleep(0)
    chance.choice(tasks).cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    assert not inside
    assert not locks._locks
