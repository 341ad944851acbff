"""What is remembered about a person, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage.records import Known, Preferences
from storage.store import Store
from tests.integration.storage.values import NOON, felt, minutes, said


async def test_moods_come_in_the_order_of_the_messages_since_a_time(store: Store):
    for number, valence in [(3, 0.3), (1, 0.1), (2, 0.2)]:
        turn = (
            await store.receive(said(message_id=str(number), sent_at=NOON + minutes(number)))
        ).turn
        await store.complete(turn.id, "hi", felt(valence))
    moods = await store.moods("console", "ann", NOON + minutes(2))
    assert [(mood.at, mood.valence) for mood in moods] == [
        (NOON + minutes(2), 0.2),
        (NOON + minutes(3), 0.3),
    ]
    assert (moods[0].confidence, moods[0].label) == (0.75, "positive")
    with pytest.raises(ValueError, match="zone"):
        await store.moods("console", "ann", datetime(2026, 3, 1))


async def test_moods_are_of_one_person_one_task_and_on_request_one_conversation(store: Store):
    alone = (await store.receive(said(message_id="1"))).turn
    group = (await store.receive(said(message_id="2", chat_id="group", private=False))).turn
    other = (await store.receive(said(message_id="3", chat_id="group", user_id="bob"))).turn
    elsewhere = (await store.receive(said(message_id="4", platform="telegram"))).turn
    task = (await store.receive(said(message_id="5"))).turn
    for turn, valence in [(alone, 0.1), (group, 0.2), (other, 0.3), (elsewhere, 0.4)]:
        await store.complete(turn.id, "hi", felt(valence))
    await store.complete(task.id, "hi", felt(0.5, task="intent"))

    async def valences(**narrowed: object) -> list[float]:
        moods = await store.moods("console", "ann", NOON, **narrowed)  # type: ignore[arg-type]
        return [mood.valence for mood in moods]

    assert await valences() == [0.1, 0.2]
    assert await valences(conversation_id=group.conversation_id) == [0.2]
    assert await valences(task="intent") == [0.5]


async def test_a_changed_name_is_noted_and_a_missing_one_takes_nothing_away(store: Store):
    for number, name in enumerate(["Ann", "Anna", ""]):
        await store.receive(said(message_id=str(number), user_name=name))
    assert [person.name for person in await store.people()] == ["Anna"]


async def test_the_owner_sees_who_wrote_how_often_and_when_the_latest_first(store: Store):
    assert await store.people() == []
    await store.receive(said(message_id="1"))
    await store.receive(said(message_id="2", sent_at=NOON + minutes(5)))
    await store.receive(
        said(message_id="3", user_id="bob", user_name="Bob", sent_at=NOON + minutes(9))
    )
    await store.set_language("console", "silent", "zh")
    assert await store.people() == [
        Known("console", "bob", "Bob", 1, NOON + minutes(9)),
        Known("console", "ann", "Ann", 2, NOON + minutes(5)),
    ]


async def test_a_chosen_language_is_kept_through_messages_in_others(store: Store):
    assert await store.language("console", "ann") == ""
    await store.set_language("console", "ann", "zh")
    await store.receive(said(language="en"))
    assert await store.language("console", "ann") == "zh"
    assert await store.language("telegram", "ann") == ""
    assert [person.name for person in await store.people()] == ["Ann"]
    await store.set_language("console", "ann", "")
    assert await store.language("console", "ann") == ""


async def test_choices_are_kept_apart_also_from_before_the_first_message(store: Store):
    assert await store.preferences("console", "ann") == Preferences()
    await store.set_mood_memory("console", "ann", "on")
    await store.set_carded("console", "ann")
    assert await store.preferences("console", "ann") == Preferences("", "on", True)
    assert await store.people() == []
    await store.receive(said())
    await store.set_language("console", "ann", "zh")
    await store.set_carded("console", "ann")
    assert await store.preferences("console", "ann") == Preferences("zh", "on", True)
    assert [person.name for person in await store.people()] == ["Ann"]
    await store.set_mood_memory("console", "ann", "off")
    assert await store.mood_memory("console", "ann") == "off"
    await store.set_mood_memory("console", "ann", "")
    assert await store.preferences("console", "ann") == Preferences("zh", "", True)
    assert await store.preferences("telegram", "ann") == Preferences()
    await store.forget("console", "ann")
    assert await store.preferences("console", "ann") == Preferences()


@pytest.mark.parametrize("choice", ["yes", "ON", " ", "ask"])
async def test_a_choice_that_means_nothing_is_refused(store: Store, choice: str):
    with pytest.raises(ValueError, match="mood memory is one of"):
        await store.set_mood_memory("console", "ann", choice)
    assert await store.preferences("console", "ann") == Preferences()


async def test_the_conversations_of_a_person_are_those_they_wrote_in(store: Store):
    ids = [
        (await store.receive(said(message_id=str(number), chat_id=chat))).turn.conversation_id
        for number, chat in enumerate(["a", "b", "a"])
    ]
    await store.receive(said(message_id="x", chat_id="c", user_id="bob"))
    assert await store.conversations_of("console", "ann") == ids[:2]
    assert await store.conversations_of("console", "nobody") == []


async def test_what_is_remembered_outlives_a_restart(url: str):
    async with await Store.open(url) as store:
        turn = (await store.receive(said())).turn
        await store.complete(turn.id, "hi", felt())
    async with await Store.open(url) as store:
        (kept,) = await store.history(turn.conversation_id, turn.id + 1, 5)
        assert (kept.text, kept.reply, kept.label) == ("hello", "hi", "positive")
        assert len(await store.moods("console", "ann", NOON - timedelta(days=30))) == 1
