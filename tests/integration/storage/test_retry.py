"""The last answer of a conversation, given once more, on both databases."""

from __future__ import annotations

from typing import Any

from storage.records import COMMAND, Turn
from storage.store import Store
from tests.integration.storage.values import felt, said


async def _received(store: Store, message_id: str, **changes: Any) -> Turn:
    return (await store.receive(said(message_id=message_id, **changes))).turn


async def _last(store: Store, **changes: Any) -> int | None:
    place = {"platform": "console", "chat_id": "ann-alone", "thread_id": "", "user_id": "ann"}
    found = await store.last_answered(**(place | changes))
    return found.id if found else None


async def test_the_last_answered_turn_is_found_beneath_commands_and_open_turns(store: Store):
    assert await _last(store) is None
    first, second = await _received(store, "1"), await _received(store, "2")
    await store.complete(first.id, "hi", felt())
    assert await _last(store) == first.id
    await store.complete(second.id, "hello", felt())
    command = await _received(store, "3")
    assert await _last(store) == second.id
    await store.decline(command.id, COMMAND, "done")
    await store.begin((await _received(store, "4")).id)
    joined = await _received(store, "5")
    await store.join(joined.id, (await _received(store, "6")).id)
    assert await _last(store) == second.id


async def test_nothing_is_found_where_the_last_turn_ended_otherwise(store: Store):
    answered, failed = await _received(store, "1"), await _received(store, "2")
    await store.complete(answered.id, "hi", None)
    await store.fail(failed.id, "engine_failed")
    assert await _last(store) is None
    await store.complete((await _received(store, "3")).id, "hi", None)
    assert await _last(store)
    await store.decline((await _received(store, "4")).id, "crisis", "a fixed line")
    assert await _last(store) is None


async def test_only_the_persons_own_answer_in_that_conversation_is_found(store: Store):
    group = {"chat_id": "group", "private": False}
    mine = await _received(store, "1", **group)
    await store.complete(mine.id, "hi", None)
    assert await _last(store) is None
    for changes in ({"thread_id": "t"}, {"platform": "x"}, {"user_id": "bob"}):
        assert await _last(store, **({"chat_id": "group"} | changes)) is None
    assert await _last(store, chat_id="group") == mine.id
    theirs = await _received(store, "2", user_id="bob", **group)
    await store.complete(theirs.id, "hi", None)
    assert await _last(store, chat_id="group") is None
    assert await _last(store, chat_id="group", user_id="bob") == theirs.id


async def test_another_reply_takes_the_place_of_the_first_and_nothing_else_changes(store: Store):
    turn = await _received(store, "1")
    assert not await store.replace_reply(turn.id, "too early")
    await store.complete(turn.id, "hi", felt(), note="calmer")
    assert await store.replace_reply(turn.id, "hello")
    (kept,) = await store.history(turn.conversation_id, turn.id + 1, 5)
    assert (kept.reply, kept.label, kept.note) == ("hello", "positive", "calmer")
    await store.forget("console", "ann")
    assert not await store.replace_reply(turn.id, "too late")


async def test_a_declined_turn_gets_no_other_reply(store: Store):
    turn = await _received(store, "1")
    await store.decline(turn.id, "crisis", "a fixed line")
    assert not await store.replace_reply(turn.id, "a made one")
