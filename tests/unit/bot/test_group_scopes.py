"""Parts of an installation: what they are called, and that none singles anybody out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import group_scopes
from bot.group_scopes import By, parts, together
from bot.group_trend import first_day, pieces_of
from storage.admin_records import Group
from storage.records import GroupMood
from storage.store import Store
from tests.fake_groups import FeltGroups
from tests.unit.bot.serving import days_of, mood
from tests.unit.bot.test_group_trend import TODAY, Message, ago

HOME, ALSO_HOME = Group("discord", "900", "10"), Group("discord", "900", "11")
AWAY, CHAT = Group("discord", "901", "20"), Group("telegram", "", "-100")
OLD = Group("discord", "", "10")
"""What was said in a channel before its server was known."""

GROUPS = (HOME, ALSO_HOME, AWAY, CHAT, OLD)


@pytest.mark.parametrize(
    ("by", "named"),
    [
        (By.SERVER, {"discord:server:900": (HOME, ALSO_HOME), "discord:server:901": (AWAY,)}),
        (
            By.GROUP,
            {
                "discord:10": (OLD,),
                "discord:server:900": (HOME, ALSO_HOME),
                "discord:server:901": (AWAY,),
                "telegram:-100": (CHAT,),
            },
        ),
        (
            By.CHANNEL,
            {
                "discord:10": (HOME, OLD),
                "discord:11": (ALSO_HOME,),
                "discord:20": (AWAY,),
                "telegram:-100": (CHAT,),
            },
        ),
        (By.ALL, {"all": GROUPS}),
    ],
)
def test_parts_are_whole_groups_by_name(by, named):
    assert {name: tuple(those) for name, those in parts(GROUPS, by).items()} == named


def test_of_nothing_there_is_only_everything():
    assert parts((), By.ALL) == {"all": []}
    assert all(parts((), by) == {} for by in By if by is not By.ALL)


async def told(felt: Mapping[Group, Sequence[GroupMood]], by: By) -> dict[str, int | None]:
    """About how many messages each part tells of."""
    store = cast("Store", FeltGroups(felt))
    found = await group_scopes.trends(store, by, 30, 5, today=TODAY)
    return {part.name: part.trend.messages if part.trend else None for part in found}


async def test_each_part_is_told_of_its_own_and_too_few_people_are_named_as_nothing():
    felt = {
        HOME: days_of(TODAY, [1, 2], 5, chat_id="10"),
        ALSO_HOME: days_of(TODAY, [1], 4, chat_id="11"),
        CHAT: days_of(TODAY, [3], 5, chat_id="-100"),
    }
    assert await told(felt, By.SERVER) == {"discord:server:900": 10}
    assert await told(felt, By.GROUP) == {"discord:server:900": 10, "telegram:-100": 5}
    by_channel = {"discord:10": 10, "discord:11": None, "telegram:-100": 5}
    assert await told(felt, By.CHANNEL) == by_channel
    assert await told(felt, By.ALL) == {"all": 15}


async def test_of_a_server_that_turned_moods_off_nothing_counts_anywhere():
    felt = {
        HOME: days_of(TODAY, [1, 2], 5, chat_id="10"),
        CHAT: days_of(TODAY, [3], 5, chat_id="-100"),
    }
    store = cast("Store", FeltGroups(felt, "900"))
    found = {
        part.name: (part.trend.messages if part.trend else None, part.off)
        for by in By
        for part in await group_scopes.trends(store, by, 30, 5, today=TODAY)
    }
    assert found == {
        "discord:server:900": (None, True),
        "discord:10": (None, True),
        "telegram:-100": (5, False),
        "all": (5, False),
    }


async def test_people_of_different_groups_never_make_up_one_another():
    """Three here and three there, whatever their channels are called, are too few and too few."""
    felt = {group: days_of(TODAY, range(1, 9), 3, chat_id="10") for group in (HOME, OLD)} | {
        CHAT: days_of(TODAY, range(1, 9), 4, chat_id="-100")
    }
    for by in By:
        assert set((await told(felt, by)).values()) == {None}


# --- nobody can be singled out, whatever is taken from whatever

people = st.integers(0, 11)
days_ago = st.sampled_from([0, 1, 2, 3, 5, 8, 9, 10, 11, 35, 60])
hours = st.sampled_from([9, 15])
histories = st.lists(
    st.tuples(people, days_ago, hours, st.sampled_from(GROUPS)), min_size=20, max_size=160
)


def answers(
    felt: Mapping[Group, Sequence[Message]], min_people: int, keep_days: int | None
) -> set[frozenset[GroupMood]]:
    """Which messages count together in whatever can be asked: every part, by every way to part,
    over every window, on several days, at noon and again at night; and each point of a picture."""
    found: set[frozenset[GroupMood]] = set()
    for now in (datetime.combine(ago(day), time(12), UTC) for day in (0, 1, 2, 9, 40)):
        for asked_at in (now, now + timedelta(hours=11)):
            kept_from = asked_at - timedelta(days=keep_days or 9999)
            for days in (7, 30, 90):
                first = datetime.combine(first_day(now.date(), days, keep_days), time(), UTC)
                seen = {
                    group: [m for at, m in said if max(first, kept_from) <= at <= asked_at]
                    for group, said in felt.items()
                }
                for by in By:
                    for those in parts([*felt], by).values():
                        pieces = pieces_of(together(seen, those), now.date(), days, min_people)
                        counted = [frozenset(map(nameless, piece.moods)) for piece in pieces]
                        found |= {*counted, frozenset[GroupMood]().union(*counted)}
    return found


def nameless(mood: GroupMood) -> GroupMood:
    """One message, whatever its channel is called: its valence tells it from every other."""
    return replace(mood, chat_id="")


@settings(max_examples=30, deadline=None)
@given(histories, st.sampled_from([5, 7]), st.sampled_from([None, 31, 45]))
def test_no_subtraction_of_parts_leaves_fewer_people_than_the_least(told_, min_people, keep_days):
    felt: dict[Group, list[Message]] = {group: [] for group in GROUPS}
    for n, (person, day, hour, group) in enumerate(told_):
        at = datetime.combine(ago(day), time(hour, 0, n % 60), UTC)
        felt[group].append((at, mood(person, ago(day), n / 1000, group.chat_id)))
    known = answers(felt, min_people, keep_days)
    # All that can be told apart: messages that count in exactly the same answers.
    alike: defaultdict[tuple[bool, ...], set[int]] = defaultdict(set)
    for m in (nameless(one) for said in felt.values() for _, one in said):
        alike[tuple(m in answer for answer in known)].add(m.person_id)
    for counted, who in alike.items():
        assert not any(counted) or len(who) >= min_people
