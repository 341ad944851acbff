"""Messages that are answered as one, and messages that are edited, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import TurnGone
from storage.records import State, Turn
from storage.store import Store
from tests.integration.storage.values import NOON, felt, said


async def _received(store: Store, text: str, **changes: Any) -> Turn:
    return (await store.receive(said(text, message_id=text, **changes))).turn


async def _joined(store: Store, *texts: str) -> list[Turn]:
    """Messages, all joined to the first."""
    turns = [await _received(store, text) for text in texts]
    for turn in turns[1:]:
        assert await store.join(turn.id, turns[0].id)
    return turns


async def test_joined_messages_are_answered_with_their_lead_in_the_order_they_arrived(store: Store):
    lead, second, third = [await _received(store, text) for text in ("one", "two", "three")]
    assert await store.join(third.id, lead.id)
    assert await store.join(second.id, lead.id)
    assert await store.words(lead.id) == "one\ntwo\nthree"
    begun = await store.begin(lead.id)
    assert (begun.text, begun.state) == ("one\ntwo\nthree", State.ANSWERING)
    (left,) = await store.unfinished()
    assert left.turn.text == left.inbound.text == "one\ntwo\nthree"
    assert await store.complete(lead.id, "hi", felt())
    (kept,) = await store.history(lead.conversation_id, third.id + 1, 10)
    assert (kept.text, kept.reply) == ("one\ntwo\nthree", "hi")
    assert await store.words(lead.id) == "one\ntwo\nthree"
    assert len(await store.moods("console", "ann", NOON)) == 1


async def test_a_joined_turn_is_final_and_says_who_answers(store: Store):
    lead, joined = await _joined(store, "one", "two")
    assert not await store.complete(joined.id, "late", felt())
    assert not await store.fail(joined.id, "late")
    assert not await store.decline(joined.id, "late")
    for turn in (await store.begin(joined.id), (await store.receive(said("two", "two"))).turn):
        assert (turn.state, turn.joined_to, turn.text) == (State.JOINED, lead.id, "two")
        assert turn.attempts == 0
    assert await store.words(joined.id) == "two"
    assert [left.turn.id for left in await store.unfinished()] == [lead.id]


async def test_no_word_is_doubled_by_whatever_comes_after_the_answer(store: Store):
    lead, joined = await _joined(store, "one", "two")
    assert await store.fail(lead.id, "engine_failed")
    assert (await store.begin(lead.id)).text == "one\ntwo"
    assert await store.complete(lead.id, "hi", None)
    assert not await store.complete(lead.id, "again", None)
    assert not await store.fail(lead.id, "late")
    assert await store.replace_reply(lead.id, "hello")
    assert await store.join(joined.id, lead.id), "it was joined to it before: nothing changes"
    assert (await store.begin(lead.id)).text == "one\ntwo"
    assert (await store.receive(said("one", "one"))).turn.text == "one\ntwo"
    assert await store.words(lead.id) == "one\ntwo"


async def test_what_is_joined_to_a_joined_turn_follows_it(store: Store):
    first, second, third = [await _received(store, text) for text in ("one", "two", "three")]
    assert await store.join(third.id, second.id)
    assert await store.join(second.id, first.id)
    assert await store.words(first.id) == "one\ntwo\nthree"
    assert (await store.begin(third.id)).joined_to == first.id


async def test_a_message_without_words_adds_no_line(store: Store):
    lead, joined = await _joined(store, "one", "two")
    assert await store.edit(said(message_id="two").place, "")
    assert await store.words(lead.id) == "one"
    assert await store.words(joined.id) == ""


@pytest.mark.parametrize("ending", ["complete", "decline", "fail", "join", "forget"])
async def test_joining_a_turn_that_is_over_is_refused(store: Store, ending: str):
    lead, other, late = [await _received(store, text) for text in ("one", "two", "three")]
    match ending:
        case "complete":
            await store.complete(lead.id, "hi", None)
        case "decline":
            await store.decline(lead.id, "crisis")
        case "fail":
            await store.fail(lead.id, "engine_failed")
        case "join":
            await store.join(lead.id, other.id)
        case "forget":
            await store.forget("console", "ann")
    assert not await store.join(late.id, lead.id)
    if ending == "forget":
        with pytest.raises(TurnGone):
            await store.words(late.id)
    else:
        assert (await store.begin(late.id)).state is State.ANSWERING


async def test_only_one_persons_messages_of_one_conversation_are_joined(store: Store):
    lead = await _received(store, "one", chat_id="group")
    for number, changes in enumerate(
        [{"user_id": "bob"}, {"chat_id": "other"}, {"thread_id": "t"}, {"platform": "x"}]
    ):
        other = await _received(store, f"other {number}", **({"chat_id": "group"} | changes))
        assert not await store.join(other.id, lead.id)
    assert not await store.join(lead.id, lead.id)
    assert await store.words(lead.id) == "one"


async def test_an_answered_turn_is_not_joined_to_another(store: Store):
    answered, open_one = [await _received(store, text) for text in ("one", "two")]
    await store.complete(answered.id, "hi", None)
    assert not await store.join(answered.id, open_one.id)


async def test_an_edit_replaces_a_messages_own_words_and_gives_the_turn_that_answers(store: Store):
    lead, joined = await _joined(store, "one", "two")
    edited = await store.edit(said(message_id="two").place, "2")
    assert edited
    assert (edited.id, edited.text) == (lead.id, "one\n2")
    edited = await store.edit(said(message_id="one").place, "1")
    assert edited
    assert (edited.id, edited.text) == (lead.id, "1\n2")
    assert await store.words(joined.id) == "2"
    await store.begin(lead.id)
    await store.complete(lead.id, "hi", None)
    assert await store.words(lead.id) == "1\n2"


async def test_an_edit_after_the_answer_or_of_nothing_known_or_to_the_same_is_left_alone(
    store: Store,
):
    lead, joined = await _joined(store, "one", "two")
    place = said(message_id="one").place
    assert await store.edit(place, "one") is None
    for unknown in (
        replace(place, message_id="x"),
        replace(place, chat_id="x"),
        replace(place, thread_id="x"),
        replace(place, platform="x"),
    ):
        assert await store.edit(unknown, "1") is None
    await store.complete(lead.id, "hi", None)
    assert await store.edit(place, "1") is None
    assert await store.edit(said(message_id="two").place, "2") is None
    assert await store.words(lead.id) == "one\ntwo"
    assert await store.words(joined.id) == "two"


async def test_a_failed_turn_may_be_edited_since_it_may_be_begun_again(store: Store):
    turn = await _received(store, "one")
    await store.fail(turn.id, "engine_failed")
    edited = await store.edit(said(message_id="one").place, "1")
    assert edited
    assert (edited.state, edited.text) == (State.FAILED, "1")


async def test_a_message_that_joins_while_the_answer_is_written_is_in_it_or_on_its_own(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(25):
            lead = await _received(one, f"lead {number}")
            late = await _received(one, f"late {number}")
            place = said(message_id=f"lead {number}").place
            joined, answered, edited = await asyncio.gather(
                other.join(late.id, lead.id),
                one.complete(lead.id, "hi", None),
                other.edit(place, "edited"),
            )
            assert answered
            assert not edited or edited.state is State.RECEIVED, "an answered turn was edited"
            own = "edited" if edited else f"lead {number}"
            assert await one.words(lead.id) == (f"{own}\nlate {number}" if joined else own)
            assert ((await one.begin(late.id)).state is State.JOINED) == joined


async def test_two_turns_that_are_joined_to_each_other_do_not_both_vanish(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(25):
            first = await _received(one, f"first {number}")
            second = await _received(one, f"second {number}")
            done = await asyncio.gather(
                one.join(first.id, second.id), other.join(second.id, first.id)
            )
            assert sorted(done) == [False, True]


async def test_joining_and_editing_while_their_person_is_forgotten_harms_nothing(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(10):
            lead, late = [await _received(one, f"{text} {number}") for text in ("a", "b")]
            await asyncio.gather(
                other.join(late.id, lead.id),
                other.edit(said(message_id=f"b {number}").place, "edited"),
                one.forget("console", "ann"),
            )
            assert await one.people() == []


Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["say", "say", "join", "join", "edit", "complete", "fail", "begin"]),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=20,
)


@given(steps=steps)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_happens_each_message_is_answered_in_exactly_one_place(
    store: Store, steps: list[Step]
):
    await store.forget("console", "ann")
    turns: list[Turn] = []
    texts: dict[int, str] = {}
    for number, (step, a, b) in enumerate(steps):
        if step == "say":
            turns.append(await _received(store, f"text {number}"))
            texts[turns[-1].id] = f"text {number}"
        elif a < len(turns):
            await _happen(store, step, turns, texts, a, b)
    now = [(await store.receive(said("", turn.message_id))).turn for turn in turns]
    leads = {turn.id: turn for turn in now if turn.state is not State.JOINED}
    assert all(turn.joined_to in leads for turn in now if turn.state is State.JOINED)
    for lead in leads:
        parts = [t.id for t in now if t.id == lead or t.joined_to == lead]
        assert await store.words(lead) == "\n".join(texts[part] for part in parts)


async def _happen(
    store: Store, step: str, turns: list[Turn], texts: dict[int, str], a: int, b: int
) -> None:
    turn = turns[a]
    match step:
        case "join" if b < len(turns):
            await store.join(turn.id, turns[b].id)
        case "edit" if await store.edit(said(message_id=turn.message_id).place, f"edit {b}"):
            texts[turn.id] = f"edit {b}"
        case "complete":
            await store.complete(turn.id, "hi", None)
        case "fail":
            await store.fail(turn.id, "engine_failed")
        case "begin":
            await store.begin(turn.id)
