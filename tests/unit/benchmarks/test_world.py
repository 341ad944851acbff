"""The invented year: of the size that was asked for, as skewed as it says, the same each time."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks import filling
from benchmarks.world import CHANNELS, DAYS, SERVERS, World
from storage.models import Base

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
WORLD = World(10_001, 500, UNTIL)


def test_it_has_the_turns_that_were_asked_for_half_of_them_in_private():
    said = list(WORLD.said())
    chats = {chat.id: chat for chat in WORLD.chats()}
    assert [one.id for one in said] == list(range(1, 10_002))
    assert sum(chats[one.chat].private for one in said) == 5_000
    assert len([chat for chat in chats.values() if not chat.private]) == SERVERS * CHANNELS
    assert all(UNTIL - timedelta(days=DAYS) <= one.at <= UNTIL for one in said)
    assert [one.at for one in said] == sorted(one.at for one in said)
    assert all(-1 <= one.valence <= 1 for one in said)


def test_who_is_alone_talks_alone_and_the_first_server_is_the_biggest():
    chats = {chat.id: chat for chat in WORLD.chats()}
    servers: Counter[str] = Counter()
    for one in WORLD.said():
        chat = chats[one.chat]
        assert (one.person <= WORLD.alone) == chat.private
        assert not chat.private or one.person == one.chat
        servers[chat.server] += not chat.private
    assert servers.most_common(1)[0][0] == "server01"
    assert servers["server01"] > 5 * servers["server20"] > 0


def test_the_same_numbers_give_the_same_world():
    assert list(itertools.islice(WORLD.said(), 500)) == list(itertools.islice(WORLD.said(), 500))


@pytest.mark.parametrize(
    "table", [filling.PEOPLE, filling.CONVERSATIONS, filling.TURNS, filling.LABELS]
)
def test_every_column_without_a_default_is_filled(table: filling.Table):
    name, columns = table
    needed = {
        column.name
        for column in Base.metadata.tables[name].columns
        if not column.nullable and column.server_default is None
    }
    assert needed - {"id"} <= {*columns} <= {*Base.metadata.tables[name].columns.keys()}


def test_rows_fit_their_columns():
    for (_, columns), some in filling.rows(WORLD):
        assert all(len(row) == len(columns) for row in some)
