"""Rights that are missing, places that close: the nearest honest way, once, and never a loop."""

from __future__ import annotations

import asyncio

import pytest

from tests.discord_server.people import ANN, BOT
from tests.discord_server.places import Kind
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER, by_slash
from tests.integration.discord.library import hurry
from tests.integration.discord.processes import rows
from tests.integration.discord.running import warmline

pytestmark = pytest.mark.usefixtures("quick")

MESSAGES = "/channels/{channel}/messages"
DELIVERIES = "SELECT state, reason FROM deliveries ORDER BY turn_id"


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture
def thread(api):
    return api.add_thread(api.general, "keys")


@pytest.mark.parametrize(
    ("shut", "reason"),
    [
        (lambda api, thread: api.deny(api.general, "send_messages_in_threads"), "no_rights"),
        (lambda api, thread: api.set_thread(thread, locked=True), "thread_locked"),
        (
            lambda api, thread: api.set_thread(thread, locked=True, archived=True),
            "thread_archived",
        ),
        (lambda api, thread: api.deny(api.general, "view_channel"), "no_access"),
    ],
)
async def test_where_the_bot_may_not_write_it_tries_once_and_gives_up(
    api, tmp_path, thread, shut, reason
):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        api.say(ANN, thread, f"{BOT.mention} I lost my keys")
        await bot.engine.waiting.acquire()
        shut(api, thread)
        going.set()
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("undeliverable", reason)])
        await still(api)
    assert api.texts(thread) == []
    assert api.count("POST", MESSAGES) == 1
    async with warmline(api, tmp_path) as bot:
        await still(api)
        assert (bot.engine.streamed, api.count("POST", MESSAGES)) == ([], 1)


async def test_a_message_in_a_channel_where_the_bot_may_not_write_is_tried_once(api, tmp_path):
    api.deny(api.general, "send_messages")
    async with warmline(api, tmp_path, FakeEngine(*[" word"] * 50)):
        api.say(ANN, api.general, f"{BOT.mention} I lost my keys")
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("undeliverable", "no_rights")])
        await still(api)
    assert api.count("POST", MESSAGES) == 1
    assert api.count("*", "/typing") <= 1


async def test_without_the_right_to_read_back_the_answer_replies_to_nothing(api, tmp_path):
    api.deny(api.general, "read_message_history")
    async with warmline(api, tmp_path):
        api.say(ANN, api.general, f"{BOT.mention} I lost my keys")
        await api.until(lambda: api.texts(api.general) == [ANSWER])
        (mine,) = api.messages(api.general)
        assert mine.replied is None
        assert api.count("POST", MESSAGES) == 2


async def test_an_answer_that_a_thread_was_archived_under_is_written_anew(api, tmp_path, thread):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" It will pass. Rest", going, " now.")) as bot:
        api.say(ANN, thread, f"{BOT.mention} I lost my keys")
        await bot.engine.waiting.acquire()
        await api.until(lambda: bool(api.messages(thread)))
        api.set_thread(thread, archived=True)
        going.set()
        await api.until(lambda: api.texts(thread) == ["It will pass. Rest now."])
        await still(api)
        assert api.texts(thread) == ["It will pass. Rest now."]


async def test_an_answer_that_somebody_deleted_is_written_anew_once(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" It will pass. Rest", going, " now.")) as bot:
        api.say(ANN, api.general, f"{BOT.mention} I lost my keys")
        await bot.engine.waiting.acquire()
        await api.until(lambda: bool(api.messages(api.general)))
        api.remove(api.messages(api.general)[0])
        going.set()
        await api.until(lambda: api.texts(api.general) == ["It will pass. Rest now."])
        await still(api)
        assert api.texts(api.general) == ["It will pass. Rest now."]


GONE = {
    "the channel": lambda api, place: api.delete_channel(place),
    "the thread": lambda api, place: api.delete_channel(place),
    "the thread's channel": lambda api, place: api.delete_channel(place.parent),
    "the server": lambda api, place: api.kick(place.guild),
}


@pytest.mark.parametrize(
    ("what", "shown"), [*((what, False) for what in GONE), ("the thread", True)]
)
async def test_an_answer_that_nobody_can_read_any_more_is_stopped(api, tmp_path, what, shown):
    room = api.add_channel(api.home, "room")
    place = api.add_thread(room, "keys") if "thread" in what else room
    steps = [" It will pass. Rest", asyncio.Event()] if shown else [asyncio.Event()]
    async with warmline(api, tmp_path, FakeEngine(*steps)) as bot:
        api.say(ANN, place, f"{BOT.mention} I lost my keys")
        await bot.engine.waiting.acquire()
        await api.until(lambda: bool(api.messages(place)) or not shown)
        GONE[what](api, place)
        await api.until(lambda: bot.engine.stopped == 1)
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("undeliverable", "chat_gone")])
        calls = api.count("*", "/channels")
        await still(api)
        assert api.count("*", "/channels") == calls
    async with warmline(api, tmp_path) as bot:
        await still(api)
        assert bot.engine.streamed == []


async def test_what_was_left_in_a_channel_that_is_gone_is_given_up(api, tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.discord.adapter.GRACE_SECONDS", 0.1)
    room = api.add_channel(api.home, "room")
    async with warmline(api, tmp_path, FakeEngine(asyncio.Event())) as bot:
        api.say(ANN, room, f"{BOT.mention} I lost my keys")
        await bot.engine.waiting.acquire()
    api.delete_channel(room)
    for _ in range(2):
        async with warmline(api, tmp_path) as bot:
            await api.until(lambda: rows(tmp_path, DELIVERIES) == [("undeliverable", "chat_gone")])
            assert bot.engine.streamed == []
    assert api.count("GET", f"/channels/{room.id}") == 1


async def test_fault_7_a_person_who_shuts_out_the_bot_is_tried_once(api, tmp_path):
    private, going = api.dm(ANN), asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        api.say(ANN, private, "I lost my keys")
        await bot.engine.waiting.acquire()
        api.shut_dm(ANN)
        going.set()
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("undeliverable", "blocked")])
    async with warmline(api, tmp_path):
        await still(api)
        assert api.count("POST", MESSAGES) == 1


async def test_a_slash_command_is_answered_where_the_bot_may_not_write(api, tmp_path):
    voice = api.add_channel(api.home, "voice", Kind.VOICE)
    for place in (api.general, voice):
        api.deny(place, "send_messages", "attach_files", "read_message_history")
    async with warmline(api, tmp_path):
        for place in (api.general, voice):
            asked = await by_slash(api, ANN, place, "chat")
            assert asked.texts == [ANSWER]
        assert api.count("POST", MESSAGES) == 0


async def still(api):
    """Nothing more comes of what was said: a moment without a call."""
    calls = -1
    while calls != api.count("*", "/messages"):
        calls = api.count("*", "/messages")
        await asyncio.sleep(0.15)
