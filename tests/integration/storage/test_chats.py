"""A chat that goes on under another id keeps its history, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

from storage.records import State, Turn
from storage.store import Store
from tests.integration.storage.values import NOON, minutes, said


async def _answered(store: Store, message_id: str, **changes: Any) -> Turn:
    turn = (await store.receive(said(f"text {message_id}", message_id, **changes))).turn
    await store.complete(turn.id, "hi", None)
    return turn


async def _move(store: Store) -> int:
    return await store.move_chat("console", "old", "new")


async def test_the_history_goes_on_under_the_new_id(store: Store):
    before = await _answered(store, "1", chat_id="old")
    assert await _move(store) == 1
    after = await _answered(store, "2", chat_id="new")
    assert after.conversation_id == before.conversation_id
    history = await store.history(after.conversation_id, after.id + 1, 10)
    assert [turn.id for turn in history] == [before.id, after.id]


async def test_a_new_message_with_the_number_of_an_old_one_is_another_message(store: Store):
    before = await _answered(store, "1", chat_id="old")
    await _move(store)
    after = await store.receive(said(message_id="1", chat_id="new"))
    assert after.new
    assert after.turn.conversation_id == before.conversation_id


async def test_two_conversations_that_become_one_keep_every_message_in_order(store: Store):
    first = await _answered(store, "1", chat_id="old")
    second = await _answered(store, "1", chat_id="new")
    third = await _answered(store, "2", chat_id="old")
    elsewhere = await _answered(store, "1", chat_id="other")
    assert await _move(store) == 1
    assert await store.conversations_of("console", "ann") == [
        first.conversation_id,
        elsewhere.conversation_id,
    ]
    history = await store.history(first.conversation_id, third.id + 1, 10)
    assert [turn.id for turn in history] == [first.id, second.id, third.id]
    assert [turn.message_id for turn in history] == ["old:1", "1", "old:2"]


async def test_every_thread_moves_and_no_other_platform(store: Store):
    for thread_id in ("", "t1", "t2"):
        await _answered(store, "1", chat_id="old", thread_id=thread_id)
    await _answered(store, "1", chat_id="new", thread_id="t2")
    other = (await store.receive(said(message_id="1", chat_id="old", platform="x"))).turn
    assert await _move(store) == 3
    assert len(await store.conversations_of("console", "ann")) == 3
    assert not (await store.receive(said(message_id="1", chat_id="old", platform="x"))).new
    assert (await store.begin(other.id)).message_id == "1"


async def test_moving_twice_changes_nothing(store: Store):
    turn = await _answered(store, "1", chat_id="old")
    assert await _move(store) == 1
    assert await _move(store) == 0
    assert await store.move_chat("console", "new", "new") == 0
    assert (await store.begin(turn.id)).message_id == "old:1"


async def test_a_message_that_comes_again_under_the_old_id_is_known(store: Store):
    turn = await _answered(store, "1", chat_id="old")
    await _move(store)
    again = await store.receive(said(message_id="1", chat_id="old"))
    assert not again.new
    assert again.turn.id == turn.id
    late = (await store.receive(said(message_id="2", chat_id="old"))).turn
    assert late.conversation_id == turn.conversation_id
    assert await _move(store) == 0
    (left,) = await store.unfinished()
    assert (left.inbound.chat_id, left.inbound.message_id) == ("new", "old:2")
    assert not (await store.receive(left.inbound)).new


async def test_what_is_noted_under_the_old_name_is_found_after_the_move(store: Store):
    turn = (await store.receive(said("hello", "1", chat_id="old"))).turn
    place = said(message_id="1", chat_id="old").place
    await store.delivery_creating(place)
    await _move(store)
    edited = await store.edit(place, "hi")
    assert edited
    assert (edited.id, edited.text) == (turn.id, "hi")
    await store.complete(turn.id, "hello", None)
    last = await store.last_answered("console", "old", "", "ann")
    assert last
    assert last.id == turn.id
    await store.delivery_created(place, "s1")
    (left,) = await store.undelivered("console", NOON - minutes(5))
    assert left.sent == ("s1",)
    await store.delivery_ended(left.inbound.place)
    assert await store.undelivered("console", NOON - minutes(5)) == []


async def test_a_chat_may_move_on_and_even_back(store: Store):
    turn = await _answered(store, "1", chat_id="a")
    await store.move_chat("console", "a", "b")
    await _answered(store, "2", chat_id="b")
    await store.move_chat("console", "b", "c")
    for chat_id, message_id in (("a", "1"), ("b", "2"), ("b", "a:1"), ("c", "b:a:1")):
        assert not (await store.receive(said(message_id=message_id, chat_id=chat_id))).new
    await store.move_chat("console", "c", "a")
    back = (await store.receive(said(message_id="9", chat_id="a"))).turn
    assert back.conversation_id == turn.conversation_id
    late = (await store.receive(said(message_id="9", chat_id="b"))).turn
    assert late.conversation_id == turn.conversation_id
    assert late.id != back.id


async def test_a_joined_message_moves_with_its_lead(store: Store):
    lead = (await store.receive(said("one", "1", chat_id="old"))).turn
    joined = (await store.receive(said("two", "2", chat_id="old"))).turn
    await store.join(joined.id, lead.id)
    await _move(store)
    late = (await store.receive(said("three", "1", chat_id="new"))).turn
    assert await store.join(late.id, lead.id)
    assert await store.words(lead.id) == "one\ntwo\nthree"
    assert (await store.begin(joined.id)).state is State.JOINED


async def test_first_messages_in_the_new_chat_that_meet_the_move_are_not_lost(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(15):
            old, new = f"old {number}", f"new {number}"
            await one.receive(said(message_id="1", chat_id=old))
            await asyncio.gather(
                *(other.receive(said(message_id=m, chat_id=new)) for m in ("1", "2")),
                one.move_chat("console", old, new),
                other.receive(said(message_id="3", chat_id=new)),
            )
        assert len(await one.unfinished()) == 60
        assert len(await one.conversations_of("console", "ann")) == 15
