"""What is set for a server, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from storage.store import Store
from tests.integration.storage.values import said

SETTINGS: dict[str, Any] = {
    "channels": ["1", "2"],
    "mood_memory": False,
    "quiet": {"from": "22:00", "to": "07:00", "zone": None},
    "长 🙂": 0.5,
}


async def test_settings_come_back_as_they_were_set_and_as_a_whole(store: Store):
    assert await store.server_settings("discord", "g1") == {}
    await store.set_server_settings("discord", "g1", SETTINGS)
    assert await store.server_settings("discord", "g1") == SETTINGS
    await store.set_server_settings("discord", "g1", {"mood_memory": True})
    assert await store.server_settings("discord", "g1") == {"mood_memory": True}
    await store.set_server_settings("discord", "g1", {})
    assert await store.server_settings("discord", "g1") == {}


async def test_each_server_of_each_platform_has_its_own(store: Store):
    for platform, server_id in (("discord", "g1"), ("discord", "g2"), ("x", "g1")):
        await store.set_server_settings(platform, server_id, {"of": f"{platform} {server_id}"})
    assert await store.server_settings("discord", "g2") == {"of": "discord g2"}
    assert await store.server_settings("x", "g1") == {"of": "x g1"}
    assert await store.server_settings("x", "g2") == {}


async def test_settings_that_json_cannot_hold_are_refused_and_the_old_ones_stay(store: Store):
    await store.set_server_settings("discord", "g1", SETTINGS)
    with pytest.raises(TypeError, match="JSON"):
        await store.set_server_settings("discord", "g1", {"channels": {1, 2}})
    assert await store.server_settings("discord", "g1") == SETTINGS


async def test_first_settings_that_meet_are_one_of_them_whole(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(10):
            server_id = f"g{number}"
            await asyncio.gather(
                one.set_server_settings("discord", server_id, {"of": "one"}),
                other.set_server_settings("discord", server_id, {"of": "other"}),
            )
            assert (await one.server_settings("discord", server_id))["of"] in ("one", "other")


async def test_settings_outlive_a_restart_and_the_erasure_of_everybody(url: str):
    async with await Store.open(url) as store:
        await store.receive(said(server="g1", private=False))
        await store.set_server_settings("console", "g1", SETTINGS)
        await store.forget("console", "ann")
    async with await Store.open(url) as store:
        assert await store.server_settings("console", "g1") == SETTINGS


async def test_a_message_comes_back_with_its_server(store: Store):
    message = said(server="g1", private=False)
    await store.receive(message)
    (left,) = await store.unfinished()
    assert left.inbound == message


async def test_a_conversations_server_is_noted_once_it_is_known_and_stays(store: Store):
    async def server_after(number: int, server: str) -> str:
        await store.receive(said(message_id=str(number), server=server))
        return (await store.unfinished())[0].inbound.server

    told = [await server_after(n, server) for n, server in enumerate(["", "g1", "", "g2"])]
    assert told == ["", "g1", "g1", "g1"]


@pytest.mark.parametrize("first", ["old", "new"])
@pytest.mark.parametrize(("old", "new"), [("g1", ""), ("", "g1"), ("g0", "g1")])
async def test_a_chat_that_moves_keeps_its_server_or_takes_the_new_ones(
    store: Store, first: str, old: str, new: str
):
    chats = [("old", old), ("new", new)]
    for chat_id, server in chats if first == "old" else chats[::-1]:
        await store.receive(said(chat_id=chat_id, server=server))
    await store.move_chat("console", "old", "new")
    assert {left.inbound.server for left in await store.unfinished()} == {"g1"}
