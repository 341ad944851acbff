"""A daily check-in: kept, due, claimed by one, and never more insistent than it may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.reaching_records import CheckIn
from storage.receipts import Part
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.values import NOON, said

DAY = timedelta(days=1)


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    async with await Store.open(url, clock=clock) as store:
        yield store


async def _set(store: Store, user: str = "ann", **changes: Any) -> None:
    wanted: dict[str, Any] = {"chat_id": f"{user}-alone", "thread_id": "", "minute": 1200}
    wanted |= {"zone": "Europe/Berlin", "next_at": NOON, "language": "en"}
    await store.set_checkin("console", user, **(wanted | changes))


async def _claimed(store: Store, next_at: datetime) -> CheckIn:
    (due,) = await store.due_checkins("console")
    claimed = await store.claim_checkin(due, next_at)
    assert claimed is not None
    return claimed


async def test_one_is_kept_for_a_person_and_a_later_one_replaces_it(store: Store):
    assert await store.checkin("console", "ann") is None
    await _set(store)
    await _set(store, minute=0, thread_id="t", language="zh")
    assert await store.checkin("console", "ann") == CheckIn(
        "console", "ann", "ann-alone", "t", 0, "Europe/Berlin", NOON, 0, "zh"
    )
    assert await store.checkin("telegram", "ann") is None
    assert await store.end_checkin("console", "ann")
    assert not await store.end_checkin("console", "ann")
    assert await store.checkin("console", "ann") is None


@pytest.mark.parametrize("minute", [-1, 1440])
async def test_a_minute_is_one_of_a_day(store: Store, minute: int):
    with pytest.raises(ValueError, match="0 to 1439"):
        await _set(store, minute=minute)


async def test_it_is_due_from_its_time_on_and_on_its_own_platform(store: Store, clock: Clock):
    await _set(store, next_at=NOON + timedelta(seconds=1))
    await _set(store, "bob", next_at=NOON - DAY)
    await store.set_checkin("telegram", "eve", "1", "", 1, "UTC", NOON, "en")
    assert [one.user_id for one in await store.due_checkins("console")] == ["bob"]
    clock.days_later(1)
    assert [one.user_id for one in await store.due_checkins("console")] == ["bob", "ann"]


async def test_of_many_that_claim_it_at_once_one_gets_it(store: Store, url: str, clock: Clock):
    await _set(store)
    async with await Store.open(url, clock=clock) as other:
        (due,) = await store.due_checkins("console")
        claims = [one.claim_checkin(due, NOON + DAY) for one in (store, other) * 5]
        got = [claim for claim in await asyncio.gather(*claims) if claim]
    (claimed,) = got
    assert (claimed.next_at, claimed.unanswered) == (NOON + DAY, 1)
    assert await store.due_checkins("console") == []
    assert await store.claim_checkin(due, NOON + DAY) is None


async def test_one_that_was_changed_or_ended_meanwhile_is_not_sent(store: Store):
    await _set(store)
    (due,) = await store.due_checkins("console")
    await _set(store, next_at=NOON - DAY)
    assert await store.claim_checkin(due, NOON + DAY) is None
    (due,) = await store.due_checkins("console")
    await store.end_checkin("console", "ann")
    assert await store.claim_checkin(due, NOON + DAY) is None


async def test_what_stays_unanswered_is_counted_until_the_person_writes(store: Store, clock: Clock):
    await _set(store)
    assert (await _claimed(store, NOON + DAY)).unanswered == 1
    clock.days_later(1)
    assert (await _claimed(store, NOON + 2 * DAY)).unanswered == 2
    message = said("/mood", "m1", chat_id="elsewhere")
    await store.receive(message)
    clock.days_later(2)
    assert (await _claimed(store, NOON + 3 * DAY)).unanswered == 1
    await store.receive(message)
    clock.days_later(3)
    assert (await _claimed(store, NOON + 4 * DAY)).unanswered == 2, "it only came again"


async def test_an_answer_counts_though_its_words_are_not_kept(store: Store, clock: Clock):
    await _set(store)
    await _claimed(store, NOON + DAY)
    await store.decline((await store.receive(said())).turn.id, "engine_failed")
    clock.days_later(1)
    assert (await store.end_conversations(NOON + DAY / 2, "ask")).deleted == 1
    assert (await _claimed(store, NOON + 2 * DAY)).unanswered == 1


async def test_another_persons_message_is_no_answer(store: Store, clock: Clock):
    await _set(store)
    await _claimed(store, NOON + DAY)
    await store.receive(said(user_id="bob", chat_id="ann-alone"))
    clock.days_later(1)
    assert (await _claimed(store, NOON + 2 * DAY)).unanswered == 2


@pytest.mark.parametrize("part", Part)
async def test_whoever_erases_anything_is_asked_no_more(store: Store, part: Part):
    await _set(store)
    await _set(store, "bob")
    await store.forget("console", "ann", part)
    assert [one.user_id for one in await store.due_checkins("console")] == ["bob"]


async def test_a_time_without_a_zone_is_refused(store: Store):
    with pytest.raises(ValueError, match="without a zone"):
        await _set(store, next_at=datetime(2026, 3, 1))
