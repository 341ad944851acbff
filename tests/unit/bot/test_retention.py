"""Conversations end, messages go by age; what went, or others erased, goes from memory too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.config_sections import PrivacySettings
from bot.crisis.care import CAREFUL_FOR
from bot.held import Held
from bot.retention import AGAIN, CRISES, LOOK, QUIET, Retention, running
from storage import admin
from storage.errors import DatabaseBusy
from storage.receipts import Ended, Swept
from storage.store import Store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOME = Swept(3, 2, 1, frozenset({8, 7}), "s1")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Memory:
    """A store that is swept at `swept`, and whose last erasure is `last`."""

    def __init__(self, clock: Clock, *results: Swept | Exception) -> None:
        self.clock = clock
        self.results = list(results)
        self.swept: list[tuple[timedelta, int]] = []
        self.last = ""
        self.looked: list[tuple[timedelta, datetime, str]] = []
        self.endings: list[Ended | Exception] = []
        self.crises: list[tuple[timedelta, str, int]] = []
        self.crises_ended: list[int | Exception] = []

    async def end_conversations(self, quiet_since: datetime, setting: str) -> Ended:
        self.looked.append((self.clock.now - START, quiet_since, setting))
        result = self.endings.pop(0) if self.endings else Ended()
        if isinstance(result, Exception):
            raise result
        self.last = result.id or self.last
        return result

    async def end_crises(self, setting: str, keep_days: int) -> int:
        self.crises.append((self.clock.now - START, setting, keep_days))
        result = self.crises_ended.pop(0) if self.crises_ended else 0
        if isinstance(result, Exception):
            raise result
        return result

    async def sweep(self, keep_days: int) -> Swept:
        self.swept.append((self.clock.now - START, keep_days))
        result = self.results.pop(0) if self.results else Swept()
        if isinstance(result, Exception):
            raise result
        self.last = result.id or self.last
        return result

    async def last_erasure(self) -> str:
        return self.last


class Holder:
    def __init__(self) -> None:
        self.erasure = ""
        self.dropped: list[Any] = []

    async def drop(self, conversations: Iterable[int], erasure: str) -> None:
        self.erasure = erasure
        self.dropped.append(list(conversations))

    async def drop_all(self, erasure: str) -> None:
        self.erasure = erasure
        self.dropped.append("all")


class Over(Exception):
    """The time that a test watches has gone by."""


def made(clock: Clock, store: Memory, holder: Holder, keep_days: int, hours: float) -> Retention:
    async def sleep(seconds: float) -> None:
        assert seconds == LOOK.total_seconds()
        clock.now += timedelta(seconds=seconds)
        if clock.now - START >= timedelta(hours=hours):
            raise Over

    return Retention(
        cast("Store", store), cast("Held", holder), keep_days, clock=clock, sleep=sleep
    )


async def run(*results: Swept | Exception, keep_days: int = 30, hours: float = 1.0) -> Any:
    clock = Clock()
    store, holder = Memory(clock, *results), Holder()
    with pytest.raises(Over):
        await made(clock, store, holder, keep_days, hours).run()
    return store, holder


async def test_it_sweeps_at_the_start_and_once_a_day():
    store, _ = await run(hours=73)
    assert store.swept == [(timedelta(days=day), 30) for day in range(4)]


async def test_nothing_goes_by_age_unless_the_owner_says_so():
    assert PrivacySettings().keep_days == 0
    store, _ = await run(keep_days=0, hours=49)
    assert store.swept == []


async def test_what_went_is_logged_as_counts_and_dropped_from_memory(caplog):
    caplog.set_level(logging.INFO)
    _, holder = await run(SOME)
    assert caplog.messages == ["deleted by age: turns=3 labels=2 conversations=1 keep_days=30"]
    assert holder.dropped == [[7, 8]], "once: the sweep is its own"


async def test_where_nothing_went_nothing_is_said(caplog):
    caplog.set_level(logging.INFO)
    _, holder = await run()
    assert (caplog.messages, holder.dropped) == ([], [])


async def test_a_database_that_cannot_be_used_is_tried_again_in_an_hour(caplog):
    store, _ = await run(DatabaseBusy("Another program holds it."), SOME, hours=30)
    assert [at for at, _ in store.swept] == [timedelta(0), AGAIN, AGAIN + timedelta(days=1)]
    assert caplog.messages[0] == (
        "what is over or too old stays for now: Another program holds it."
    )


async def test_old_bytes_that_stay_for_now_are_told_of(caplog):
    await run(Swept(unfinished="Another program reads it."))
    assert caplog.messages == [
        "old bytes stay in the file until the next sweep: Another program reads it."
    ]


# --- conversations that are over


async def test_at_each_look_what_has_been_quiet_for_six_hours_is_ended():
    store, _ = await run(keep_days=0, hours=0.05)
    assert [at for at, _, _ in store.looked] == [LOOK * number for number in range(3)]
    assert all(since == START + at - QUIET for at, since, _ in store.looked)
    assert timedelta(hours=6) == QUIET


async def test_the_owners_setting_is_for_those_who_have_not_chosen():
    assert PrivacySettings().history == "ask"
    clock = Clock()
    store = Memory(clock)
    for setting in ("ask", "on", "off"):
        retention = Retention(
            cast("Store", store), cast("Held", Holder()), 0, history=setting, clock=clock
        )
        await retention.step()
    assert [setting for _, _, setting in store.looked] == ["ask", "on", "off"]


async def test_what_was_ended_is_logged_as_counts_and_dropped_from_memory_once(caplog):
    caplog.set_level(logging.INFO)
    clock = Clock()
    store, holder = Memory(clock), Holder()
    store.endings = [Ended(), Ended(3, 2, 1, frozenset({8, 7}), "e1")]
    retention = made(clock, store, holder, 0, 1)
    for _ in range(3):
        await retention.step()
    assert caplog.messages == ["over: turns=3 blanked=2 conversations=1"]
    assert holder.dropped == [[7, 8]], "once: the ending is its own"


async def test_old_bytes_of_what_was_ended_are_told_of(caplog):
    clock = Clock()
    store = Memory(clock)
    store.endings = [Ended(unfinished="Another program reads it.")]
    await made(clock, store, Holder(), 0, 1).step()
    assert caplog.messages == [
        "old bytes stay in the file until the next time: Another program reads it."
    ]


async def test_what_is_over_is_ended_before_anybody_is_answered(caplog):
    clock = Clock()
    store, holder = Memory(clock), Holder()
    store.endings = [Ended(1, 0, 1, frozenset({7}), "e1")]
    async with running(made(clock, store, holder, 0, 1)):
        assert holder.dropped == [[7]]
    store.endings = [DatabaseBusy("Another program holds it.")]
    async with running(made(clock, store, holder, 0, 1)):
        pass
    assert caplog.messages == [
        "conversations that are over stay for now: Another program holds it."
    ]


# --- crises


async def test_crises_are_ended_every_hour_at_the_most_as_the_settings_say():
    store, _ = await run(keep_days=9, hours=2.5)
    assert store.crises == [(CRISES * number, "ask", 9) for number in range(3)]
    assert timedelta(hours=1) == CRISES
    clock = Clock()
    store = Memory(clock)
    retention = Retention(
        cast("Store", store), cast("Held", Holder()), 0, mood_memory="on", clock=clock
    )
    await retention.step()
    assert store.crises == [(timedelta(0), "on", 0)]


async def test_how_many_crises_ended_is_logged_and_what_failed_is_done_an_hour_later(caplog):
    caplog.set_level(logging.INFO)
    clock = Clock()
    store = Memory(clock)
    store.crises_ended = [DatabaseBusy("Another program holds it."), 2, 0]
    with pytest.raises(Over):
        await made(clock, store, Holder(), 0, 2.5).run()
    assert caplog.messages == [
        "what is over or too old stays for now: Another program holds it.",
        "crises noted no longer: 2",
    ]
    assert len(store.looked) == 149, "it holds nothing else up for longer than a look"


def test_a_crisis_is_noted_for_as_long_as_replies_look_back_on_it():
    assert admin.CAREFUL_FOR == CAREFUL_FOR


async def test_what_another_process_erased_is_dropped_once():
    clock = Clock()
    store, holder = Memory(clock), Holder()
    store.last = "before the start"
    retention = made(clock, store, holder, 0, 1)
    await retention.step()
    assert holder.dropped == []
    store.last = "elsewhere"
    await retention.step()
    await retention.step()
    assert holder.dropped == ["all"]


async def test_what_this_process_erased_is_not_dropped_again():
    clock = Clock()
    store, holder = Memory(clock), Holder()
    retention = made(clock, store, holder, 0, 1)
    await retention.step()
    store.last = holder.erasure = "a /forget here"
    await retention.step()
    assert holder.dropped == []


async def test_it_ends_with_the_chat():
    clock = Clock()
    store = Memory(clock)
    swept = asyncio.Event()

    async def sleep(seconds: float) -> None:
        swept.set()
        await asyncio.Event().wait()

    retention = Retention(cast("Store", store), cast("Held", Holder()), 1, clock=clock, sleep=sleep)
    async with running(retention):
        await swept.wait()
    assert len(store.swept) == 1
    assert len(asyncio.all_tasks()) == 1
