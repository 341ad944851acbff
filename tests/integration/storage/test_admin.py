"""What those who run a Warmline ask: looks, ways into the dashboard, groups, counts, crises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.admin_records import Counts, Group, Look
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.test_forget import _bytes as bytes_of
from tests.integration.storage.values import NOON, felt, minutes, said


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    async with await Store.open(url, clock=clock) as store:
        yield store


async def test_looks_are_kept_the_newest_first(store: Store, clock: Clock):
    await store.note_look("owner", "trends", "discord g1")
    clock.days_later(1)
    await store.note_look("telegram:5", "trend", "telegram -100")
    newest = Look(NOON + timedelta(days=1), "telegram:5", "trend", "telegram -100")
    assert await store.looks() == [newest, Look(NOON, "owner", "trends", "discord g1")]
    assert await store.looks(1) == [newest]
    assert await store.take_letters("telegram") == []


async def test_who_was_looked_at_is_told_of_it(store: Store):
    await store.receive(said())
    await store.note_look("telegram:5", "trend", "console:ann", "console", "ann")
    (letter,) = await store.take_letters("console")
    assert (letter.user_id, letter.kind) == ("ann", "looked")
    assert letter.facts == {"who": "telegram:5", "what": "trend"}


async def test_looks_of_one_on_one_day_that_wait_to_be_told_are_one_letter(
    store: Store, clock: Clock
):
    async def look(who: str, at: str = "ann") -> None:
        await store.note_look(who, "person 30", f"console:{at}", "console", at)

    for name in ("ann", "bob"):
        await store.set_carded("console", name)
    await store.write_letter("console", "ann", "digest", {"who": "owner"})
    clock.hours_later(11.9)
    for who, at in (("owner", "ann"), ("owner", "ann"), ("telegram:5", "ann"), ("owner", "bob")):
        await look(who, at)
    clock.hours_later(12)
    await look("owner")
    told = await store.take_letters("console")
    assert [(one.user_id, one.kind, one.facts["who"]) for one in told] == [
        ("ann", "digest", "owner"),
        ("ann", "looked", "owner"),
        ("ann", "looked", "telegram:5"),
        ("bob", "looked", "owner"),
        ("ann", "looked", "owner"),
    ]
    await look("owner")
    assert len(await store.take_letters("console")) == 1, "the one before is told already"
    assert len(await store.looks()) == 6


async def test_looks_at_once_are_one_letter(store: Store, url: str, clock: Clock):
    await store.set_carded("console", "ann")
    async with await Store.open(url, clock=clock) as other:
        looks = [
            one.note_look("owner", "person 30", "console:ann", "console", "ann")
            for one in (store, other) * 4
        ]
        await asyncio.gather(*looks)
    assert len(await store.take_letters("console")) == 1


async def test_a_look_at_somebody_who_is_gone_is_kept_and_told_nobody(store: Store):
    await store.note_look("owner", "trend", "console:ann", "console", "ann")
    assert [look.about for look in await store.looks()] == ["console:ann"]
    assert await store.take_letters("console") == []


async def test_a_link_works_once_for_one_caller_and_not_as_a_session(store: Store):
    await store.add_admin_key("link", "aa", NOON + minutes(10))
    assert not await store.admin_session("aa")
    used = await asyncio.gather(*(store.use_admin_link("aa") for _ in range(6)))
    assert sorted(used) == [False] * 5 + [True]
    assert not await store.use_admin_link("bb")


async def test_a_session_lasts_till_it_ends(store: Store):
    await store.add_admin_key("session", "aa", NOON + minutes(10))
    assert await store.admin_session("aa")
    assert not await store.use_admin_link("aa")
    await store.end_admin_session("aa")
    await store.end_admin_session("aa")
    assert not await store.admin_session("aa")


async def test_keys_expire_and_go(store: Store, clock: Clock):
    await store.add_admin_key("link", "aa", NOON + minutes(10))
    await store.add_admin_key("session", "bb", NOON + minutes(10))
    clock.now = NOON + minutes(10)
    assert not await store.use_admin_link("aa")
    assert not await store.admin_session("bb")
    await store.add_admin_key("link", "cc", NOON + minutes(20))
    clock.now = NOON
    assert not await store.use_admin_link("aa"), "it was deleted on the way"


async def test_a_key_of_another_kind_is_refused(store: Store):
    with pytest.raises(ValueError, match="a link or a session"):
        await store.add_admin_key("cookie", "aa", NOON)


async def _read(store: Store, number: int, **changes: Any) -> None:
    turn = (await store.receive(said(message_id=str(number), **changes))).turn
    await store.complete(turn.id, "hi", felt())


async def test_groups_are_the_chats_with_others_in_which_messages_were_read(store: Store):
    server: dict[str, Any] = {"private": False, "server": "g1", "platform": "discord"}
    await _read(store, 1, **server, chat_id="c1")
    await _read(store, 2, **server, chat_id="c1", thread_id="t")
    await _read(store, 3, **server, chat_id="c0")
    await _read(store, 4, private=False, chat_id="-100")
    await _read(store, 5, chat_id="ann-alone")
    await store.receive(said(message_id="6", private=False, chat_id="nobody was read here"))
    groups = [Group("console", "", "-100"), Group("discord", "g1", "c0")]
    assert await store.groups() == [*groups, Group("discord", "g1", "c1")]


async def test_counts_are_of_messages_since_then_and_of_all_that_waits(store: Store, clock: Clock):
    await _read(store, 1)
    await store.receive(said(message_id="2", user_id="bob"))
    await store.note_crisis("console", "ann", "self", NOON)
    clock.days_later(2)
    await _read(store, 3)
    await _read(store, 4, user_id="bob")
    failed = (await store.receive(said(message_id="5"))).turn
    await store.fail(failed.id, "engine_failed")
    command = (await store.receive(said("/mood", "6", user_id="eve"))).turn
    await store.decline(command.id, "command", "fine")
    await store.receive(said("/mood", "7", user_id="eve"))
    lead = (await store.receive(said(message_id="8"))).turn
    joined = (await store.receive(said(message_id="9"))).turn
    await store.join(joined.id, lead.id)
    await store.note_crisis("console", "bob", "friend", clock.now)
    await store.note_crisis("console", "nobody", "friend", clock.now)
    since = NOON + timedelta(days=1)
    counts = Counts(turns=4, answered=2, failed=1, waiting=3, people=2, crises=1)
    assert await store.counts(since) == counts
    nothing = Counts(turns=0, answered=0, failed=0, waiting=3, people=0, crises=0)
    assert await store.counts(since + timedelta(days=9)) == nothing
    with pytest.raises(ValueError, match="without a zone"):
        await store.counts(datetime(2026, 3, 1))


async def test_the_last_crisis_of_a_person_is_told(store: Store):
    await store.note_crisis("console", "ann", "self", NOON)
    assert await store.last_crisis("console", "ann") is None, "nobody unknown is written down"
    assert await store.everybody() == []
    await store.set_carded("console", "ann")
    await store.note_crisis("console", "ann", "self", NOON)
    await store.note_crisis("console", "ann", "eating", NOON - minutes(5))
    assert await store.last_crisis("console", "ann") == (NOON, "self")
    assert await store.last_crisis("console", "bob") is None


@pytest.mark.parametrize(
    ("choice", "setting", "keep_days", "hours"),
    [
        ("", "ask", 0, 24),
        ("", "off", 0, 24),
        ("", "on", 0, 30 * 24),
        ("off", "on", 0, 24),
        ("on", "ask", 0, 30 * 24),
        ("on", "off", 0, 30 * 24),
        ("on", "off", 90, 30 * 24),
        ("on", "off", 7, 7 * 24),
        ("", "ask", 7, 24),
    ],
)
async def test_a_crisis_is_noted_for_a_day_and_with_a_yes_to_moods_for_longer(
    store: Store, clock: Clock, choice: str, setting: str, keep_days: int, hours: float
):
    await store.set_mood_memory("console", "ann", choice)
    await store.note_crisis("console", "ann", "self", NOON - timedelta(hours=1))
    await store.note_crisis("console", "ann", "eating", NOON)
    clock.hours_later(hours - 0.1)
    assert await store.end_crises(setting, keep_days) == 1
    assert await store.last_crisis("console", "ann") == (NOON, "eating")
    clock.hours_later(hours + 0.1)
    assert await store.end_crises(setting, keep_days) == 1
    assert await store.last_crisis("console", "ann") is None
    assert await store.end_crises(setting, keep_days) == 0


async def test_each_persons_crises_end_by_their_own_choice(store: Store, clock: Clock):
    for name, choice in (("ann", "on"), ("bob", ""), ("eve", "off")):
        await store.set_mood_memory("console", name, choice)
        await store.note_crisis("console", name, "self", NOON)
    clock.days_later(2)
    assert await store.end_crises("ask", 0) == 2
    assert await store.last_crisis("console", "ann") == (NOON, "self")
    with pytest.raises(ValueError, match="the setting is one of"):
        await store.end_crises("", 0)


async def test_no_byte_of_a_crisis_that_ended_stays_in_the_files(file: Path, clock: Clock):
    async with await Store.open(folder=file.parent, clock=clock) as store:
        await store.set_carded("console", "ann")
        for _ in range(60):
            await store.note_crisis("console", "ann", "zebrakind", NOON)
        clock.days_later(2)
        assert await store.end_crises("ask", 0) == 60
        await store.end_conversations(NOON, "ask")
        assert "zebrakind" not in bytes_of(file)


async def test_a_note_is_claimed_by_exactly_one(store: Store, url: str):
    async with await Store.open(url) as other:
        claims = [one.claim_note("digest:2026-W09") for one in (store, other) * 5]
        assert sorted(await asyncio.gather(*claims)) == [False] * 9 + [True]
        assert await other.claim_note("digest:2026-W10")
    assert await store.note("digest:2026-W09")
