"""Who spoke: a turn carries the name of its person, on both databases."""

from __future__ import annotations

from typing import Any

from storage.store import Store
from tests.integration.storage.values import felt, said

GROUP: dict[str, Any] = {"chat_id": "group", "private": False}


async def test_a_groups_history_shows_who_spoke(store: Store):
    for number, name in enumerate(["Ann", "Bob", ""]):
        message = said(message_id=str(number), user_id=f"u{number}", user_name=name, **GROUP)
        turn = (await store.receive(message)).turn
        assert turn.speaker == name
        await store.complete(turn.id, "hi", felt())
    history = await store.history(turn.conversation_id, turn.id + 1, 10)
    assert [turn.speaker for turn in history] == ["Ann", "Bob", ""]


async def test_a_name_from_another_place_is_not_shown(store: Store):
    here = (await store.receive(said(message_id="1", user_name="Ann", **GROUP))).turn
    await store.complete(here.id, "hi", felt())
    await store.receive(said(message_id="2", user_name="Hannah", chat_id="away", private=False))
    history = await store.history(here.conversation_id, here.id + 1, 10)
    assert [turn.speaker for turn in history] == ["Ann"]


async def test_in_private_nobody_is_named(store: Store):
    turn = (await store.receive(said(message_id="1", user_name="Ann"))).turn
    assert turn.speaker == ""


async def test_a_speaker_keeps_the_name_of_then_wherever_the_turn_is_asked_for(store: Store):
    turn = (await store.receive(said(message_id="1", **GROUP))).turn
    joined = (await store.receive(said("two", "2", user_name="Anna", **GROUP))).turn
    await store.join(joined.id, turn.id)
    edited = await store.edit(said(message_id="2", **GROUP).place, "three")
    assert edited
    (left,) = await store.unfinished()
    begun = await store.begin(turn.id)
    assert {edited.speaker, left.turn.speaker, begun.speaker} == {turn.speaker}
    assert left.inbound.user_name == "Anna"
    await store.complete(turn.id, "hi", None)
    last = await store.last_answered("console", "group", "", "ann")
    assert last
    assert last.speaker == turn.speaker != "Anna"
