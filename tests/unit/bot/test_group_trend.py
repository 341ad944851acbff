"""A group's trend: what it is, and that nobody can be told from it, by whatever subtraction."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.group_trend import (
    BLOCK_DAYS,
    GroupTrend,
    Stretch,
    first_day,
    pieces_of,
    summarise,
)
from bot.trends import Direction
from storage.records import GroupMood
from tests.unit.bot.serving import days_of, mood

# A Monday, the first day of a block: so a whole block lies before it.
TODAY = date(2026, 3, 30)
FIVE = 5


def told(moods: list[GroupMood], days: int = 30, min_people: int = FIVE) -> GroupTrend:
    found = summarise(moods, TODAY, days, min_people)
    assert found is not None
    return found


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


# --- what is told


def test_each_person_counts_once_however_much_they_write():
    quiet = [mood(person, ago(2), 0.5) for person in range(1, 5)]
    loud = [mood(0, ago(2), -1.0)] * 24
    trend = told(quiet + loud)
    assert trend.mean == pytest.approx((4 * 0.5 - 1) / 5)
    assert trend.shares == (80, 0, 20)


def test_the_band_is_students_over_people_rounded_outward():
    means = [0.31, -0.12, 0.48, 0.07, 0.22, -0.3]
    trend = told([mood(person, ago(3), mean) for person, mean in enumerate(means)])
    margin = 2.570582 * statistics.stdev(means) / 6**0.5  # t of 5 degrees of freedom
    low, high = 0.11 - margin, 0.11 + margin
    assert trend.mean == pytest.approx(0.1)
    assert low - 0.05 < trend.low <= low
    assert high <= trend.high < high + 0.05


@given(st.lists(st.floats(-1, 1), min_size=5, max_size=12))
def test_what_is_told_is_rounded_within_the_scale_and_in_order(means):
    trend = told([mood(person, ago(3), mean) for person, mean in enumerate(means)])
    for value in (trend.mean, trend.low, trend.high):
        assert -1 <= value <= 1
        assert value * 20 == pytest.approx(round(value * 20), abs=1e-9)
    assert trend.low <= trend.mean <= trend.high
    assert abs(trend.mean - sum(means) / len(means)) <= 0.025 + 1e-6
    assert sum(trend.shares) == 100
    assert all(share % 5 == 0 for share in trend.shares)


@pytest.mark.parametrize(
    ("people", "least", "shown"), [(5, 5, 5), (9, 5, 5), (10, 5, 10), (8, 8, 8), (11, 8, 10)]
)
def test_people_are_rounded_down_to_fives(people, least, shown):
    assert told(days_of(TODAY, [1], people), min_people=least).people == shown


@pytest.mark.parametrize(
    ("messages", "shown"), [(5, 5), (7, 5), (8, 10), (43, 45), (99, 100), (123, 120), (1234, 1200)]
)
def test_messages_are_told_as_about_so_many(messages, shown):
    moods = [mood(number % 5, ago(2), 0.0) for number in range(messages)]
    assert told(moods).messages == shown


@pytest.mark.parametrize(
    ("valences", "shares"),
    [
        ([1, 1, 1, 1, 1], (100, 0, 0)),
        ([1, 0, 0, 0, -1], (20, 60, 20)),
        ([0.34, 0.33, -0.33, -0.34, 0.9, 0.9], (50, 35, 15)),
        ([1, 1, 1, 0, 0, 0, -1, -1, -1], (35, 35, 30)),
    ],
)
def test_shares_are_of_people_by_fives_and_sum_to_a_hundred(valences, shares):
    trend = told([mood(person, ago(2), valence) for person, valence in enumerate(valences)])
    assert trend.shares == shares


@pytest.mark.parametrize(
    ("older", "newer", "direction"),
    [
        (0.5, -0.2, Direction.FALLING),
        (-0.2, 0.5, Direction.RISING),
        (0.1, 0.1, Direction.STEADY),
        (0.1, 0.2, Direction.STEADY),
    ],
)
@pytest.mark.parametrize("days", [7, 30, 90])
def test_a_change_is_each_persons_own(older, newer, direction, days):
    moods = days_of(TODAY, [days - 1], 6, older) + days_of(TODAY, [1], 6, newer)
    assert told(moods, days).direction == direction


def test_other_people_in_the_newer_half_are_no_change():
    older = [mood(person, ago(25), 0.9) for person in range(5)]
    newer = [mood(person + 10, ago(2), -0.9) for person in range(5)]
    assert told(older + newer).direction == Direction.UNCLEAR
    # Four who wrote in both halves are too few to tell of.
    both = [mood(person, ago(2), -0.9) for person in range(4)]
    assert told(older + newer + both).direction == Direction.UNCLEAR


def test_a_change_that_people_do_not_share_is_unclear():
    moods = days_of(TODAY, [20], 6, 0.0)
    moods += [mood(person, ago(2), 0.9 if person % 2 else -0.9) for person in range(6)]
    assert told(moods).direction == Direction.UNCLEAR


# --- pieces


def test_below_the_least_number_of_people_there_is_nothing():
    assert summarise([], TODAY, 30, FIVE) is None
    assert summarise(days_of(TODAY, range(1, 28), 4), TODAY, 30, FIVE) is None
    assert summarise(days_of(TODAY, [1], 5), TODAY, 30, 6) is None


def test_the_day_that_is_not_over_does_not_count():
    assert summarise(days_of(TODAY, [0], 9), TODAY, 30, FIVE) is None
    assert told(days_of(TODAY, [0, 1], 9)).messages == 10


def test_days_are_gathered_until_enough_people_wrote():
    moods = [mood(person, ago(10 - person), 0.1 * person) for person in range(7)]
    (piece,) = pieces_of(moods, TODAY, 30, FIVE)
    assert (piece.first, piece.last) == (ago(10), ago(6))
    assert {m.person_id for m in piece.moods} == {0, 1, 2, 3, 4}
    trend = told(moods)
    assert (trend.first, trend.last, trend.messages) == (ago(10), ago(6), 5)


def test_people_of_different_channels_do_not_make_a_piece_together():
    moods = [mood(person, ago(3), 0.0, chat_id=str(person)) for person in range(9)]
    assert summarise(moods, TODAY, 30, FIVE) is None


def test_a_day_of_many_messages_is_as_each_of_them_by_itself():
    valences = [0.9, 0.3, -0.2, -0.8, 0.5, 0.1]
    one_by_one = [mood(person, ago(2), v) for person in range(5) for v in valences]
    in_days = [GroupMood(person, ago(2), "10", 6, sum(valences), 2, 1) for person in range(5)]
    assert summarise(in_days, TODAY, 30, FIVE) == summarise(one_by_one, TODAY, 30, FIVE)


@pytest.mark.parametrize(
    ("days", "counted"), [(7, [1, 7]), (30, [1, 7, 8, 30]), (90, [1, 7, 8, 30, 31, 90])]
)
def test_a_window_has_the_pieces_that_end_in_it(days, counted):
    moods = days_of(TODAY, [1, 7, 8, 30, 31, 90, 91])
    found = pieces_of(moods, TODAY, days, FIVE)
    assert [piece.last for piece in found] == [ago(day) for day in reversed(counted)]


@given(st.dates(date(1971, 1, 1), date(2100, 1, 1)), st.sampled_from([7, 30, 90]))
def test_reading_begins_with_a_block_that_begins_on_a_monday(today, days):
    first = first_day(today, days)
    assert first.weekday() == 0
    assert 0 <= (today - timedelta(days=days) - first).days < BLOCK_DAYS


@given(st.dates(date(1971, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_where_messages_go_by_age_it_begins_with_a_block_of_which_none_has_gone(today, keep_days):
    first = first_day(today, 90, keep_days)
    assert (first - first_day(today, 90)).days % BLOCK_DAYS == 0
    gone = (today - timedelta(days=keep_days), first_day(today, 90) - timedelta(days=1))
    assert 1 <= (first - max(gone)).days <= BLOCK_DAYS


def test_what_is_left_of_a_block_is_left_out():
    start = first_day(TODAY, 30) + timedelta(days=BLOCK_DAYS)
    before = [mood(person, start - timedelta(days=1), 0.0) for person in range(4)]
    after = [mood(9, start, 0.0)]
    assert pieces_of(before + after, TODAY, 30, FIVE) == []


# --- the picture


def test_up_to_thirty_days_are_drawn_by_the_day():
    moods = days_of(TODAY, [1, 3], valence=0.5) + days_of(TODAY, [3], valence=-0.5, chat_id="11")
    assert told(moods).stretches == (
        Stretch(ago(3), ago(3), 0.0, 0.0, 0.0),
        Stretch(ago(1), ago(1), 0.5, 0.5, 0.5),
    )


def test_longer_windows_are_drawn_by_the_week():
    moods = days_of(TODAY, [1, 2, 7, 8, 40], valence=0.5)
    assert [(s.first, s.last) for s in told(moods, 90).stretches] == [
        (ago(40), ago(40)),
        (ago(8), ago(8)),
        (ago(7), ago(1)),
    ]


# --- nobody can be singled out

people = st.integers(0, 11)
# Few days, so that many people meet on one.
days_ago = st.sampled_from([0, 1, 2, 3, 5, 8, 9, 10, 11, 35, 60])
hours = st.sampled_from([9, 15])
channels = st.sampled_from(["a", "b", "c"])
histories = st.lists(st.tuples(people, days_ago, hours, channels), min_size=20, max_size=160)


Message = tuple[datetime, GroupMood]
"""When it was said, and how it counts."""


def answers(
    messages: Sequence[Message], min_people: int, keep_days: int | None = None
) -> set[frozenset[GroupMood]]:
    """Which messages count together in whatever can be asked: each scope and window, and each
    point of its picture, on several days, at noon and again at night; older ones are deleted."""
    found: set[frozenset[GroupMood]] = set()
    for now in (datetime.combine(ago(day), time(12), UTC) for day in (0, 1, 2, 9, 40)):
        for asked_at in (now, now + timedelta(hours=11)):
            kept_from = asked_at - timedelta(days=keep_days or 9999)
            said = [m for at, m in messages if kept_from <= at <= asked_at]
            for days in (7, 30, 90):
                today = now.date()
                first = first_day(today, days, keep_days)
                for channel in (None, "a", "b", "c"):
                    scope = [m for m in said if m.day >= first and channel in (None, m.chat_id)]
                    pieces = pieces_of(scope, today, days, min_people)
                    found |= {frozenset(piece.moods) for piece in pieces}
                    found.add(frozenset(m for piece in pieces for m in piece.moods))
    return found


@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from([5, 7]), st.sampled_from([None, 5, 31, 45, 60]))
def test_no_subtraction_of_answers_leaves_fewer_people_than_the_least(said, min_people, keep_days):
    # The valence tells each message from every other.
    messages = [
        (
            datetime.combine(ago(day), time(hour, 0, n % 60), UTC),
            mood(person, ago(day), n / 1000, channel),
        )
        for n, (person, day, hour, channel) in enumerate(said)
    ]
    known = answers(messages, min_people, keep_days)
    # All that can be told apart: messages that count in exactly the same answers.
    together: defaultdict[tuple[bool, ...], set[int]] = defaultdict(set)
    for _, m in messages:
        together[tuple(m in answer for answer in known)].add(m.person_id)
    for counted, who in together.items():
        assert not any(counted) or len(who) >= min_people


def test_the_same_histories_would_fail_that_without_pieces():
    """The test above has teeth: counting whole windows alone, somebody stands out."""
    moods = days_of(TODAY, range(1, 7), 5)
    moods += [mood(99, ago(20), -1.0), mood(98, ago(2), 1.0, "11")]
    week = {m for m in moods if m.day >= ago(7)}
    month = {m for m in moods if m.day >= ago(30)}
    assert {m.person_id for m in month - week} == {99}
    assert {m.person_id for m in week if m.chat_id != "10"} == {98}
    counted = {
        days: {m for piece in pieces_of(moods, TODAY, days, FIVE) for m in piece.moods}
        for days in (7, 30)
    }
    assert counted[7] == counted[30]
    assert {m.person_id for m in counted[7] if m.chat_id != "10"} == set()


def test_the_order_in_which_moods_come_changes_nothing():
    moods = days_of(TODAY, [1, 3, 5, 20], 6, 0.3) + days_of(TODAY, [2, 4], 3, -0.3, "11")
    shuffled = random.Random(7).sample(moods, len(moods))
    assert summarise(shuffled, TODAY, 30, FIVE) == summarise(moods, TODAY, 30, FIVE)
