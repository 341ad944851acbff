"""Words that are not kept end with their conversation: exactly those, and to the last byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import database, retention
from storage.errors import TurnGone
from storage.records import State, Turn
from storage.store import Store
from tests.integration.storage.clock import Clock
from tests.integration.storage.test_forget import SECRET, _bytes
from tests.integration.storage.values import NOON, felt, said

SIX = timedelta(hours=6)


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    async with await Store.open(url, clock=clock) as store:
        yield store


async def _talk(store: Store, message_id: str = "m", *, read: bool = False, **changes: Any) -> Turn:
    message = said(SECRET, message_id, **changes)
    turn = (await store.receive(message)).turn
    await store.complete(turn.id, SECRET, felt() if read else None, note=SECRET if read else "")
    await store.delivery_created(message.place, SECRET)
    await store.delivery_ended(message.place)
    return turn


async def _end(store: Store, clock: Clock, setting: str = "ask") -> tuple[int, int]:
    """As it is asked every minute: what was quiet for six hours."""
    ended = await store.end_conversations(clock.now - SIX, setting)
    assert ended.unfinished == ""
    return ended.deleted, ended.blanked


def _rows(connection: Connection) -> dict[str, Any]:
    tables = ("people", "conversations", "turns", "labels", "corrections", "deliveries")
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables
    }


async def test_six_hours_after_the_last_message_the_words_are_deleted(store: Store, clock: Clock):
    await _talk(store)
    clock.hours_later(5)
    last = await _talk(store, "last")
    clock.hours_later(10.9)
    assert await _end(store, clock) == (0, 0)
    clock.hours_later(11.1)
    before = await store.last_erasure()
    ended = await store.end_conversations(clock.now - SIX, "ask")
    assert (ended.deleted, ended.blanked, ended.conversations) == (2, 0, 1)
    assert ended.touched == frozenset({last.conversation_id})
    assert ended.id == await store.last_erasure() != before
    assert await store._database.read(_rows) == {
        "people": 1, "conversations": 0, "turns": 0, "labels": 0, "corrections": 0, "deliveries": 0
    }  # fmt: skip
    assert (await store.end_conversations(clock.now - SIX, "ask")).id == ""


async def test_what_was_read_stays_for_the_mood_without_a_word(store: Store, clock: Clock):
    turn = await _talk(store, read=True, private=False, chat_id="-1", user_name=SECRET)
    await store.correct("console", "ann", turn.id, "negative", -0.9)
    await store.receive(said("who else is here", "b", user_id="bob", private=False, chat_id="-1"))
    clock.hours_later(7)
    assert await _end(store, clock) == (0, 1)
    assert await _end(store, clock) == (0, 0)
    (mood,) = await store.moods("console", "ann", NOON, corrected=True)
    assert mood.valence == -0.9
    assert len(await store.group_moods("console", "", NOON, "-1")) == 1
    (conversation,) = (await store.export("console", "ann"))["conversations"]
    (kept,) = conversation["turns"]
    assert {kept[name] for name in ("text", "reply", "note", "speaker", "failure")} == {""}
    assert (kept["ended"], kept["delivery"], len(kept["labels"])) == (True, None, 1)


async def test_what_has_ended_comes_back_in_nothing(store: Store, clock: Clock):
    turn = await _talk(store, read=True)
    clock.hours_later(7)
    await _end(store, clock)
    assert await store.history(turn.conversation_id, 99, 9) == []
    assert await store.last_answered("console", "ann-alone", "", "ann") is None
    assert not await store.replace_reply(turn.id, "again")
    assert await store.words(turn.id) == ""
    assert await store.unfinished() == []
    assert await store.undelivered("console", NOON) == []
    assert await store.edit(said(message_id="m").place, "again") is None
    assert not (await store.receive(said("again", "m"))).new


@pytest.mark.parametrize(
    ("choice", "setting", "kept"),
    [
        ("", "ask", False),
        ("", "on", True),
        ("", "off", False),
        ("on", "ask", True),
        ("on", "off", True),
        ("off", "on", False),
        ("off", "ask", False),
    ],
)
async def test_a_persons_own_choice_comes_before_the_setting(
    store: Store, clock: Clock, choice: str, setting: str, kept: bool
):
    await store.set_history("console", "ann", choice)
    await _talk(store)
    clock.hours_later(7)
    assert await _end(store, clock, setting) == ((0, 0) if kept else (1, 0))


async def test_another_setting_or_choice_is_refused(store: Store):
    with pytest.raises(ValueError, match="the setting is one of"):
        await store.end_conversations(NOON, "")
    with pytest.raises(ValueError, match="history is one of"):
        await store.set_history("console", "ann", "ask")


async def test_each_conversation_and_each_person_ends_alone(store: Store, clock: Clock):
    await _talk(store, "m1", chat_id="group")
    await _talk(store, "m2", chat_id="group", thread_id="t")
    await _talk(store, "m3", chat_id="group", user_id="bob")
    await store.set_history("console", "eve", "on")
    await _talk(store, "m4", chat_id="group", user_id="eve")
    clock.hours_later(4)
    await _talk(store, "m5", chat_id="group")
    clock.hours_later(7)
    assert await _end(store, clock) == (2, 0)
    turns = [
        turn["message_id"]
        for user in ("ann", "bob", "eve")
        for conversation in (await store.export("console", user))["conversations"]
        for turn in conversation["turns"]
    ]
    assert turns == ["m1", "m5", "m4"]


async def test_what_is_not_answered_yet_is_not_touched(store: Store, clock: Clock):
    await _talk(store, "m1")
    await store.receive(said("still here", "m2"))
    begun = (await store.receive(said("and here", "m3"))).turn
    await store.begin(begun.id)
    clock.hours_later(7)
    assert await _end(store, clock) == (1, 0)
    assert [left.turn.text for left in await store.unfinished()] == ["still here", "and here"]


@pytest.mark.parametrize("state", ["creating", "open"])
async def test_what_has_not_reached_its_person_stays_a_day_longer(
    store: Store, clock: Clock, state: str
):
    late, told = said("hello", "m1"), said("hello", "m2")
    for message in (late, told):
        turn = (await store.receive(message)).turn
        await store.complete(turn.id, "hi", None)
    clock.hours_later(1)
    for message in (late, told):
        await store.delivery_creating(message.place)
        if state == "open":
            await store.delivery_created(message.place, "s1")
    await store.delivery_ended(told.place, "blocked")
    clock.hours_later(7)
    assert await _end(store, clock) == (1, 0)
    (left,) = await store.undelivered("console", NOON)
    assert (left.turn.reply, left.inbound.message_id) == ("hi", "m1")
    clock.hours_later(24.9)
    assert await _end(store, clock) == (0, 0)
    clock.hours_later(25.1)
    assert await _end(store, clock) == (1, 0)


async def test_joined_words_end_with_their_lead(store: Store, clock: Clock):
    lead = (await store.receive(said("one", "m1"))).turn
    joined = (await store.receive(said("two", "m2"))).turn
    await store.join(joined.id, lead.id)
    await store.begin(lead.id)
    clock.hours_later(7)
    assert await _end(store, clock) == (0, 0), "the lead needs them"
    assert await store.words(lead.id) == "one\ntwo"
    await store.complete(lead.id, "hi", felt())
    assert await _end(store, clock) == (1, 1)
    with pytest.raises(TurnGone):
        await store.words(joined.id)


async def test_what_failed_or_was_declined_ends_too(store: Store, clock: Clock):
    failed = (await store.receive(said("one", "m1"))).turn
    await store.fail(failed.id, "engine_failed")
    command = (await store.receive(said("/mood", "m2"))).turn
    await store.decline(command.id, "command", "fine")
    clock.hours_later(7)
    assert await _end(store, clock) == (2, 0)


async def test_who_writes_or_says_yes_meanwhile_keeps_their_words(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    for user in ("ann", "bob", "eve"):
        await _talk(store, user, user_id=user, chat_id="group")
    clock.hours_later(7)
    end = store._end

    async def meanwhile(*asked: Any) -> Any:
        monkeypatch.setattr(store, "_end", end)
        await store.set_history("console", "ann", "on")
        await store.receive(said("wait", "again", user_id="bob", chat_id="group"))
        return await end(*asked)

    monkeypatch.setattr(store, "_end", meanwhile)
    assert await _end(store, clock) == (1, 0)
    known = {person.user_id: person.messages for person in await store.people()}
    assert known == {"ann": 1, "bob": 2}


async def test_many_end_some_at_a_time_and_several_may_do_it_at_once(
    store: Store, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    for number in range(20):
        user, chat = f"user {number % 4}", f"chat {number % 3}"
        await _talk(store, f"m{number}", read=number % 2 == 0, user_id=user, chat_id=chat)
    clock.hours_later(7)
    async with await Store.open(url, clock=clock) as other:
        ended = await asyncio.gather(
            *(one.end_conversations(clock.now - SIX, "ask") for one in (store, other))
        )
    assert sum(one.deleted for one in ended) == 10
    assert sum(one.blanked for one in ended) == 10


async def test_a_message_that_arrives_during_an_ending_is_not_lost(store: Store, clock: Clock):
    for number in range(20):
        clock.hours_later(number * 10)
        await _talk(store, "old", chat_id=f"chat {number}")
        clock.hours_later(number * 10 + 7)
        late = said("late", "new", user_id="bob", chat_id=f"chat {number}")
        _, received = await asyncio.gather(
            store.end_conversations(clock.now - SIX, "ask"), store.receive(late)
        )
        assert (await store.begin(received.turn.id)).state is State.ANSWERING


async def test_after_a_gap_what_has_ended_is_not_taken_for_new(store: Store, clock: Clock):
    await store.set_history("console", "bob", "on")
    await _talk(store, "100", chat_id="group", user_id="bob")
    await _talk(store, "101", chat_id="group")
    await _talk(store, "102", chat_id="group")
    await _talk(store, "1", chat_id="alone")
    lead = (await store.receive(said(SECRET, "2", chat_id="alone"))).turn
    joined = (await store.receive(said(SECRET, "3", chat_id="alone"))).turn
    await store.join(joined.id, lead.id)
    await store.fail(lead.id, "engine_failed")
    clock.hours_later(7)
    assert await _end(store, clock) == (5, 0)
    heard = {one.chat_id: one.message_id for one in await store.last_heard("console", NOON)}
    assert heard == {"group": "102", "alone": "3"}
    kept = [
        turn
        for conversation in (await store.export("console", "ann"))["conversations"]
        for turn in conversation["turns"]
    ]
    assert SECRET not in str(kept)
    assert [(turn["message_id"], turn["state"]) for turn in kept] == [
        ("102", "declined"), ("3", "declined")
    ]  # fmt: skip
    clock.hours_later(8)
    await _talk(store, "4", chat_id="alone")
    clock.hours_later(15)
    assert await _end(store, clock) == (1, 0)
    heard = {one.chat_id: one.message_id for one in await store.last_heard("console", NOON)}
    assert heard == {"group": "102", "alone": "4"}
    assert await store._database.read(_rows) == {
        "people": 2, "conversations": 2, "turns": 3, "labels": 0, "corrections": 0, "deliveries": 1
    }  # fmt: skip


async def test_no_byte_of_what_has_ended_stays_in_the_files(file: Path, clock: Clock):
    async with await Store.open(folder=file.parent, clock=clock) as store:
        for number in range(60):
            await _talk(store, f"m{number}", read=number % 2 == 0)
        assert SECRET in _bytes(file)
        clock.hours_later(7)
        assert await _end(store, clock) == (30, 30)
        assert SECRET not in _bytes(file)


async def test_a_large_file_is_rewritten_once_an_hour_at_most(
    file: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "LARGE_BYTES", 0)
    async with await Store.open(folder=file.parent, clock=clock) as store:
        for hour in (0, 10):
            clock.hours_later(hour)
            await _talk(store, f"m{hour}")
            clock.hours_later(hour + 7)
            assert await _end(store, clock) == (1, 0)
            assert (SECRET in _bytes(file)) == (hour == 10)
        monkeypatch.setattr(database, "LARGE_REST_S", 0)
        assert await _end(store, clock) == (0, 0)
        assert SECRET not in _bytes(file)
