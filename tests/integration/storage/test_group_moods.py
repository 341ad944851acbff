"""How a server's people felt: of what was said in front of others, and of who lets it be kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

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
    moods = await store.group_moods(*(asked or ("console", "g1", NOON)), **narrowed)
    return [mood.valence for mood in moods]


async def test_moods_of_all_people_come_in_the_order_they_were_sent_and_name_nobody(store: Store):
    bob = await _feel(store, 0.2, user_id="bob", chat_id="b", sent_at=NOON + minutes(2))
    ann = await _feel(store, 0.1, sent_at=NOON + minutes(1))
    await _feel(store, 0.9, sent_at=NOON - minutes(1))
    assert await store.group_moods("console", "g1", NOON) == [
        GroupMood(ann, NOON + minutes(1), 0.1, "a"),
        GroupMood(bob, NOON + minutes(2), 0.2, "b"),
    ]
    with pytest.raises(ValueError, match="zone"):
        await store.group_moods("console", "g1", datetime(2026, 3, 1))


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
