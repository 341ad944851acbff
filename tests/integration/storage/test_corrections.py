"""How a message was read, and how its person says it was meant: side by side, on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from storage.reading import Reading
from storage.store import Store
from tests.integration.storage.values import NOON, felt, minutes, said

GROUP: dict[str, Any] = {"chat_id": "a", "server": "g1", "private": False}


async def _felt(store: Store, message_id: str = "1", **changes: Any) -> int:
    """A message that was read as positive, 0.5; its turn."""
    turn = (await store.receive(said(f"text {message_id}", message_id, **changes))).turn
    assert await store.complete(turn.id, "hi", felt())
    return turn.id


async def _valences(store: Store, **narrowed: Any) -> list[float]:
    return [mood.valence for mood in await store.moods("console", "ann", NOON, **narrowed)]


async def test_the_persons_word_stands_beside_the_models(store: Store):
    number = await _felt(store)
    assert await store.correct("console", "ann", number, "negative", -0.9)
    expected = Reading(
        number, NOON, "text 1", True, "ann-alone", "", "positive", 0.5, 0.75, "negative", -0.9
    )
    assert await store.readings("console", "ann", NOON) == [expected]
    assert await store.reading("console", "ann", number) == expected
    assert expected.counts == -0.9


async def test_it_counts_where_it_is_asked_for_and_nowhere_else(store: Store):
    number = await _felt(store)
    await _felt(store, "2", sent_at=NOON + minutes(1))
    await store.correct("console", "ann", number, "neutral", 0.0)
    assert await _valences(store) == [0.5, 0.5]
    assert await _valences(store, corrected=True) == [0.0, 0.5]
    assert await _valences(store, corrected=True, conversation_id=99) == []
    first, second = await store.moods("console", "ann", NOON, corrected=True)
    assert (first.label, second.label) == ("neutral", "positive")


async def test_a_later_word_replaces_the_one_before(store: Store):
    number = await _felt(store)
    for label, valence in (("negative", -0.9), ("neutral", 0.0)):
        assert await store.correct("console", "ann", number, label, valence)
    (reading,) = await store.readings("console", "ann", NOON)
    assert (reading.corrected, reading.counts) == ("neutral", 0.0)


async def test_a_groups_moods_are_those_that_the_model_read(store: Store):
    number = await _felt(store, **GROUP)
    before = await store.group_moods("console", "g1", NOON)
    assert await store.correct("console", "ann", number, "negative", -0.9)
    assert await store.group_moods("console", "g1", NOON) == before
    assert (before[0].n, before[0].total) == (1, 0.5)


@pytest.mark.parametrize(("where", "label"), [({}, "negative"), (GROUP, "positive")])
async def test_it_colours_the_history_of_a_private_conversation_alone(
    store: Store, where: dict[str, Any], label: str
):
    number = await _felt(store, **where)
    await store.correct("console", "ann", number, "negative", -0.9)
    again = (await store.receive(said(message_id="1", **where))).turn
    (turn,) = await store.history(again.conversation_id, number + 1, 9)
    assert turn.label == again.label == label
    place = (said(**where).chat_id, "")
    last = await store.last_answered("console", *place, "ann")
    assert last is not None
    assert last.label == label


async def test_nobody_can_set_anothers_message_right_nor_one_without_a_reading(store: Store):
    number = await _felt(store)
    unread = (await store.receive(said(message_id="2"))).turn.id
    await store.receive(said(message_id="3", user_id="bob"))
    other_task = (await store.receive(said(message_id="4"))).turn.id
    await store.complete(other_task, "hi", felt(task="intent"))
    for who, turn in (("bob", number), ("nobody", number), ("ann", unread), ("ann", other_task)):
        assert not await store.correct("console", who, turn, "negative", -0.9)
        assert await store.reading("console", who, turn) is None
    assert not await store.correct("x", "ann", number, "negative", -0.9)
    assert not await store.correct("console", "ann", 10**15, "negative", -0.9)
    assert await _valences(store, corrected=True) == [0.5]


async def test_readings_come_as_they_were_sent_since_then_with_their_places(store: Store):
    late = await _felt(store, "1", sent_at=NOON + minutes(2), thread_id="t", **GROUP)
    early = await _felt(store, "2", sent_at=NOON + minutes(1))
    await _felt(store, "3", sent_at=NOON - minutes(1))
    await _felt(store, "4", user_id="bob")
    found = await store.readings("console", "ann", NOON)
    assert [(r.turn_id, r.private, r.chat_id, r.thread_id) for r in found] == [
        (early, True, "ann-alone", ""),
        (late, False, "a", "t"),
    ]
    with pytest.raises(ValueError, match="zone"):
        await store.readings("console", "ann", datetime(2026, 3, 1))


async def test_what_was_set_right_is_erased_with_its_person_alone(store: Store):
    await store.correct("console", "ann", await _felt(store), "negative", -0.9)
    bobs = await _felt(store, "2", user_id="bob")
    await store.correct("console", "bob", bobs, "negative", -0.9)
    await store.forget("console", "ann")
    assert "corrections': [{" not in str(await store.export("console", "ann"))
    kept = await store.reading("console", "bob", bobs)
    assert kept is not None
    assert kept.corrected == "negative"
