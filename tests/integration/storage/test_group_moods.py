"""How a server's people felt: of what was said in front of others, and of who lets it be kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from storage.receipts import Part
from storage.records import GroupMood
from storage.store import Store
from tests.integration.storage.values import NOON, felt, minutes, said


async def _feel(store: Store, valence: float, task: str = "sentiment", **changes: Any) -> int:
    """A message in channel "a" of server "g1" that was read so; the number of its person."""
    channel: dict[str, Any] = {"chat_id": "a", "server": "g1", "private": False}
    message = said(message_id=f"{valence}", **(channel | changes))
    turn = (await store.receive(message)).turn
    assert await store.complete(turn.id, "hi", felt(valence, task=task))
    return turn.person_id


async def _valences(store: Store, *asked: Any, **narrowed: Any) -> list[float]:
    """Those of people who wrote once."""
    moods = await store.group_moods(*(asked or ("console", "g1", NOON)), **narrowed)
    return sorted(mood.total for mood in moods)


async def test_moods_are_a_persons_day_in_a_channel_and_name_nobody(store: Store):
    ann = await _feel(store, 0.5)
    await _feel(store, 0.25, sent_at=NOON + minutes(1))
    await _feel(store, -0.5, sent_at=NOON + minutes(2))
    await _feel(store, -0.25, sent_at=NOON + timedelta(days=1))
    bob = await _feel(store, 0.125, user_id="bob", chat_id="b")
    await _feel(store, 0.875, sent_at=NOON - timedelta(days=1))
    day, next_day = NOON.date(), NOON.date() + timedelta(days=1)
    moods = await store.group_moods("console", "g1", NOON)
    assert sorted(moods, key=lambda mood: mood.total) == [
        GroupMood(ann, next_day, "a", 1, -0.25, 0, 0),
        GroupMood(bob, day, "b", 1, 0.125, 0, 0),
        GroupMood(ann, day, "a", 3, 0.25, 1, 1),
    ]
    with pytest.raises(ValueError, match="zone"):
        await store.group_moods("console", "g1", datetime(2026, 3, 1))


async def test_a_day_is_one_of_utc(store: Store):
    tokyo = timezone(timedelta(hours=9))
    await _feel(store, 0.5, sent_at=datetime(2026, 3, 14, 8, 30, tzinfo=tokyo))
    since = datetime(2026, 3, 14, 8, 30, tzinfo=tokyo)
    (mood,) = await store.group_moods("console", "g1", since)
    assert mood.day == date(2026, 3, 13)
    assert await store.group_moods("console", "g1", since + timedelta(minutes=30)) == []


async def test_a_day_goes_with_its_messages(store: Store):
    await _feel(store, 0.5)
    await _feel(store, 0.25, user_id="bob")
    await store.forget("console", "ann", Part.MOOD)
    assert await _valences(store) == [0.25]
    await store.move_chat("console", "a", "moved")
    assert [mood.chat_id for mood in await store.group_moods("console", "g1", NOON)] == ["moved"]


async def test_two_chats_that_become_one_have_their_days_together(store: Store):
    await _feel(store, 0.5, chat_id="old", server="")
    await _feel(store, 0.25, chat_id="new", server="")
    await store.move_chat("console", "old", "new")
    (mood,) = await store.group_moods("console", "", NOON, "new")
    assert (mood.n, mood.total) == (2, 0.75)


async def test_only_that_servers_public_conversations_and_that_task_count(store: Store):
    await _feel(store, 0.1)
    await _feel(store, 0.2, chat_id="dm", server="", private=True)
    await _feel(store, 0.3, chat_id="odd", private=True)
    await _feel(store, 0.4, chat_id="b", server="g2")
    await _feel(store, 0.5, platform="x")
    await _feel(store, 0.6, task="intent")
    assert await _valences(store) == [0.1]
    assert await _valences(store, task="intent") == [0.6]
    assert await _valences(store, "console", "g2", NOON) == [0.4]


async def test_one_channel_is_asked_for_with_its_threads(store: Store):
    await _feel(store, 0.1)
    await _feel(store, 0.2, thread_id="t")
    await _feel(store, 0.3, chat_id="b")
    assert await _valences(store, chat_id="a") == [0.1, 0.2]
    assert await _valences(store, chat_id="nowhere") == []
    assert await _valences(store, "console", "g2", NOON, "a") == []


async def test_chats_of_no_server_are_never_taken_together(store: Store):
    await _feel(store, 0.1, server="")
    await _feel(store, 0.2, server="", chat_id="b")
    assert await _valences(store, "console", "", NOON) == []
    assert await _valences(store, "console", "", NOON, "a") == [0.1]
    await store.move_chat("console", "a", "moved")
    assert await _valences(store, "console", "", NOON, "a") == [0.1]
    assert await _valences(store, "console", "", NOON, "moved") == [0.1]


async def test_nothing_of_a_person_who_said_no_is_shown_till_they_say_otherwise(store: Store):
    await _feel(store, 0.1)
    await _feel(store, 0.2, user_id="bob")
    await store.set_mood_memory("console", "bob", "off")
    assert await _valences(store) == [0.1]
    for choice in ("on", ""):
        await store.set_mood_memory("console", "bob", choice)
        assert await _valences(store) == [0.1, 0.2]
    await store.forget("console", "bob")
    assert await _valences(store) == [0.1]
