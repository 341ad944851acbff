"""How a start goes: refused, late, told once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from adapters.base import AdapterError
from adapters.discord import adapter
from adapters.discord.adapter import Discord
from bot.config import load
from bot.platforms import discord_settings
from tests.discord_server import faults
from tests.discord_server.people import ANN
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER
from tests.integration.discord.library import hurry
from tests.integration.discord.running import warmline

pytestmark = pytest.mark.usefixtures("quick")

COMMANDS = "/commands"


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    hurry(monkeypatch)


async def test_a_wrong_token_is_one_sentence_without_the_token(api, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    async with warmline(api, tmp_path, token="wrong.token.altogether") as bot:
        error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert "WARMLINE_DISCORD_TOKEN" in str(error)
    assert "wrong" not in str(error) + caplog.text


def test_without_a_token_there_is_one_sentence():
    with pytest.raises(AdapterError, match="WARMLINE_DISCORD_TOKEN"):
        Discord(discord_settings(load(None, {})), memory)


def test_channels_without_their_content_are_one_sentence():
    settings = replace(discord_settings(load(None, {})), token="x", channels={"1"})
    with pytest.raises(AdapterError, match="message_content = true"):
        Discord(settings, memory)


async def test_an_intent_that_the_portal_refuses_is_one_sentence(api, tmp_path):
    async with warmline(api, tmp_path, message_content=True) as bot:
        error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert "developer portal" in str(error)
    assert "message_content = false" in str(error)


async def test_an_intent_that_the_portal_allows_is_asked_for(api, tmp_path):
    api.privileged.add("message_content")
    channels = {str(api.general.id)}
    async with warmline(api, tmp_path, message_content=True, channels=channels):
        api.say(ANN, api.general, "I lost my keys")
        await api.until(lambda: api.texts(api.general) == [ANSWER])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4004, "WARMLINE_DISCORD_TOKEN"),
        (4011, "[discord] shards"),
        (4012, "code 4012"),
        (4014, "message_content = false"),
    ],
)
async def test_a_close_for_good_ends_the_adapter_with_one_sentence(api, tmp_path, code, words):
    async with warmline(api, tmp_path) as bot:
        api.close(code)
        error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert words in str(error)
    assert len(api.connections) == 1


async def test_a_close_for_good_leaves_a_running_answer_for_the_next_start(
    api, tmp_path, monkeypatch
):
    monkeypatch.setattr(adapter, "GRACE_SECONDS", 0.1)
    private = api.dm(ANN)
    async with warmline(api, tmp_path, FakeEngine(asyncio.Event())) as bot:
        api.say(ANN, private, "I lost my keys")
        await bot.engine.waiting.acquire()
        api.close(4004)
        assert isinstance(await bot.ended(), AdapterError)
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(private) == [ANSWER])


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        ("/users/@me", faults.DropBefore()),
        ("/users/@me", faults.Status(502)),
        ("/users/@me", faults.Status(503)),
        ("/users/@me", faults.Status(200, "<html>log in to the hotel's network</html>")),
        ("/gateway", faults.DropBefore()),
        ("/gateway/bot", faults.Status(503)),
        ("/gateway/bot", faults.DropAfter()),
    ],
)
async def test_a_server_that_is_not_there_at_first_is_waited_for(
    api, tmp_path, route, fault, monkeypatch
):
    monkeypatch.setattr(adapter, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(adapter, "_LONGEST_PAUSE", 0.05)
    api.fail("GET", route, *[fault] * 6)
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: api.texts(private) == [ANSWER])


async def test_a_gateway_that_is_not_there_at_first_is_waited_for(api, tmp_path):
    api.fail("WS", "/gateway", faults.DropBefore(), faults.Status(503), faults.Status(200))
    async with warmline(api, tmp_path) as bot:
        assert bot.started == ["Warmline#4321"]
    assert api.count("WS", "/gateway") == 4


async def test_a_token_that_is_refused_after_the_login_is_one_sentence(api, tmp_path):
    api.fail("GET", "/gateway/bot", faults.UNAUTHORIZED)
    async with warmline(api, tmp_path) as bot:
        assert "WARMLINE_DISCORD_TOKEN" in str(await bot.ended())


async def test_commands_are_told_once_and_again_once_they_change(api, tmp_path):
    for _ in range(2):
        async with warmline(api, tmp_path):
            assert api.syncs == 1
    fewer = discord_settings(load(None, {})).commands[:3]
    for _ in range(2):
        async with warmline(api, tmp_path, commands=fewer):
            assert api.syncs == 2
    assert set(api.commands[0]) == {command.name for command in fewer}


async def test_a_new_session_tells_no_commands(api, tmp_path):
    async with warmline(api, tmp_path):
        api.invalidate(resumable=False)
        await api.until(lambda: len(api.connections) == 2 and bool(api.sessions))
        assert api.syncs == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.Error(400, 50035, "Invalid Form Body"),
        faults.Status(502),
        faults.DropBefore(),
        faults.TooMany(3600),
        faults.Slow(60, acts_late=True),
    ],
)
async def test_commands_that_cannot_be_told_stop_no_start_and_are_told_at_the_next(
    api, tmp_path, fault, monkeypatch
):
    monkeypatch.setattr(adapter, "TELLING_SECONDS", 0.5)
    api.fail("PUT", COMMANDS, *[fault] * 5)
    async with warmline(api, tmp_path):
        private = api.dm(ANN)
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: api.texts(private) == [ANSWER])
    api.mend()
    if isinstance(fault, faults.TooMany):
        return  # Discord is still closed for an hour
    async with warmline(api, tmp_path):
        assert api.syncs == 1


async def memory():
    raise AssertionError("nothing is begun")
