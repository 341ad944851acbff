"""What of an answer has reached its platform, on both databases."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from storage.records import State, Turn, Unfinished
from storage.store import Store
from tests.integration.storage.values import NOON, felt, minutes, said

EARLIER = NOON - minutes(5)

NOTED = [(), ("creating",), ("creating", "open"), ("creating", "open", "ended"), ("lost",)]
"""Each way a delivery may stand, by what was noted."""


async def _turn(store: Store, message_id: str, state: State) -> Turn:
    turn = (await store.receive(said(message_id=message_id))).turn
    match state:
        case State.ANSWERING:
            return await store.begin(turn.id)
        case State.ANSWERED:
            await store.complete(turn.id, "hi", felt())
        case State.FAILED:
            await store.fail(turn.id, "engine_failed")
        case State.DECLINED:
            await store.decline(turn.id, "crisis", "a fixed line")
        case State.JOINED:
            lead = (await store.receive(said(message_id=f"lead of {message_id}"))).turn
            assert await store.join(turn.id, lead.id)
            await store.decline(lead.id, "crisis")
    return turn


async def _note(store: Store, message_id: str, steps: tuple[str, ...]) -> None:
    place = said(message_id=message_id).place
    for step in steps:
        match step:
            case "creating":
                await store.delivery_creating(place)
            case "open":
                await store.delivery_created(place, f"sent for {message_id}")
            case "ended":
                await store.delivery_ended(place)
            case "lost":
                await store.delivery_ended(place, "blocked")


async def _left(store: Store, since: datetime = EARLIER) -> list[Unfinished]:
    return await store.undelivered("console", since)


@pytest.mark.parametrize("state", list(State))
async def test_what_has_not_reached_its_person_is_found_again(store: Store, state: State):
    for number, steps in enumerate(NOTED):
        await _turn(store, str(number), state)
        await _note(store, str(number), steps)
    expected = {
        State.RECEIVED: ["0", "1", "2"],
        State.ANSWERING: ["0", "1", "2"],
        State.ANSWERED: ["0", "1", "2"],
        State.DECLINED: ["1", "2"],
        State.FAILED: [],
        State.JOINED: [],
    }
    left = await _left(store)
    assert [one.turn.message_id for one in left] == expected[state]
    for one in left:
        assert one.perhaps == (one.turn.message_id == "1")
        assert one.sent == (("sent for 2",) if one.turn.message_id == "2" else ())
        assert one.turn.state is state
        assert one.inbound == said(message_id=one.turn.message_id)


async def test_what_was_certainly_not_created_is_tried_again_without_a_doubt(store: Store):
    turn = await _turn(store, "m1", State.ANSWERED)
    place = said().place
    await _note(store, "m1", ("creating",))
    await store.delivery_not_created(place)
    (left,) = await _left(store)
    assert (left.turn.id, left.sent, left.perhaps) == (turn.id, (), False)
    await _note(store, "m1", ("creating", "open", "creating"))
    await store.delivery_not_created(place)
    (left,) = await _left(store)
    assert (left.sent, left.perhaps) == (("sent for m1",), False)


async def test_not_created_opens_no_delivery_that_has_ended_and_makes_none_up(store: Store):
    await store.delivery_not_created(said().place)
    await _turn(store, "m1", State.ANSWERED)
    await _note(store, "m1", ("creating", "ended"))
    await store.delivery_not_created(said().place)
    assert await _left(store) == []


async def test_an_answer_without_words_leaves_nothing_to_deliver(store: Store):
    turn = (await store.receive(said())).turn
    await store.complete(turn.id, "", None)
    assert await _left(store) == []
    await store.delivery_creating(said().place)
    assert [one.turn.id for one in await _left(store)] == [turn.id]


async def test_the_messages_that_exist_are_kept_in_order_and_once(store: Store):
    await store.receive(said())
    place = said().place
    for sent_id in ("s1", "s2", "s2"):
        await store.delivery_creating(place)
        await store.delivery_created(place, sent_id)
    await store.delivery_creating(place)
    (left,) = await _left(store)
    assert (left.sent, left.perhaps) == (("s1", "s2"), True)
    assert (await store.unfinished()) == [left]


async def test_a_new_delivery_after_the_end_of_one_begins_with_nothing(store: Store):
    turn = await _turn(store, "m1", State.ANSWERED)
    for reason in ("", "blocked"):
        await _note(store, "m1", ("creating", "open"))
        await store.delivery_ended(said().place, reason)
        assert await _left(store) == []
        await store.delivery_creating(said().place)
        (left,) = await _left(store)
        assert (left.turn.id, left.sent, left.perhaps) == (turn.id, (), True)


async def test_a_creation_that_is_told_after_the_end_does_not_open_it_again(store: Store):
    await _turn(store, "m1", State.ANSWERED)
    await _note(store, "m1", ("creating", "ended", "open"))
    assert await _left(store) == []


async def test_only_what_came_since_then_and_on_that_platform_is_left_oldest_first(url: str):
    now = NOON
    async with await Store.open(url, clock=lambda: now) as store:
        for number in range(4):
            now = NOON + minutes(number)
            platform = "telegram" if number == 2 else "console"
            await store.receive(said(message_id=str(number), platform=platform))
        left = await _left(store, NOON + minutes(1))
        assert [one.turn.message_id for one in left] == ["1", "3"]
        with pytest.raises(ValueError, match="zone"):
            await _left(store, datetime(2026, 3, 1))


async def test_a_lead_is_left_with_all_its_words_and_no_joined_turn_beside_it(store: Store):
    lead = (await store.receive(said("one", "1"))).turn
    joined = (await store.receive(said("two", "2"))).turn
    await store.join(joined.id, lead.id)
    await _note(store, "2", ("creating",))
    for ending in (store.begin(lead.id), store.complete(lead.id, "hi", None)):
        await ending
        (left,) = await _left(store)
        assert left.turn.text == left.inbound.text == "one\ntwo"


async def test_an_unknown_message_is_passed_over(store: Store):
    await _note(store, "m1", ("creating", "open", "ended"))
    assert await _left(store) == []
    await store.receive(said())
    await _note(store, "m1", ("creating",))
    await store.forget("console", "ann")
    await _note(store, "m1", ("open", "lost"))
    assert await _left(store) == []


async def test_notes_that_meet_lose_no_message(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        await one.receive(said())
        await asyncio.gather(
            *(one.delivery_created(said().place, f"a{number}") for number in range(10)),
            *(other.delivery_created(said().place, f"b{number}") for number in range(10)),
        )
        (left,) = await _left(one)
        assert sorted(left.sent) == sorted(f"{who}{n}" for who in "ab" for n in range(10))


async def test_notes_that_meet_an_erasure_are_dropped(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(10):
            await one.receive(said(message_id=str(number)))
            await asyncio.gather(
                other.delivery_creating(said(message_id=str(number)).place),
                one.forget("console", "ann"),
                other.delivery_created(said(message_id=str(number)).place, "s"),
            )
            assert await _left(one) == []
