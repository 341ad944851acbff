"""Several processes that look at one memory write to each person once; what came to nothing is
given back.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from adapters.messages import File, Person, Scope
from adapters.outcome import NotSent
from bot.reaching_out import ReachingOut
from storage.reaching_records import CheckIn
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.values import NOON, said

DAY = timedelta(days=1)
PEOPLE = [str(number) for number in range(12)]


class Platform:
    """Takes whatever comes, or surely nothing."""

    can_reach = True

    def __init__(self, *, down: bool = False) -> None:
        self.sent: Counter[str] = Counter()
        self.down = down

    async def reach(self, scope: Scope, text: str, file: File | None = None) -> None:
        await asyncio.sleep(0)  # another process has its turn
        if self.down:
            raise NotSent
        self.sent[scope.chat_id] += 1


def looked(store: Store, platform: Platform, clock: Clock) -> ReachingOut:
    async def everybody(person: Person) -> bool:
        return True

    return ReachingOut(store, {"telegram": platform}, everybody, language="en", clock=clock)


async def _set(store: Store, user: str = "7", unanswered: int = 0) -> CheckIn:
    await store.set_checkin("telegram", user, user, "", 720, "UTC", NOON, "en")
    for _ in range(unanswered):
        known = await store.checkin("telegram", user)
        assert known is not None
        await store.claim_checkin(known, NOON)
    known = await store.checkin("telegram", user)
    assert known is not None
    return known


@pytest.mark.parametrize("processes", [2, 4])
async def test_each_is_written_to_once_whoever_looks(url: str, clock: Clock, processes: int):
    stores = [await Store.open(url, clock=clock) for _ in range(processes)]
    try:
        for user in PEOPLE:
            await _set(stores[0], user)
            await stores[0].write_letter("telegram", user, "looked", {"who": "owner"})
        platforms = [Platform() for _ in stores]
        lookers = [looked(s, p, clock) for s, p in zip(stores, platforms, strict=True)]
        for _ in range(2):
            await asyncio.gather(*(looker.step() for looker in lookers))
        together = sum((platform.sent for platform in platforms), Counter[str]())
        assert together == dict.fromkeys(PEOPLE, 2)  # the question, and the letter
        kept = [await stores[0].checkin("telegram", user) for user in PEOPLE]
        assert {(one.next_at, one.unanswered) for one in kept if one} == {(NOON + DAY, 1)}
    finally:
        for store in stores:
            await store.close()


async def test_what_one_process_could_not_send_another_does(url: str, clock: Clock):
    async with await Store.open(url, clock=clock) as one, await Store.open(url, clock=clock) as two:
        await _set(one)
        await one.write_letter("telegram", "7", "looked", {"who": "owner"})
        down, up = Platform(down=True), Platform()
        await looked(one, down, clock).step()
        await looked(two, up, clock).step()
        assert up.sent == {"7": 2}
        known = await one.checkin("telegram", "7")
        assert known is not None
        assert (known.next_at, known.unanswered) == (NOON + DAY, 1)


async def test_one_that_is_given_back_is_due_as_before_and_not_counted(store: Store):
    due = await _set(store, unanswered=1)
    claimed = await store.claim_checkin(due, NOON + DAY)
    assert claimed is not None
    assert await store.return_checkin(claimed, due.next_at)
    assert await store.checkin("telegram", "7") == due
    assert not await store.return_checkin(claimed, due.next_at), "it is no longer claimed"


async def test_one_that_is_given_back_after_the_person_wrote_counts_nothing(store: Store):
    await store.receive(said(platform="telegram", user_id="7"))
    claimed = await store.claim_checkin(await _set(store), NOON + DAY)
    assert claimed is not None
    await store.receive(said(platform="telegram", user_id="7", message_id="later"))
    assert await store.return_checkin(claimed, NOON)
    known = await store.checkin("telegram", "7")
    assert known is not None
    assert known.unanswered == 0


async def test_one_that_changed_or_ended_meanwhile_is_not_given_back(store: Store):
    claimed = await store.claim_checkin(await _set(store), NOON + DAY)
    assert claimed is not None
    await _set(store)
    assert not await store.return_checkin(claimed, NOON)
    await store.end_checkin("telegram", "7")
    assert not await store.return_checkin(claimed, NOON)


async def test_a_time_needs_a_zone(store: Store):
    claimed = await store.claim_checkin(await _set(store), NOON + DAY)
    assert claimed is not None
    with pytest.raises(ValueError, match="zone"):
        await store.return_checkin(claimed, datetime(2026, 1, 1))
