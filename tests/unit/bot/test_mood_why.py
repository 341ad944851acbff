"""/mood why: the person's own messages that moved their average, shown where they may be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messages import Scope
from bot.mood_why import movers
from bot.own_words import excerpt
from bot.stored import inbound
from bot.texts.sentences import LANGUAGES, say, section_of
from storage.reading import Reading
from storage.records import Label
from tests.fakes import felt, said
from tests.unit.bot.asking import PersonalStore, told

both = pytest.mark.parametrize("language", LANGUAGES)
GROUP = Scope("console", "group")


async def heard(
    store: PersonalStore, text: str, valence: float, label: str = "neutral", **changes: Any
) -> int:
    """A message that was read so; its number."""
    turn = (await store.receive(inbound(said(text, **changes), "en"))).turn
    read = Label("sentiment", label, {label: 0.91}, valence, 0.91, "tiny", "7")
    await store.complete(turn.id, "hi", read)
    return turn.id


async def lively() -> PersonalStore:
    store = PersonalStore("on")
    for text, valence in (("bright", 0.9), ("sunny", 0.8), ("fine", 0.7), ("good", 0.6)):
        await heard(store, text, valence, "positive")
    for text, valence in (("low", -0.9), ("so so", 0.05), ("same", 0.05), ("meh", 0.0)):
        await heard(store, text, valence, "negative" if valence < 0 else "neutral")
    return store


@both
async def test_up_to_three_each_way_with_date_words_label_and_confidence(language):
    text = (await told("/mood why", await lively(), language=language)).text
    lines = text.splitlines()
    up, down = (lines.index(say(language, f"commands.why_{way}")) for way in ("up", "down"))
    today, words = f"{datetime.now(UTC):%Y-%m-%d}", section_of(language, "console")
    shown = [line for line in lines if line.startswith(today)]
    assert [line.split("“")[1].split("”")[0] for line in shown] == [
        "bright", "sunny", "fine", "low", "meh", "same"
    ]  # fmt: skip
    assert (up, down, len(lines)) == (1, 5, 10)
    assert words["positive"] in shown[0]
    assert words["negative"] in shown[3]
    assert all("91%" in line for line in shown)
    assert lines[-1] == say(language, "commands.why_how")


@both
async def test_what_was_set_right_counts_and_says_so(language):
    store = await lively()
    await store.correct("console", "ann", 5, "positive", 0.9)
    text = (await told("/mood why", store, language=language)).text
    words = section_of(language, "console")
    facts = {"id": 5, "day": f"{datetime.now(UTC):%Y-%m-%d}", "words": "“low”", "share": "91%"}
    line = say(
        language, "commands.why_corrected", word=words["negative"], meant=words["positive"], **facts
    )
    lines = text.splitlines()
    assert lines.index(line) < lines.index(say(language, "commands.why_down"))


@both
async def test_of_a_message_that_stays_for_its_mood_alone_it_says_that_the_words_went(language):
    store = await lively()
    store.turns[1]["text"] = ""
    text = (await told("/mood why", store, language=language)).text
    assert f"1{': ' if language == 'en' else '：'}{say(language, 'memory.words_gone')}" in text
    assert "“”" not in text


async def test_days_are_those_of_the_persons_own_clock():
    store = await lively()
    store.zones["console", "ann"] = "Pacific/Kiritimati"
    day = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    assert f"{day}, no. 1" in (await told("/mood why", store)).text


async def test_in_private_a_groups_words_are_not_shown_but_counted():
    store = await lively()
    await heard(store, "group words", -1.0, scope=GROUP, private=False)
    text = (await told("/mood why", store)).text
    assert "from 9 messages" in text
    assert "group words" not in text
    assert text.endswith(say("en", "commands.why_elsewhere", n=1))


@both
async def test_in_a_group_no_private_words_are_shown_even_to_oneself(language):
    store = await lively()
    await heard(store, "group words", -1.0, scope=GROUP, private=False)
    await heard(store, "other group", -1.0, scope=Scope("console", "x"), private=False)
    here: dict[str, Any] = {"scope": GROUP, "private": False, "ephemeral": True}
    text = (await told("/mood why", store, language=language, **here)).text
    assert "group words" in text
    for private in ("bright", "sunny", "low", "meh", "other group"):
        assert private not in text


async def test_a_private_scope_that_has_become_a_group_shows_nothing_private():
    store = await lively()
    here: dict[str, Any] = {"scope": Scope("console", "ann"), "private": False, "ephemeral": True}
    assert "bright" not in (await told("/mood why", store, **here)).text


@both
async def test_where_all_are_alike_none_stands_out(language):
    store = PersonalStore("on")
    for _ in range(5):
        await felt(store, 0.3)
    text = (await told("/mood why", store, language=language)).text
    assert text.endswith(say(language, "commands.why_none"))


@pytest.mark.parametrize("asked", ["/mood why 7", "/mood 7 why", "/Mood WHY 7", "/mood 7 为什么"])
async def test_days_and_why_come_in_any_order(asked):
    store = PersonalStore("on")
    assert (await told(asked, store)).text == say("en", "commands.mood_few", n=0, days=7, needed=5)


@both
async def test_below_five_messages_nothing_is_explained(language):
    store = PersonalStore("on")
    for _ in range(4):
        await heard(store, "words", 0.5)
    await heard(store, "words", 0.5, user="bo")
    notice = await told("/mood why", store, language=language)
    assert notice.text == say(language, "commands.mood_few", n=4, days=30, needed=5)
    for wrong in ("/mood why week", "/mood why 366"):
        notice = await told(wrong, store, language=language)
        assert notice.text == say(language, "commands.mood_days", most=365)


async def test_it_fits_every_platform_however_long_the_messages_are():
    store = PersonalStore("on")
    for number in range(8):
        await heard(store, "👩‍👩‍👧‍👦é̩̩̩" * 500, 0.9 if number % 2 else -0.9)
    assert len((await told("/mood why", store)).text) <= 1900


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("two\n\n lines ", "two lines"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60 + "…"),
        ("👩‍👩‍👧‍👦" * 20, "👩‍👩‍👧‍👦" * 20),
        ("`code` \u202etxet", "'code' txet"),
        ("", ""),
    ],
)
def test_an_excerpt_is_one_line_and_cuts_no_character(text, shown):
    assert excerpt(text) == shown


def reading(number: int, valence: float) -> Reading:
    return Reading(number, datetime.now(UTC), "", True, "", "", "neutral", valence, 0.9)


@given(st.lists(st.floats(-1, 1), min_size=5, max_size=12))
def test_those_without_which_the_average_moves_most_come_first(valences):
    mean = sum(valences) / len(valences)
    readings = [reading(number, valence) for number, valence in enumerate(valences)]

    def without(one: Reading) -> float:
        return float((sum(valences) - one.counts) / (len(valences) - 1))

    up, down = movers(readings, mean)
    assert len(up) <= 3 >= len(down)
    for moved, sign in ((up, 1), (down, -1)):
        moves = [sign * (mean - without(one)) for one in moved]
        assert all(move > 0 for move in moves)
        others = [sign * (mean - without(one)) for one in readings if one not in moved]
        assert len(moved) < 3 or max(others, default=-9) <= min(moves) + 1e-9
