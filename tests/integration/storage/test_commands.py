"""A command is kept like a message, and is none, on both databases."""

from __future__ import annotations

import pytest

from storage.records import COMMAND, Known
from storage.store import Store
from tests.integration.storage.values import NOON, felt, minutes, said


async def test_who_only_ever_asked_to_be_forgotten_hears_that_there_was_nothing(store: Store):
    asked = (await store.receive(said("/forget", "1"))).turn
    await store.decline(asked.id, COMMAND, "Sure?")
    await store.begin((await store.receive(said("/forget everything", "2"))).turn.id)
    receipt = await store.forget("console", "ann")
    assert (receipt.turns, receipt.labels) == (0, 0)
    assert await store.unfinished() == []
    assert (await store.export("console", "ann"))["person"] is None


@pytest.mark.parametrize("text", ["/mood 7", "/", " /help", "\n\t/help"])
async def test_commands_go_with_the_messages_and_are_not_counted(store: Store, text: str):
    await store.complete((await store.receive(said("and/or", "1"))).turn.id, "hi", felt())
    await store.receive(said("", "2"))
    await store.receive(said(text, "3"))
    await store.receive(said(text, "4", user_id="bob"))
    receipt = await store.forget("console", "ann")
    assert (receipt.turns, receipt.labels) == (2, 1)
    assert [left.inbound.user_id for left in await store.unfinished()] == ["bob"]


async def test_the_owner_sees_nobody_who_sent_commands_alone(store: Store):
    await store.receive(said("/start", "1", user_id="bob"))
    assert await store.people() == []
    await store.receive(said("hello", "2"))
    await store.receive(said("/mood", "3", sent_at=NOON + minutes(5)))
    assert await store.people() == [Known("console", "ann", "Ann", 1, NOON)]
