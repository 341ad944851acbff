"""Gaps in what a shard hears, and how far a channel's history is looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import discord
import pytest
from discord.utils import snowflake_time, time_snowflake

from adapters.discord import catch_up
from adapters.discord.catch_up import MARGIN, Gaps, History, after_known
from adapters.ledger import Heard
from adapters.messages import Scope

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
GENERAL, PRIVATE = 2000, 3000
SECOND = timedelta(seconds=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gaps(clock):
    return Gaps(clock)


def test_the_first_session_has_missed_what_was_before_the_process(gaps):
    gaps.renewed(0)
    assert gaps.take(0) is None


def test_a_first_session_that_broke_at_once_is_still_the_first(gaps):
    gaps.renewed(0)
    gaps.lost(0)
    gaps.renewed(0)
    assert gaps.take(0) is None


def test_a_new_session_has_missed_what_was_since_the_loss(gaps, clock):
    gaps.take(0)
    gaps.lost(0)
    clock.now += 5 * SECOND
    gaps.lost(0)
    gaps.renewed(0)
    clock.now += 5 * SECOND
    assert gaps.take(0) == NOON


def test_a_resumed_session_has_missed_nothing(gaps, clock):
    gaps.take(0)
    gaps.lost(0)
    gaps.resumed(0)
    clock.now += 5 * SECOND
    gaps.lost(0)
    gaps.renewed(0)
    assert gaps.take(0) == NOON + 5 * SECOND


def test_two_losses_before_anybody_looks_are_one_gap(gaps, clock):
    gaps.take(0)
    gaps.lost(0)
    gaps.renewed(0)
    clock.now += 5 * SECOND
    gaps.lost(0)
    gaps.renewed(0)
    assert gaps.take(0) == NOON


def test_a_look_while_the_line_is_down_leaves_the_new_gap_open(gaps, clock):
    gaps.renewed(0)
    gaps.lost(0)
    assert gaps.take(0) is None
    clock.now += 5 * SECOND
    gaps.renewed(0)
    assert gaps.take(0) == NOON


def test_shards_have_gaps_of_their_own(gaps, clock):
    gaps.take(0)
    gaps.lost(0)
    gaps.renewed(0)
    assert gaps.take(1) is None
    clock.now += 5 * SECOND
    assert gaps.take(1) == clock.now
    assert gaps.take(0) == NOON


@pytest.mark.parametrize(
    ("last", "earliest", "after"),
    [
        (NOON, NOON - timedelta(hours=1), NOON - MARGIN),
        (NOON, NOON - SECOND, NOON - SECOND),
        (NOON, NOON + SECOND, NOON + SECOND),
    ],
)
def test_after_a_start_what_follows_the_last_known_message_counts(last, earliest, after):
    assert after_known(heard(GENERAL, str(time_snowflake(last))), earliest) == after


def heard(chat: int, message: str = "1", *, private: bool = False, thread: str = "") -> Heard:
    return Heard(Scope("discord", str(chat), thread), private, message)


class Client:
    """As much of a client as a history needs. `calls`: which channels were fetched or read."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.cached: dict[int, Any] = {}
        self.there: dict[int, Any] = {}

    def get_channel(self, number: int) -> Any:
        return self.cached.get(number)

    async def fetch_channel(self, number: int) -> Any:
        self.calls.append(f"fetch {number}")
        if number in self.there:
            return self.there[number]
        raise gone()


def channel(client: Client, number: int, *ages: float, shard: int = 0) -> Any:
    """A channel with messages of so many seconds before noon, oldest first."""
    found = Mock(spec=discord.TextChannel, id=number)
    found.guild = Mock(spec=discord.Guild, shard_id=shard)
    ids = [time_snowflake(NOON - timedelta(seconds=age)) + n for n, age in enumerate(ages)]
    found.last_message_id = ids[-1] if ids else None

    async def history(*, limit: int, oldest_first: bool) -> Any:
        client.calls.append(f"read {number}")
        assert (limit, oldest_first) == (catch_up.MOST_LOOKED_AT, False)
        for one in reversed(ids):
            yield SimpleNamespace(id=one, channel=found)

    found.history = history
    client.cached[number] = client.there[number] = found
    return found


def gone() -> discord.NotFound:
    response: Any = SimpleNamespace(status=404, reason="", headers={})
    return discord.NotFound(response, {"code": 10003, "message": "Unknown Channel"})


async def found(
    client: Client, *known: Heard, shard: int = 0, most: int = 20, asks: Any = lambda _: True
) -> list[tuple[int, int]]:
    """Which messages are found after 12:00 less 100 seconds: the channel, and their age."""
    history = History(client, asks, most)  # type: ignore[arg-type]
    seen = history.since(known, shard, lambda _: NOON - timedelta(seconds=100))
    return [
        (one.channel.id, round((NOON - snowflake_time(one.id)).total_seconds()))
        async for one in seen
    ]


async def test_what_is_later_than_the_gap_is_found_oldest_first():
    client = Client()
    channel(client, GENERAL, 200, 99, 50, 1)
    assert await found(client, heard(GENERAL)) == [(GENERAL, 99), (GENERAL, 50), (GENERAL, 1)]


async def test_of_too_many_the_latest_are_found():
    client = Client()
    channel(client, GENERAL, 99, 50, 1)
    assert await found(client, heard(GENERAL), most=2) == [(GENERAL, 50), (GENERAL, 1)]


async def test_what_is_not_for_the_bot_counts_for_nothing():
    client = Client()
    room = channel(client, GENERAL, 99, 50, 1)
    late = room.last_message_id
    assert await found(client, heard(GENERAL), most=2, asks=lambda one: one.id != late) == [
        (GENERAL, 99),
        (GENERAL, 50),
    ]


async def test_a_quiet_channel_is_not_read():
    client = Client()
    channel(client, GENERAL, 200)
    channel(client, GENERAL + 1)
    assert await found(client, heard(GENERAL), heard(GENERAL + 1)) == []
    assert client.calls == [f"read {GENERAL + 1}"]  # of which Discord does not say it


async def test_channels_of_other_shards_and_of_unknown_servers_are_left_alone():
    client = Client()
    channel(client, GENERAL, 1, shard=1)
    private = channel(client, PRIVATE, 1)
    del client.cached[PRIVATE]
    assert private.id == PRIVATE
    known = [heard(GENERAL), heard(77), heard(PRIVATE, private=True)]
    assert await found(client, *known, shard=0) == [(PRIVATE, 1)]
    assert await found(client, *known, shard=1) == [(GENERAL, 1)]
    assert client.calls == [f"fetch {PRIVATE}", f"read {PRIVATE}", f"read {GENERAL}"]


async def test_a_thread_is_on_the_shard_of_its_channel():
    client = Client()
    channel(client, GENERAL, shard=1)
    channel(client, 2001, 1)
    del client.cached[2001]
    assert await found(client, heard(GENERAL, thread="2001"), shard=1) == [(2001, 1)]
    assert await found(client, heard(GENERAL, thread="2001"), shard=0) == []


async def test_a_channel_that_is_gone_hides_no_other():
    client = Client()
    channel(client, GENERAL, 1)
    channel(client, 2001)
    known = [heard(PRIVATE, private=True), heard(2001, thread="77"), heard(GENERAL)]
    assert await found(client, *known) == [(GENERAL, 1)]


async def test_what_holds_no_messages_is_passed_over():
    client = Client()
    client.cached[GENERAL] = Mock(spec=discord.ForumChannel, guild=Mock(spec=discord.Guild))
    client.cached[GENERAL].guild.shard_id = 0
    assert await found(client, heard(GENERAL)) == []


async def test_only_so_many_channels_are_looked_at(monkeypatch):
    monkeypatch.setattr(catch_up, "MOST_CHANNELS", 2)
    client = Client()
    numbers = range(GENERAL, GENERAL + 5)
    for number in numbers:
        channel(client, number, 1, shard=number % 2)
    known = [heard(number) for number in numbers]
    assert await found(client, *known) == [(GENERAL, 1), (GENERAL + 2, 1)]


async def test_a_broken_line_is_tried_again_a_few_times(monkeypatch, caplog):
    monkeypatch.setattr(catch_up, "_PAUSE_SECONDS", 0)
    client = Client()
    channel(client, GENERAL, 1)
    broken = channel(client, 2001, 1)

    def history(**_: Any) -> Any:
        client.calls.append("broken")
        raise ConnectionResetError

    broken.history = history
    assert await found(client, heard(2001), heard(GENERAL)) == [(GENERAL, 1)]
    assert client.calls == ["broken"] * 3 + [f"read {GENERAL}"]
    assert "not looked at" in caplog.text
