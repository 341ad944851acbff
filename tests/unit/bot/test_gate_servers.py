"""A server's rules at the gate: where and when there is silence, who is answered all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from adapters.messages import Accepted, Finished, Labelled
from bot.access import SILENCE, Access
from bot.answering import ChatSettings
from bot.config_sections import AccessSettings
from bot.gate import Gate
from storage.errors import DatabaseBusy
from storage.records import Preferences
from storage.store import Store
from tests.fakes import FakeEngine, answer, chat_on, heard, said, text_of
from tests.unit.bot.serving import HOME, MANAGED, ServerStore

WRITTEN: dict[str, Any] = MANAGED | {"manages": False, "ephemeral": False}
ELSEWHERE = {"channels": ["11"]}
NIGHT = {"quiet": {"from": "22:00", "to": "07:00", "zone": "UTC"}}


def gate(store: ServerStore, hour: int = 12) -> Gate:
    memory = cast(Store, store)
    access = Access(AccessSettings(), memory)
    now = datetime(2026, 3, 2, hour, tzinfo=UTC)
    return Gate(ChatSettings(), "on", memory, access, clock=lambda: now)


def ruled(settings: dict[str, Any]) -> ServerStore:
    store = ServerStore()
    store.servers["discord", HOME] = settings
    return store


@pytest.mark.parametrize(
    ("settings", "hour", "refusal"),
    [
        ({}, 23, None),
        (ELSEWHERE, 12, SILENCE),
        ({"channels": ["10"]}, 12, None),
        (NIGHT, 12, None),
        (NIGHT, 23, SILENCE),
        (NIGHT, 6, SILENCE),
    ],
)
@pytest.mark.parametrize("text", ["hello", "", "stop", "/retry", "/Retry@warm please"])
async def test_outside_its_channels_and_hours_a_server_hears_nothing(settings, hour, refusal, text):
    message = said(text, **WRITTEN)
    assert await gate(ruled(settings), hour).refusal(message, "en") == refusal


@pytest.mark.parametrize("settings", [ELSEWHERE, NIGHT])
@pytest.mark.parametrize(
    "text",
    ["/help", "/settings channels all", "/privacy", "/stop", "I want to die", "/I want to die"],
)
async def test_commands_and_whoever_is_in_danger_are_answered_always(settings, text):
    message = said(text, **WRITTEN)
    assert await gate(ruled(settings), 23).refusal(message, "en") is None


async def test_in_private_and_in_other_servers_its_rules_do_not_count():
    at_night = gate(ruled(NIGHT | ELSEWHERE), 23)
    for changes in ({"server": ""}, {"server": "901"}, {"server": "", "private": True}):
        assert await at_night.refusal(said("hello", **(WRITTEN | changes)), "en") is None


async def test_silence_is_silence_and_nothing_is_written_down():
    engine, store = FakeEngine(), ruled(ELSEWHERE)
    chat = chat_on(engine, store)
    accepted, finished = await heard(chat, said("hello", **WRITTEN))
    assert (accepted, type(finished)) == (Accepted(), Finished)
    assert (store.turns, engine.scored) == ({}, [])
    assert "helpline" in text_of(await answer(chat, said("I want to die", **WRITTEN)))


async def test_settings_are_changed_from_a_channel_that_is_closed_and_count_at_once():
    chat = chat_on(FakeEngine(), ruled(ELSEWHERE))
    await answer(chat, said("/settings channels all", **MANAGED))
    assert text_of(await answer(chat, said("hello", **WRITTEN))) == "I hear you."


@pytest.mark.parametrize(("settings", "kept"), [({}, True), ({"moods": "off"}, False)])
async def test_a_server_without_moods_is_answered_and_stores_no_label(settings, kept):
    store = ruled(settings)
    events = await answer(chat_on(FakeEngine(), store), said("hello", **WRITTEN))
    assert any(isinstance(event, Labelled) for event in events)
    assert text_of(events) == "I hear you."
    assert (store.turns[1]["label"] is not None) == kept


async def test_a_yes_of_the_person_does_not_change_that():
    store = ruled({"moods": "off"})
    yes = Preferences(mood_memory="on")
    assert not await gate(store).remembers(said("hello", **WRITTEN), yes)
    store.choices["discord", "1"] = "on"
    assert await gate(store).remembers(said("hello", **(WRITTEN | {"server": "901"})), yes)


async def test_where_the_rules_cannot_be_read_whoever_is_in_danger_is_answered():
    store = ruled(ELSEWHERE)
    store.broken["server_settings"] = DatabaseBusy("Close the other program.")
    chat = chat_on(FakeEngine(), store)
    assert text_of(await answer(chat, said("hello", **WRITTEN))) == ""
    assert store.turns == {}
    assert "helpline" in text_of(await answer(chat, said("I want to die", **WRITTEN)))
