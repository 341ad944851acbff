"""Who is let in by a code, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from storage.records import Paired
from storage.store import Store
from tests.integration.storage.values import NOON, minutes

IN_AN_HOUR = NOON + minutes(60)


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def store(url: str, watch: Watch) -> AsyncIterator[Store]:
    """A store whose clock stands at noon until a test moves it."""
    async with await Store.open(url, clock=watch) as store:
        yield store


async def _ask(
    store: Store, code: str, user_id: str = "ann", expires_at: datetime = IN_AN_HOUR
) -> str:
    return await store.pairing_code("telegram", user_id, "Ann", code, expires_at)


async def test_a_code_lets_its_person_in_once_it_is_approved(store: Store):
    assert await _ask(store, "ABCD2345") == "ABCD2345"
    assert not await store.is_paired("telegram", "ann")
    assert await store.approve("ABCD2345") == Paired("telegram", "ann", "Ann")
    assert await store.is_paired("telegram", "ann")
    assert not await store.is_paired("telegram", "bob")
    assert not await store.is_paired("discord", "ann")


async def test_who_asks_again_gets_the_code_that_still_lives(store: Store, watch: Watch):
    await _ask(store, "FIRST")
    watch.now = NOON + minutes(59)
    assert await _ask(store, "SECOND", expires_at=NOON + minutes(119)) == "FIRST"
    assert await store.approve("SECOND") is None
    watch.now = NOON + minutes(60)
    assert await _ask(store, "THIRD", expires_at=NOON + minutes(120)) == "THIRD"
    assert await store.approve("FIRST") is None
    assert await store.approve("THIRD")


async def test_an_expired_an_unknown_and_a_used_code_let_nobody_in(store: Store, watch: Watch):
    await _ask(store, "ABCD2345")
    for wrong in ("", " ", "ABCD2346", "ABCD", "%", "ABCD234_"):
        assert await store.approve(wrong) is None
    watch.now = NOON + minutes(60)
    assert await store.approve("ABCD2345") is None
    watch.now = NOON
    assert await store.approve("ABCD2345")
    assert await store.approve("ABCD2345") is None
    assert await store.approve("") is None
    assert await store.is_paired("telegram", "ann")


@pytest.mark.parametrize("typed", ["abCD2345", "ABCD2345", " abcd2345\n"])
async def test_the_case_of_a_code_does_not_matter(store: Store, typed: str):
    await _ask(store, "aBcD2345")
    assert await store.approve(typed)


async def test_a_code_that_two_people_hold_lets_neither_in(store: Store):
    await _ask(store, "SAME")
    await _ask(store, "same", user_id="bob")
    assert await store.approve("SAME") is None
    await store.unpair("telegram", "bob")
    assert await store.approve("SAME") == Paired("telegram", "ann", "Ann")


async def test_who_is_paired_stays_so_whatever_they_ask(store: Store, watch: Watch):
    await _ask(store, "FIRST")
    await store.approve("FIRST")
    watch.now = NOON + minutes(600)
    assert await _ask(store, "SECOND", expires_at=NOON + minutes(700)) == ""
    assert await store.is_paired("telegram", "ann")


async def test_a_permission_is_taken_back_and_so_is_a_request(store: Store):
    assert not await store.unpair("telegram", "ann")
    await _ask(store, "FIRST")
    await store.approve("FIRST")
    assert await store.unpair("telegram", "ann")
    assert not await store.is_paired("telegram", "ann")
    await _ask(store, "SECOND")
    assert await store.unpair("telegram", "ann")
    assert await store.approve("SECOND") is None


async def test_names_of_strangers_that_nobody_let_in_do_not_stay(store: Store, watch: Watch):
    await _ask(store, "FIRST")
    watch.now = NOON + minutes(61)
    await _ask(store, "SECOND", user_id="bob", expires_at=NOON + minutes(120))
    assert (await store.export("telegram", "ann"))["pairing"] is None


async def test_a_forgotten_person_stays_let_in_without_a_name(store: Store):
    await _ask(store, "FIRST")
    await store.approve("FIRST")
    await store.forget("telegram", "ann")
    assert await store.is_paired("telegram", "ann")
    assert (await store.export("telegram", "ann"))["pairing"]["name"] == ""


async def test_a_request_is_forgotten_whole(store: Store):
    await _ask(store, "FIRST")
    await store.forget("telegram", "ann")
    assert (await store.export("telegram", "ann"))["pairing"] is None
    assert await store.approve("FIRST") is None


async def test_a_time_without_a_zone_is_refused(store: Store):
    with pytest.raises(ValueError, match="zone"):
        await store.pairing_code("telegram", "ann", "Ann", "FIRST", datetime(2026, 3, 1))


async def test_two_processes_agree_on_one_code_and_approve_it_once(url: str):
    async with (
        await Store.open(url, clock=lambda: NOON) as one,
        await Store.open(url, clock=lambda: NOON) as other,
    ):
        for number in range(15):
            who = f"user {number}"
            codes = await asyncio.gather(
                *(
                    _ask(store, f"{number}-{index}-{side}", user_id=who)
                    for side, store in enumerate((one, other))
                    for index in range(3)
                )
            )
            assert len(set(codes)) == 1
            approved = await asyncio.gather(
                *(store.approve(codes[0]) for store in (one, other, one, other))
            )
            assert sum(found is not None for found in approved) == 1
            assert await other.is_paired("telegram", who)
