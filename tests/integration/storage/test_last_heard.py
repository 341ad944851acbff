"""Where each conversation was heard last, on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from storage.records import Heard
from storage.store import Store
from tests.integration.storage.values import NOON, minutes, said

Place = tuple[str, str]


async def _hear(url: str, *messages: tuple[str, dict[str, Any]]) -> Store:
    """A store that received these, one a minute from noon on."""
    times = iter(NOON + minutes(number) for number in range(99))
    store = await Store.open(url, clock=lambda: next(times))
    for message_id, changes in messages:
        await store.receive(said(message_id=message_id, **changes))
    return store


async def _ids(store: Store, since: datetime = NOON) -> dict[Place, str]:
    heard = await store.last_heard("console", since)
    return {(one.chat_id, one.thread_id): one.message_id for one in heard}


async def test_the_last_numbered_message_of_each_conversation_is_found_the_latest_first(url: str):
    messages: list[tuple[str, dict[str, Any]]] = [
        ("10", {"chat_id": "a", "private": False}),
        ("9", {"chat_id": "a", "private": False}),
        ("11", {"chat_id": "a", "thread_id": "t", "private": False}),
        ("12", {"chat_id": "b"}),
        ("13", {"chat_id": "a", "platform": "x"}),
        ("8", {"chat_id": "a", "private": False}),
    ]
    async with await _hear(url, *messages) as store:
        assert await store.last_heard("console", NOON) == [
            Heard("a", "", False, "8", NOON + minutes(5)),
            Heard("b", "", True, "12", NOON + minutes(3)),
            Heard("a", "t", False, "11", NOON + minutes(2)),
        ]


@pytest.mark.parametrize(
    "message_id", ["interaction:7", "press:7", "", "-7", "7.0", " 7", "7\n", "old:7", "٧"]
)
async def test_only_a_plain_number_counts(url: str, message_id: str):
    async with await _hear(url, ("5", {}), (message_id, {}), (message_id, {"chat_id": "b"})) as s:
        assert await _ids(s) == {("ann-alone", ""): "5"}


async def test_a_conversation_that_was_silent_since_then_is_left_out(url: str):
    messages: list[tuple[str, dict[str, Any]]] = [
        ("1", {"chat_id": "a"}),
        ("2", {"chat_id": "b"}),
        ("interaction:3", {"chat_id": "a"}),
    ]
    async with await _hear(url, *messages) as store:
        assert await _ids(store, NOON + minutes(1)) == {("a", ""): "1", ("b", ""): "2"}
        assert await _ids(store, NOON + minutes(2)) == {("a", ""): "1"}
        assert await _ids(store, NOON + minutes(3)) == {}
        with pytest.raises(ValueError, match="zone"):
            await store.last_heard("console", datetime(2026, 3, 1))


async def test_whatever_became_of_a_message_it_was_heard_till_its_person_is_forgotten(url: str):
    messages: list[tuple[str, dict[str, Any]]] = [("1", {"user_id": "bob"}), ("2", {})]
    async with await _hear(url, *messages) as store:
        (_, last) = await store.unfinished()
        await store.fail(last.turn.id, "engine_failed")
        assert await _ids(store) == {("ann-alone", ""): "2"}
    async with await Store.open(url) as store:
        await store.forget("console", "ann")
        assert await _ids(store) == {("ann-alone", ""): "1"}
        await store.forget("console", "bob")
        assert await _ids(store) == {}
