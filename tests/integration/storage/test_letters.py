"""Letters: kept till they are told, told at most once, and nothing of them to anybody else."""

from __future__ import annotations

import asyncio

from storage.store import Store
from tests.integration.storage.values import said


async def _known(store: Store, *users: str) -> None:
    for user in users:
        await store.set_carded("console", user)


async def test_a_letter_is_taken_once_the_oldest_first(store: Store):
    await _known(store, "ann", "bob")
    await store.write_letter("console", "ann", "looked", {"who": "owner", "what": "trend"})
    await store.write_letter("console", "bob", "digest", {})
    await store.write_letter("telegram", "ann", "digest", {})
    first, second = await store.take_letters("console")
    assert (first.platform, first.user_id, first.kind) == ("console", "ann", "looked")
    assert first.facts == {"who": "owner", "what": "trend"}
    assert (second.user_id, second.facts) == ("bob", {})
    assert await store.take_letters("console") == []


async def test_one_persons_letters_can_be_taken_alone(store: Store):
    await _known(store, "ann", "bob")
    for user in ("ann", "bob", "ann"):
        await store.write_letter("console", user, "digest", {})
    assert [one.user_id for one in await store.take_letters("console", "ann")] == ["ann", "ann"]
    assert [one.user_id for one in await store.take_letters("console")] == ["bob"]


async def test_nothing_is_kept_for_somebody_unknown(store: Store):
    await store.write_letter("console", "ann", "digest", {})
    await _known(store, "ann")
    assert await store.take_letters("console") == []


async def test_each_is_taken_by_one_of_many(store: Store, url: str):
    await _known(store, "ann")
    for number in range(20):
        await store.write_letter("console", "ann", "digest", {"number": str(number)})
    async with await Store.open(url) as other:
        taken = await asyncio.gather(*(one.take_letters("console") for one in (store, other) * 4))
    numbers = [letter.facts["number"] for letters in taken for letter in letters]
    left = [letter.facts["number"] for letter in await store.take_letters("console")]
    assert sorted(numbers + left, key=int) == [str(number) for number in range(20)]


async def test_one_that_was_surely_not_sent_is_put_back_in_its_place(store: Store):
    await _known(store, "ann")
    await store.write_letter("console", "ann", "digest", {"week": "1"})
    await store.write_letter("console", "ann", "digest", {"week": "2"})
    first, second = await store.take_letters("console")
    await store.return_letter(second)
    await store.return_letter(first)
    again = await store.take_letters("console")
    assert [letter.facts for letter in again] == [{"week": "1"}, {"week": "2"}]
    assert again[0].created_at == first.created_at
    await store.forget("console", "ann")
    await store.return_letter(first)
    await store.receive(said())
    assert await store.take_letters("console") == []
