"""The client: what it listens to, where it connects, what it survives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import hdrs
from yarl import URL

from adapters.delivery import DeliveryTexts
from adapters.discord.catch_up import Gaps
from adapters.discord.client import Client, MovedConnector, intents, options
from adapters.discord.settings import DiscordSettings, DiscordTexts

SETTINGS = DiscordSettings("token", {"en": DiscordTexts(DeliveryTexts("?", "no", "oh"))})

NOON, HOUR = datetime(2026, 11, 2, 12, tzinfo=UTC), timedelta(hours=1)


class Answers:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def listening(self, shard_id: int, since: Any) -> None:
        self.told.append(("listening", shard_id, since))

    async def gone(self, channel_id: int) -> None:
        self.told.append(("gone", channel_id))

    async def message(self, message: Any, *, edited: bool = False) -> None:
        self.told.append(("message", message, edited))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client(**options(SETTINGS))
    await made._async_setup_hook()
    yield made
    await made.end()


def test_no_privileged_intent_is_asked_for():
    wanted = intents(message_content=False)
    assert (wanted.members, wanted.presences, wanted.message_content) == (False, False, False)
    assert (wanted.guilds, wanted.guild_messages, wanted.dm_messages) == (True, True, True)


def test_message_content_is_asked_for_by_wish():
    assert intents(message_content=True).message_content
    assert not intents(message_content=True).members


async def test_nobody_is_ever_called(client):
    allowed = client.allowed_mentions
    assert allowed is not None
    assert (allowed.everyone, allowed.users, allowed.roles) == (False, False, False)


async def test_by_default_discord_says_how_many_shards(client):
    assert (client.shard_ids, client.shard_count) == (None, None)
    client.shard_count = 3
    await client.renew()
    assert client.shard_count is None


async def test_the_shards_of_a_process_stay_as_they_are_set():
    client = Client(**options(replace(SETTINGS, shards=(1, 3), shard_count=4)))
    await client.renew()
    assert (client.shard_ids, client.shard_count) == ([1, 3], 4)
    await client.end()


async def test_only_another_address_takes_another_connector(client):
    assert "connector" not in options(SETTINGS)
    found = options(replace(SETTINGS, api_base_url="http://proxy/api/v10/"))
    assert isinstance(found["connector"], MovedConnector)
    await found["connector"].close()


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("https://discord.com/api/v10/users/@me", "http://proxy:81/api/v10/users/@me"),
        (
            "https://discord.com/api/v10/channels/1/messages/2/reactions/%F0%9F%98%80/@me",
            "http://proxy:81/api/v10/channels/1/messages/2/reactions/%F0%9F%98%80/@me",
        ),
        ("wss://gateway.discord.gg/?v=10&encoding=json", "ws://gate:82/?v=10&encoding=json"),
        ("wss://gateway-us-east1-b.discord.gg/?v=10", "wss://gateway-us-east1-b.discord.gg/?v=10"),
        ("https://cdn.discordapp.com/a.png", "https://cdn.discordapp.com/a.png"),
    ],
)
async def test_calls_go_to_the_other_address(monkeypatch, asked, goes_to):
    connector = MovedConnector("http://proxy:81/api/v10")
    connector.gateway_at("ws://gate:82")
    request: Any = SimpleNamespace(url=URL(asked, encoded=True), headers={})

    async def connect(self: Any, req: Any, *_: Any, **__: Any) -> Any:
        return req

    monkeypatch.setattr("aiohttp.TCPConnector.connect", connect)
    connected: Any = await connector.connect(request)
    assert str(connected.url) == goes_to
    moved = asked != goes_to
    assert (connected.headers.get(hdrs.HOST) == connected.url.authority) is moved
    await connector.close()


async def test_an_event_that_cannot_be_read_is_passed_over(client, caplog):
    client._connection.parsers["MESSAGE_CREATE"]({"content": "a secret"})
    assert "MESSAGE_CREATE" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("event", ["READY", "RESUMED"])
async def test_a_session_that_cannot_be_read_is_none(client, event):
    with pytest.raises(KeyError):
        client._connection.parsers[event]({})


async def test_an_event_that_fails_is_logged_without_words(client, caplog):
    words = "a secret"
    try:
        raise ValueError(words)
    except ValueError:
        await client.on_error("on_message")
    assert "on_message failed: ValueError" in caplog.text
    assert words not in caplog.text


async def test_the_name_is_told_once(client):
    names: list[str] = []
    client._connection.user = "Warmline#4321"
    client.begin(Answers(), names.append)
    await client.on_ready()
    await client.on_ready()
    assert names == ["Warmline#4321"]


async def test_a_session_is_told_of_with_what_it_missed(client):
    answers, times = Answers(), [NOON, NOON + HOUR, NOON + 2 * HOUR]
    client._gaps = Gaps(iter(times).__next__)
    client.begin(answers, print)
    await client.on_shard_connect(0)
    await client.on_shard_ready(0)
    await client.on_shard_disconnect(0)
    await client.on_shard_resumed(0)
    await client.on_shard_disconnect(0)
    await client.on_shard_connect(0)
    await client.on_shard_ready(0)
    assert answers.told == [("listening", 0, None), ("listening", 0, NOON + HOUR)]


async def test_once_the_end_has_begun_nothing_is_told(client):
    answers = Answers()
    client.begin(answers, print)
    client.leave()
    await client.on_shard_ready(0)
    await client.on_message(SimpleNamespace())
    await client.on_raw_message_edit(SimpleNamespace(message=None))
    await client.on_interaction(SimpleNamespace())
    await client.on_guild_channel_delete(SimpleNamespace(id=1))
    await client.on_raw_thread_delete(SimpleNamespace(thread_id=1))
    await client.on_guild_remove(SimpleNamespace(channels=[SimpleNamespace(id=1)]))
    assert answers.told == []


async def test_places_that_are_gone_are_told_of(client):
    answers = Answers()
    client.begin(answers, print)
    await client.on_guild_channel_delete(SimpleNamespace(id=1))
    await client.on_raw_thread_delete(SimpleNamespace(thread_id=2))
    await client.on_guild_remove(SimpleNamespace(channels=[SimpleNamespace(id=3)]))
    assert answers.told == [("gone", 1), ("gone", 2), ("gone", 3)]


async def test_hanging_up_leaves_the_way_to_discord_open(client):
    await client.close()
    assert not client.is_closed()
    await client.end()
    assert client.is_closed()
