"""What goes wrong in the tests' own Discord, and what the real library makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.discord_server.faults import (
    DropAfter,
    DropBefore,
    Error,
    Slow,
    Status,
    TooMany,
)
from tests.discord_server.listener import Listener, listening
from tests.discord_server.people import ANN
from tests.discord_server.server import DiscordApi


@pytest.fixture
async def api() -> AsyncIterator[DiscordApi]:
    async with DiscordApi() as server:
        yield server


@pytest.fixture
async def bot(api: DiscordApi) -> AsyncIterator[Listener]:
    async with Listener(api) as client:
        await client.login(api.token)
        yield client


async def test_a_429_shuts_one_channel_or_all(api, bot):
    general = bot.get_partial_messageable(api.general.id)
    other = bot.get_partial_messageable(api.add_channel(api.home, "other").id)
    for is_global in (False, True):
        api.fail("POST", "/messages", TooMany(0.2, is_global=is_global))
        waiting = asyncio.create_task(general.send("a"))
        await api.until(lambda: api.calls[-1].status == 429)
        elsewhere = asyncio.create_task(other.send("b"))
        await asyncio.sleep(0.05)
        assert elsewhere.done() is not is_global
        await waiting
        await elsewhere
    assert (api.texts(api.general), api.violations) == (["a", "a"], [])


async def test_who_does_not_wait_is_told_again_and_counted(api, bot):
    url = f"{api.base_url}/channels/{api.general.id}/messages"
    headers = {"Authorization": f"Bot {api.token}"}
    api.limit("POST", "/messages", 2, 0.3)
    async with aiohttp.ClientSession(headers=headers) as session:

        async def send() -> int:
            async with session.post(url, json={"content": "x"}) as answer:
                return answer.status

        assert [await send() for _ in range(3)] == [200, 200, 429]
    assert len(api.violations) == 1
    # discord.py reads the headers and waits by itself.
    general = bot.get_partial_messageable(api.general.id)
    for _ in range(3):
        await general.send("y")
    assert len(api.texts(api.general)) == 5


async def test_a_bad_gateway_is_tried_again_by_discord_py(api, bot):
    api.fail("POST", "/messages", Status(502))
    await bot.get_partial_messageable(api.general.id).send("x")
    assert [call.status for call in api.calls_of("POST", "/messages")] == [502, 200]


async def test_a_503_is_not_tried_again(api, bot):
    api.fail("POST", "/messages", Status(503))
    with pytest.raises(discord.DiscordServerError):
        await bot.get_partial_messageable(api.general.id).send("x")


async def test_a_dropped_connection_leaves_open_whether_it_was_done(api, bot):
    general = bot.get_partial_messageable(api.general.id)
    for fault, kept in ((DropBefore(), []), (DropAfter(), ["x"])):
        api.fail("POST", "/messages", fault)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await general.send("x", nonce="n")
        assert api.texts(api.general) == kept
    await general.send("x", nonce="n")
    assert api.texts(api.general) == ["x"]


async def test_slow_and_wrong_answers(api, bot):
    general = bot.get_partial_messageable(api.general.id)
    api.fail("POST", "/messages", Slow(0.2))
    sending = asyncio.create_task(general.send("x"))
    await api.until(lambda: api.texts(api.general) == ["x"])
    assert not sending.done()
    await sending
    api.fail("POST", "/messages", Slow(0.1, acts_late=True), Error(403, 50001, "Missing Access"))
    await general.send("y")
    with pytest.raises(discord.Forbidden):
        await general.send("z")
    api.fail("*", "", Error(400, 0, "x"), when=lambda call: call.method == "GET", always=True)
    await general.send("z")
    for _ in range(2):
        with pytest.raises(discord.HTTPException):
            await bot.fetch_channel(api.general.id)
    api.mend()
    await bot.fetch_channel(api.general.id)


async def test_a_gateway_that_cannot_be_reached_is_tried_again(api):
    async with listening(api) as bot:
        api.fail("WS", "/gateway", Status(502), DropBefore())
        api.abort()
        api.say(ANN, api.dm(ANN), "missed")
        await api.until(lambda: bot.words == ["missed"], 20)
        assert [call.status for call in api.calls_of("WS", "")] == [101, 502, 0, 101]


async def test_a_wait_that_fails_shows_all_that_stands_here(api, bot):
    await bot.get_partial_messageable(api.general.id).send("here it is")
    with pytest.raises(AssertionError, match="here it is"):
        await api.until(lambda: False, 0.05)


async def test_a_mistake_of_the_server_fails_the_test(bot):
    broken = await DiscordApi().__aenter__()
    async with Listener(broken) as client:
        await client.login(broken.token)
        with pytest.raises(discord.HTTPException):
            await client.http.get_message(broken.general.id, "\u0661")  # a digit, but no id
        assert not broken.errors
        with pytest.raises(discord.HTTPException):
            await client.http.logs_from(broken.general.id, "many")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="invalid literal"):
        await broken.__aexit__(None)
