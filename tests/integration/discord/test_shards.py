"""Many servers: several connections in one process, or several processes on one database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.discord_server.people import ANN, BEN, BOT
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER, last_words
from tests.integration.discord.library import hurry
from tests.integration.discord.processes import killed, process
from tests.integration.discord.running import warmline

pytestmark = pytest.mark.usefixtures("quick", "any_words")

HISTORY = "/channels/{channel}/messages"
FIRST: Mapping[str, Any] = {"shards": (0,), "shard_count": 2}
SECOND: Mapping[str, Any] = {"shards": (1,), "shard_count": 2}


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture
def rooms(api):
    """A channel of a server on shard 0, and one on shard 1."""
    api.shards = 2
    guilds = [api.add_guild(f"Shard {number}", shard=(number, 2)) for number in range(2)]
    return [next(iter(guild.channels.values())) for guild in guilds]


async def test_one_process_answers_on_both_shards(api, tmp_path, rooms):
    async with warmline(api, tmp_path) as bot:
        assert sorted(one.shard for one in api.sessions) == [(0, 2), (1, 2)]
        assert bot.started == ["Warmline#4321"]
        private = api.dm(ANN)
        for room in rooms:
            api.say(ANN, room, f"{BOT.mention} hello")
        api.say(ANN, private, "hello")
        for place in (*rooms, private):
            await api.until(lambda place=place: api.texts(place) == [ANSWER])
        assert len(bot.engine.streamed) == 3


async def test_a_new_session_of_one_shard_looks_into_its_own_channels(api, tmp_path, rooms):
    async with warmline(api, tmp_path) as bot:
        for room in rooms:
            api.say(ANN, room, f"{BOT.mention} one")
            await api.until(lambda room=room: api.texts(room) == [ANSWER])
        known = len(api.calls)
        api.invalidate(resumable=False, shard=1)
        api.say(ANN, rooms[1], f"{BOT.mention} two")
        await api.until(lambda: api.texts(rooms[1]) == [ANSWER, ANSWER])
        api.invalidate(resumable=False, shard=1)
        api.say(ANN, rooms[1], f"{BOT.mention} three")
        await api.until(lambda: api.texts(rooms[1]) == [ANSWER] * 3)
        read = [call for call in api.calls[known:] if call.fits("GET", HISTORY)]
        assert {call.id("channel") for call in read} == {rooms[1].id}
        assert words(bot) == ["one", "one", "two", "three"]


async def test_one_broken_connection_costs_the_other_shard_nothing(api, tmp_path, rooms):
    async with warmline(api, tmp_path) as bot:
        for room in rooms:
            api.say(ANN, room, f"{BOT.mention} one")
            await api.until(lambda room=room: api.texts(room) == [ANSWER])
        api.frame("{", shard=1)
        for room in rooms:
            api.say(BEN, room, f"{BOT.mention} two")
        for room in rooms:
            await api.until(lambda room=room: api.texts(room) == [ANSWER, ANSWER])
        await api.until(lambda: len(api.sessions) == 2)
        assert sorted(words(bot)) == ["one", "one", "two", "two"]


async def test_connections_that_break_together_are_made_anew_once(api, tmp_path, rooms):
    async with warmline(api, tmp_path):
        api.frame("{")
        await api.until(lambda: len(api.connections) == 4 and len(api.sessions) == 2)
        for room in rooms:
            api.say(BEN, room, f"{BOT.mention} two")
            await api.until(lambda room=room: api.texts(room)[-1:] == [ANSWER])
        assert len(api.connections) == 4


async def test_two_processes_on_one_database_answer_each_its_own(api, tmp_path, rooms):
    private = api.dm(ANN)
    async with (
        warmline(api, tmp_path, **FIRST) as first,
        warmline(api, tmp_path, **SECOND) as second,
    ):
        for room in rooms:
            api.say(ANN, room, f"{BOT.mention} room")
        api.say(ANN, private, "private")
        for place in (*rooms, private):
            await api.until(lambda place=place: api.texts(place) == [ANSWER])
        await still(api)
        assert [len(api.texts(place)) for place in (*rooms, private)] == [1, 1, 1]
        assert sorted(words(first)) == ["private", "room"]
        assert words(second) == ["room"]
        assert api.syncs == 1


async def test_what_one_process_is_answering_is_not_taken_for_left_over_by_the_other(
    api, tmp_path, rooms
):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you."), **FIRST) as first:
        api.say(ANN, rooms[0], f"{BOT.mention} one")
        await first.engine.waiting.acquire()
        async with warmline(api, tmp_path, **SECOND) as second:
            api.say(ANN, rooms[1], f"{BOT.mention} two")
            await api.until(lambda: api.texts(rooms[1]) == [ANSWER])
            going.set()
            await api.until(lambda: api.texts(rooms[0]) == [ANSWER])
            await still(api)
            assert api.texts(rooms[0]) == [ANSWER]
            assert (words(first), words(second)) == (["one"], ["two"])


async def test_fault_9_each_process_finds_what_its_own_shards_missed(api, tmp_path, rooms):
    private = api.dm(ANN)
    thread = api.add_thread(rooms[1], "keys")
    places = (*rooms, private, thread)
    async with warmline(api, tmp_path):
        for place in places:
            api.say(ANN, place, f"{BOT.mention} hello")
            await api.until(lambda place=place: api.texts(place) == [ANSWER])
    for place in places:
        api.say(ANN, place, f"{BOT.mention} missed")
    async with warmline(api, tmp_path, **SECOND) as second:
        for place in (rooms[1], thread):
            await api.until(lambda place=place: api.texts(place) == [ANSWER, ANSWER])
        await still(api)
        assert words(second) == ["missed", "missed"]
    async with warmline(api, tmp_path, **FIRST) as first:
        for place in (rooms[0], private):
            await api.until(lambda place=place: api.texts(place) == [ANSWER, ANSWER])
        await still(api)
        assert words(first) == ["missed", "missed"]


async def test_what_a_killed_process_left_is_answered_by_whoever_has_its_shard(
    api, tmp_path, rooms
):
    async with process(api, tmp_path, None) as left:
        for place in (*rooms, api.dm(ANN)):
            api.say(ANN, place, f"{BOT.mention} hello")
        await api.until(lambda: all(api.typing(place) for place in rooms))
        await killed(left)
    async with warmline(api, tmp_path, **SECOND) as second:
        await api.until(lambda: api.texts(rooms[1]) == [ANSWER])
        await still(api)
        assert len(words(second)) == 1
    async with warmline(api, tmp_path, **FIRST) as first:
        for place in (rooms[0], api.dm(ANN)):
            await api.until(lambda place=place: api.texts(place) == [ANSWER])
        await still(api)
        assert len(words(first)) == 2


async def still(api):
    """Nothing more comes of what was said: a moment without a message."""
    calls = -1
    while calls != api.count("*", HISTORY):
        calls = api.count("*", HISTORY)
        await asyncio.sleep(0.15)


def words(bot):
    """What the model was asked to answer, message by message."""
    return [last_words(prompt).rpartition(": ")[2] for prompt in bot.engine.streamed]
