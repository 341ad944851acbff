"""A turn's life, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import StoreClosed, TurnGone
from storage.records import State, Turn
from storage.store import Store
from tests.integration.storage.values import NOON, felt, minutes, said


async def test_a_message_is_written_down_as_it_came(store: Store):
    message = said("第一句 🙂", thread_id="t7", private=False, language="zh")
    received = await store.receive(message)
    assert received.new
    assert received.turn.text == "第一句 🙂"
    assert received.turn.state is State.RECEIVED
    assert (received.turn.reply, received.turn.label, received.turn.note) == ("", "", "")
    assert received.turn.attempts == 0
    (left,) = await store.unfinished()
    assert left.inbound == message
    assert left.turn == received.turn


async def test_a_redelivery_gives_the_turn_that_is_there(store: Store):
    first = await store.receive(said("hello"))
    await store.complete(first.turn.id, "hi", felt())
    again = await store.receive(said("hello"))
    assert not again.new
    assert again.turn.id == first.turn.id
    assert (again.turn.state, again.turn.reply) == (State.ANSWERED, "hi")


async def test_of_200_deliveries_at_once_exactly_one_is_new(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        results = await asyncio.gather(
            *(store.receive(said("hello")) for _ in range(100) for store in (one, other))
        )
        assert sum(received.new for received in results) == 1
        assert len({received.turn.id for received in results}) == 1
        assert len(await one.unfinished()) == 1


async def test_the_same_message_id_in_another_conversation_is_another_message(store: Store):
    chats = [
        said(),
        said(chat_id="group"),
        said(chat_id="group", thread_id="t"),
        said(platform="x"),
    ]
    received = [await store.receive(message) for message in chats]
    assert all(one.new for one in received)
    assert len({one.turn.conversation_id for one in received}) == 4


async def test_a_turn_is_begun_and_each_attempt_counted(store: Store):
    turn = (await store.receive(said())).turn
    assert (await store.begin(turn.id)).attempts == 1
    begun = await store.begin(turn.id)
    assert (begun.state, begun.attempts) == (State.ANSWERING, 2)


async def test_the_reply_the_label_and_the_note_come_together(store: Store):
    turn = (await store.receive(said())).turn
    await store.begin(turn.id)
    assert await store.complete(turn.id, "hi", felt(0.5), note="calmer than last week")
    again = (await store.receive(said())).turn
    assert (again.state, again.reply) == (State.ANSWERED, "hi")
    assert (again.label, again.note) == ("positive", "calmer than last week")
    assert await store.unfinished() == []


async def test_completing_twice_keeps_the_first_answer(store: Store):
    turn = (await store.receive(said())).turn
    assert await store.complete(turn.id, "hi", felt(0.5))
    assert not await store.complete(turn.id, "something else", felt(-0.5))
    assert (await store.receive(said())).turn.reply == "hi"
    assert [mood.valence for mood in await store.moods("console", "ann", NOON)] == [0.5]


async def test_a_label_that_cannot_be_stored_leaves_no_reply_either(store: Store):
    turn = (await store.receive(said())).turn
    broken = felt()
    object.__setattr__(broken, "probabilities", {"positive": object()})
    with pytest.raises(TypeError, match="JSON"):
        await store.complete(turn.id, "hi", broken)
    (left,) = await store.unfinished()
    assert left.turn.reply == ""


async def test_an_answered_or_declined_turn_is_final(store: Store):
    answered = (await store.receive(said(message_id="a"))).turn
    declined = (await store.receive(said(message_id="d"))).turn
    await store.complete(answered.id, "hi", None)
    await store.decline(declined.id, "crisis", "a fixed line")
    for turn in (answered, declined):
        assert not await store.fail(turn.id, "late")
        assert not await store.complete(turn.id, "late", None)
        assert not await store.decline(turn.id, "late")
    assert (await store.begin(answered.id)).state is State.ANSWERED
    begun = await store.begin(declined.id)
    assert (begun.state, begun.reply, begun.attempts) == (State.DECLINED, "a fixed line", 0)


async def test_a_failed_turn_is_finished_until_it_is_begun_again(store: Store):
    turn = (await store.receive(said())).turn
    await store.begin(turn.id)
    assert await store.fail(turn.id, "engine_failed")
    assert await store.unfinished() == []
    assert (await store.begin(turn.id)).attempts == 2
    assert await store.complete(turn.id, "hi", None)


@pytest.mark.parametrize("failure", ["", "I am so sad today", "x" * 65])
async def test_a_failure_is_a_code_and_never_a_sentence(store: Store, failure: str):
    turn = (await store.receive(said())).turn
    for ending in (store.fail, store.decline):
        with pytest.raises(ValueError, match="short code"):
            await ending(turn.id, failure)
    assert len(await store.unfinished()) == 1


async def test_beginning_a_turn_that_is_gone_says_so(store: Store):
    with pytest.raises(TurnGone) as caught:
        await store.begin(41)
    assert caught.value.turn_id == 41
    assert not await store.complete(41, "hi", felt())
    assert not await store.fail(41, "late")


async def test_unfinished_turns_come_oldest_first_and_by_platform(store: Store):
    for number, platform in enumerate(["console", "telegram", "console", "telegram"]):
        turn = (await store.receive(said(message_id=f"m{number}", platform=platform))).turn
        if number == 2:
            await store.begin(turn.id)
    assert [left.inbound.message_id for left in await store.unfinished()] == [
        "m0",
        "m1",
        "m2",
        "m3",
    ]
    console = await store.unfinished("console")
    assert [(left.inbound.message_id, left.turn.state) for left in console] == [
        ("m0", State.RECEIVED),
        ("m2", State.ANSWERING),
    ]


Event = tuple[int, str]
events = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["answer", "empty", "fail", "decline", "open"])),
    max_size=12,
)


@given(events=events, limit=st.integers(0, 5), cut=st.integers(0, 12))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_a_history_holds_the_last_answered_turns_of_its_conversation_only(
    store: Store, events: list[Event], limit: int, cut: int
):
    await store.forget("console", "ann")
    turns = [await _happen(store, number, event) for number, event in enumerate(events)]
    before = turns[cut].id if cut < len(turns) else 2**40
    for conversation in {turn.conversation_id for turn in turns}:
        expected = [
            turn.id
            for turn, (_, outcome) in zip(turns, events, strict=True)
            if turn.conversation_id == conversation and outcome == "answer" and turn.id < before
        ]
        history = await store.history(conversation, before, limit)
        assert [turn.id for turn in history] == expected[max(len(expected) - limit, 0) :]
        assert {turn.conversation_id for turn in history} <= {conversation}


async def _happen(store: Store, number: int, event: Event) -> Turn:
    chat, outcome = event
    turn = (await store.receive(said(f"text {number}", f"m{number}", chat_id=f"chat {chat}"))).turn
    if outcome in ("answer", "empty"):
        await store.complete(turn.id, "reply" if outcome == "answer" else "", felt())
    if outcome == "fail":
        await store.fail(turn.id, "engine_failed")
    if outcome == "decline":
        await store.decline(turn.id, "crisis", "a fixed line")
    return turn


async def test_times_are_kept_in_utc_and_naive_ones_refused_without_a_word(url: str):
    east = timezone(timedelta(hours=8))
    async with await Store.open(url, clock=lambda: NOON.astimezone(east)) as store:
        turn = (await store.receive(said(sent_at=(NOON - minutes(1)).astimezone(east)))).turn
        assert (turn.received_at, turn.received_at.tzinfo) == (NOON, UTC)
        assert (await store.unfinished())[0].inbound.sent_at == NOON - minutes(1)
        with pytest.raises(ValueError, match="zone") as caught:
            await store.receive(said("my secret", "m2", sent_at=datetime(2026, 3, 1)))
        assert "secret" not in str(caught.value)
        assert len(await store.unfinished()) == 1


async def test_text_that_no_database_can_hold_is_stored_with_marks(store: Store):
    broken = said("a\0b\ud800c \ud83d\ude42", message_id="m\0", user_id="u\udfff", user_name="\0")
    received = await store.receive(broken)
    assert received.turn.text == "a\ufffdb\ufffdc \U0001f642"
    assert not (await store.receive(broken)).new
    await store.complete(received.turn.id, "\ud800", felt(label="\0"), note="\0")
    assert [mood.label for mood in await store.moods("console", "u\udfff", NOON)] == ["\ufffd"]
    assert (await store.forget("console", "u\udfff")).turns == 1


async def test_a_text_of_200000_characters_is_stored_whole(store: Store):
    text = "长" * 200_000
    assert (await store.receive(said(text))).turn.text == text


async def test_closing_twice_is_harmless_and_a_closed_store_says_so(url: str):
    store = await Store.open(url)
    await store.close()
    await store.close()
    with pytest.raises(StoreClosed):
        await store.receive(said())
    with pytest.raises(StoreClosed):
        await store.people()
