"""Alerts: allowed to one responder, told once an hour by one of many, forgotten with the rest."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.receipts import Part
from storage.restore import restore
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.test_migrations import _down_to
from tests.integration.storage.values import NOON, minutes, said

ANN, BOB, EVE = ("console", "ann"), ("console", "bob"), ("console", "eve")


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    """Ann has written, and allowed that Bob is told; Bob is known."""
    async with await Store.open(url, clock=clock) as store:
        await store.receive(said())
        await store.set_carded(*BOB)
        await store.allow_alert(*ANN, *BOB)
        yield store


async def test_a_letter_tells_who_when_and_of_which_kind_and_a_look_is_noted(store: Store):
    assert await store.write_alert(*ANN, *BOB, "self", NOON - minutes(5))
    (letter,) = await store.take_letters("console")
    assert (letter.platform, letter.user_id, letter.kind) == (*BOB, "alert")
    assert letter.facts == {
        "who": "console:ann",
        "name": "Ann",
        "danger": "self",
        "at": "2026-03-01T11:55:00+00:00",
    }
    (look,) = await store.looks()
    assert (look.who, look.what, look.about) == ("responder", "alert", "")
    (seen,) = (await store.export(*ANN))["looks"]
    assert (seen["who"], seen["what"], seen["at"]) == ("responder", "alert", NOON.isoformat())
    assert (await store.export(*EVE))["looks"] == []


async def test_a_yes_is_to_one_responder_and_a_later_one_takes_its_place(store: Store):
    await store.set_carded(*EVE)
    assert not await store.write_alert(*ANN, *EVE, "self", NOON)
    await store.allow_alert(*ANN, *EVE)
    assert await store.alert_to(*ANN) == EVE
    assert not await store.write_alert(*ANN, *BOB, "self", NOON)
    assert await store.write_alert(*ANN, *EVE, "self", NOON)
    assert [one.user_id for one in await store.take_letters("console")] == ["eve"]


async def test_a_yes_that_is_there_stays_as_old_as_it_is(store: Store, clock: Clock):
    clock.days_later(1)
    await store.allow_alert(*ANN, *BOB)
    assert (await store.export(*ANN))["alert"]["allowed_at"] == NOON.isoformat()
    await store.allow_alert(*ANN, *EVE)
    assert (await store.export(*ANN))["alert"]["allowed_at"] == clock.now.isoformat()


async def test_it_is_taken_back_and_then_nobody_is_told(store: Store):
    assert await store.end_alert(*ANN)
    assert not await store.end_alert(*ANN)
    assert await store.alert_to(*ANN) is None
    assert not await store.write_alert(*ANN, *BOB, "self", NOON)
    assert await store.take_letters("console") == []
    assert await store.looks() == []


async def test_within_the_hour_there_is_one_also_after_a_no_and_a_yes(store: Store, clock: Clock):
    assert await store.write_alert(*ANN, *BOB, "self", NOON)
    clock.now += minutes(59)
    await store.end_alert(*ANN)
    await store.allow_alert(*ANN, *BOB)
    assert not await store.write_alert(*ANN, *BOB, "abuse", clock.now)
    clock.now += minutes(1)
    assert await store.write_alert(*ANN, *BOB, "abuse", clock.now)
    assert len(await store.take_letters("console")) == 2


async def test_each_person_has_their_own_hour(store: Store):
    await store.allow_alert(*EVE, *BOB)
    assert await store.write_alert(*ANN, *BOB, "self", NOON)
    assert await store.write_alert(*EVE, *BOB, "self", NOON)


async def test_somebody_else_who_looked_takes_nothing_of_the_hour(store: Store):
    await store.note_look("owner", "person 30", "console:ann", *ANN)
    assert await store.write_alert(*ANN, *BOB, "self", NOON)


async def test_of_many_at_once_in_two_processes_one_is_written(
    store: Store, url: str, clock: Clock
):
    async with await Store.open(url, clock=clock) as other:
        written = await asyncio.gather(
            *(one.write_alert(*ANN, *BOB, "self", NOON) for one in (store, other) * 5)
        )
    assert sorted(written) == [False] * 9 + [True]
    assert len(await store.take_letters("console")) == 1
    assert len(await store.looks()) == 1


async def test_stores_with_no_lock_in_common_write_one(store: Store, url: str, clock: Clock):
    async def run() -> bool:
        async with await Store.open(url, clock=clock) as one:
            return await one.write_alert(*ANN, *BOB, "self", NOON)

    written = await asyncio.gather(*(asyncio.to_thread(asyncio.run, run()) for _ in range(4)))
    assert sorted(written) == [False] * 3 + [True]
    assert len(await store.take_letters("console")) == 1


async def test_where_the_responder_is_not_known_nothing_is_written(store: Store):
    await store.forget(*BOB)
    assert await store.alert_to(*ANN) is None, "who is forgotten is allowed nothing any more"
    await store.allow_alert(*ANN, *BOB)
    assert not await store.is_known(*BOB)
    assert not await store.write_alert(*ANN, *BOB, "self", NOON)
    assert await store.looks() == []
    await store.receive(said(user_id="bob", message_id="b1"))
    assert await store.is_known(*BOB)
    assert await store.write_alert(*ANN, *BOB, "self", NOON)


async def test_a_time_without_a_zone_is_refused(store: Store):
    with pytest.raises(ValueError, match="zone"):
        await store.write_alert(*ANN, *BOB, "self", NOON.replace(tzinfo=None))


@pytest.mark.parametrize("part", Part)
async def test_forgetting_everything_takes_the_yes_and_what_waits_to_be_told(
    store: Store, part: Part
):
    assert await store.write_alert(*ANN, *BOB, "self", NOON)
    await store.write_letter(*BOB, "alert", {"who": "console:eve", "name": "console:ann"})
    await store.forget(*ANN, part)
    letters = [one.facts["who"] for one in await store.take_letters("console")]
    if part is Part.EVERYTHING:
        assert await store.alert_to(*ANN) is None
        assert letters == ["console:eve"]
        assert "Ann" not in str(await store.export(*BOB))
    else:
        assert await store.alert_to(*ANN) == BOB
        assert len(letters) == 2


async def test_whom_somebody_allows_can_be_found_and_forgotten_there(store: Store):
    await store.allow_alert(*ANN, "telegram", "7")
    assert ("telegram", "7") in [(one.platform, one.user_id) for one in await store.everybody()]
    before = await store.last_erasure()
    await store.forget("telegram", "7")
    assert await store.last_erasure() != before
    assert await store.alert_to(*ANN) is None


async def test_a_backup_brings_the_yes_back_but_no_letter_and_not_of_who_was_forgotten(
    file: Path, tmp_path: Path, clock: Clock
):
    async with await Store.open(folder=file.parent, clock=clock) as store:
        await store.set_carded(*BOB)
        for who in (ANN, EVE):
            await store.allow_alert(*who, *BOB)
            assert await store.write_alert(*who, *BOB, "self", NOON)
    backup = tmp_path / "backup.sqlite3"
    shutil.copy(file, backup)
    clock.days_later(1)
    async with await Store.open(folder=file.parent, clock=clock) as store:
        await store.forget(*ANN)
    await restore(backup, folder=file.parent, clock=clock)
    async with await Store.open(folder=file.parent, clock=clock) as store:
        assert await store.alert_to(*ANN) is None
        assert await store.alert_to(*EVE) == BOB
        assert await store.take_letters("console") == []
        assert (await store.export(*ANN))["looks"] == []


async def test_one_step_down_takes_the_alerts_alone_and_up_again_goes_on(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
):
    await store.close()
    await _down_to("0007", url, monkeypatch)
    async with await Store.open(url) as again:
        assert await again.alert_to(*ANN) is None
        assert len((await again.export(*ANN))["conversations"]) == 1
        await again.allow_alert(*ANN, *BOB)
        assert await again.alert_to(*ANN) == BOB
