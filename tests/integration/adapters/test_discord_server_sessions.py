"""The tests' own Discord, and how its gateway fails the real library."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.discord_server.connections import Op
from tests.discord_server.listener import listening, sharded
from tests.discord_server.people import ANN, BOT
from tests.discord_server.server import DiscordApi


@pytest.fixture
async def api() -> AsyncIterator[DiscordApi]:
    async with DiscordApi() as server:
        yield server


async def test_a_privileged_intent_must_be_allowed(api):
    intents = discord.Intents.default()
    intents.message_content = True
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with listening(api, intents=intents):
            pass
    assert api.connections[0].closed_with == 4014
    api.privileged.add("message_content")
    async with listening(api, intents=intents) as bot:
        assert bot.application_flags.gateway_message_content_limited
        api.say(ANN, api.general, "open")
        await api.until(lambda: bot.words == ["open"])


async def test_a_token_that_is_taken_back_ends_the_connection(api):
    async with listening(api) as bot:
        api.forget_sessions()
        api.gateway._token = "another"
        api.abort()
        for line in api.connections:
            line.abort()
        await api.until(bot.ended.done)
        error = bot.ended.exception()
        assert isinstance(error, discord.ConnectionClosed)
        assert error.code == 4004


async def test_what_is_missed_comes_once_after_a_resume(api):
    async with listening(api) as bot:
        api.say(ANN, api.dm(ANN), "1")
        await api.until(lambda: bot.words == ["1"])
        api.abort()
        api.say(ANN, api.dm(ANN), "2")
        await api.until(lambda: len(bot.heard) == 2)
        api.reconnect()
        api.say(ANN, api.dm(ANN), "3")
        await api.until(lambda: api.sessions and api.sessions[0].resumes == 2)
        api.close(4000)
        await api.until(lambda: api.sessions and api.sessions[0].resumes == 3)
        api.invalidate(resumable=True)
        api.say(ANN, api.dm(ANN), "4")
        await api.until(lambda: api.sessions and api.sessions[0].resumes == 4)
        api.say(ANN, api.dm(ANN), "5")
        await api.until(lambda: len(bot.heard) >= 5)
        assert bot.words == ["1", "2", "3", "4", "5"]
        assert {line.path for line in api.connections[1:]} == {"/resume"}
        assert bot.events.count("ready") == 1
        assert bot.events.count("resumed") == 4


async def test_a_lost_session_is_begun_anew(api):
    async with listening(api) as bot:
        api.invalidate(resumable=False)
        api.say(ANN, api.dm(ANN), "lost")
        await api.until(lambda: bot.events.count("ready") == 2)
        api.forget_sessions()
        api.connections[-1].abort()
        await api.until(lambda: bot.events.count("ready") == 3)
        api.say(ANN, api.dm(ANN), "heard")
        await api.until(lambda: bot.words == ["heard"])
        assert [line.path for line in api.connections][:3] == ["/", "/", "/resume"]


async def test_a_gateway_that_falls_silent_is_left(api):
    api.gateway.heartbeat_ms = 50
    async with listening(api, heartbeat_timeout=0.3) as bot:
        await api.until(lambda: len(api.connections[0].received) > 4)
        assert len(api.connections) == 1
        api.silence()
        api.say(ANN, api.dm(ANN), "anybody?")
        await api.until(lambda: bot.words == ["anybody?"])
        assert api.connections[0].closed_with in (0, 4000)
        assert api.connections[1].path == "/resume"


async def test_a_message_may_come_twice(api):
    async with listening(api) as bot:
        api.say(ANN, api.dm(ANN), "hi")
        api.repeat()
        await api.until(lambda: len(bot.heard) == 2)
        assert bot.heard[0].id == bot.heard[1].id


@pytest.mark.parametrize(
    ("frame", "error"),
    [("{", "JSONDecodeError"), (b"no zlib\x00\x00\xff\xff", "error ZstdError")],
)
async def test_a_broken_frame_ends_the_client_of_discord_py(api, frame, error):
    async with listening(api) as bot:
        api.frame(frame)
        await api.until(bot.ended.done)
        assert type(bot.ended.exception()).__name__ in error.split()


async def test_two_shards_share_the_servers(api):
    api.shards = 2
    first, second = api.add_guild("A", shard=(0, 2)), api.add_guild("B", shard=(1, 2))
    async with sharded(api) as bot:
        assert [one.shard for one in api.sessions] == [(0, 2), (1, 2)]
        shards = {one.id: one.shard_id for one in bot.guilds}
        assert (shards[first.id], shards[second.id]) == (0, 1)
        for guild in (first, second):
            where = next(iter(guild.channels.values()))
            api.say(ANN, where, f"{BOT.mention} {guild.name}")
        api.say(ANN, api.dm(ANN), "hello")
        api.abort(shard=1)
        api.say(ANN, next(iter(second.channels.values())), f"{BOT.mention} again")
        await api.until(lambda: len(bot.heard) == 4)
        assert api.sessions[0].names.count("MESSAGE_CREATE") == 2
        assert [one.resumes for one in sorted(api.sessions, key=lambda one: one.shard)] == [0, 1]
    async with sharded(api, shard_ids=[1], shard_count=2) as alone:
        assert [one.id for one in alone.guilds if one.name in "AB"] == [second.id]


async def test_a_connection_that_breaks_the_rules_is_closed(api):
    async def said(*frames: str) -> int | None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(api.gateway.url) as socket,
        ):
            assert (await socket.receive_json())["op"] == Op.HELLO
            for frame in frames:
                await socket.send_str(frame)
            while not (await socket.receive()).type.name.startswith("CLOS"):
                pass
            return socket.close_code

    def identify(**more: object) -> str:
        return json.dumps({"op": 2, "d": {"token": api.token, "intents": 1, **more}})

    assert await said("{") == 4002
    assert await said('{"op": 3}') == 4003
    assert await said(identify(token="x")) == 4004
    assert await said(identify(), identify()) == 4005
    assert await said(identify(), '{"op": 99}') == 4001
    assert await said(identify(shard=[2, 2])) == 4010
    assert await said(identify(intents=None)) == 4013
    session = api.gateway.sessions.open[0]
    resume = {"token": api.token, "session_id": session.id, "seq": 99}
    assert await said(json.dumps({"op": 6, "d": resume})) == 4007
