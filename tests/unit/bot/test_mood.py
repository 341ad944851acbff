"""/mood: a trend in two sentences and a picture, and only where there is enough to tell."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import File, Notice, Scope
from bot import charts
from bot.mood import mood_in_words
from bot.own_days import own_days
from bot.texts.sentences import LANGUAGES, say
from bot.trends import Direction, Trend, summarise
from storage.records import Preferences
from tests.fakes import felt
from tests.unit.bot.asking import PersonalStore, ask, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("count", [0, 1, 4])
@both
async def test_below_five_messages_there_is_no_mood(language, count):
    store = PersonalStore("on")
    for _ in range(count):
        await felt(store, 0.5)
    await felt(store, 0.5, days_ago=31)
    await felt(store, 0.5, user="bo")
    notice = await told("/mood", store, language=language)
    assert notice.text == say(language, "commands.mood_few", n=count, days=30, needed=5)


@both
async def test_the_mood_is_told_with_its_count_and_its_band(language):
    store = PersonalStore("on")
    valences = [-0.9, -0.5, -0.4, -0.6, -0.2, 0.1]
    for number, valence in enumerate(valences):
        await felt(store, valence, days_ago=number)
    notice, picture = await ask("/mood", store, language=language)
    assert isinstance(notice, Notice)
    assert isinstance(picture, File)
    now = datetime.now(UTC)
    trend = summarise([(now - timedelta(days=i), v) for i, v in enumerate(valences)], now, 30)
    assert trend is not None
    assert notice.code == "command"
    for fact in ("6", "30", f"{trend.mean:+.2f}", f"{trend.low:+.2f}", f"{trend.high:+.2f}"):
        assert fact in notice.text
    assert say(language, "commands.feeling_negative") in notice.text
    assert notice.text.endswith(say(language, "commands.mood_note"))


async def test_a_mood_is_the_persons_own_over_all_their_conversations():
    store, elsewhere = PersonalStore("on"), Scope("console", "group")
    for number in range(3):
        await felt(store, 1.0)
        await felt(store, 1.0, scope=elsewhere)
        await felt(store, -1.0, user="bo", scope=elsewhere, message_id=f"bo{number}")
    notice, _ = await ask("/mood", store)
    assert isinstance(notice, Notice)
    text = notice.text
    assert "from 6 messages" in text
    assert "+1.00 on a scale" in text


@pytest.mark.parametrize(
    ("asked", "days"), [("1", 1), ("7", 7), ("７", 7), ("365", 365), ("007", 7)]
)
async def test_a_mood_is_told_of_as_many_days_as_are_asked_for(asked, days):
    text = (await told(f"/mood {asked} please", PersonalStore("on"))).text
    assert f"in the last {days} days" in text


@pytest.mark.parametrize("asked", ["0", "366", "-7", "7.5", "week", "1e2", "²", "9" * 5000])
@both
async def test_days_that_are_none_are_told_how_to_ask(language, asked):
    notice = await told(f"/mood {asked}", PersonalStore("on"), language=language)
    assert notice == Notice(say(language, "commands.mood_days", most=365), "command")


@pytest.mark.parametrize(("choice", "setting"), [("off", "on"), ("off", "ask"), ("", "off")])
@both
async def test_without_memory_there_is_no_mood_but_a_button_that_turns_it_on(
    language, choice, setting
):
    store = PersonalStore(choice)
    await felt(store, 0.5)
    card = await shown("/mood", store, language=language, fact_mood_memory=setting)
    assert card.text.startswith(say(language, "commands.mood_none"))
    assert pressed(card) == ["/memory moods on"]
    assert "/memory moods on" in card.text
    assert "moods all" not in store.log


async def test_who_was_not_asked_yet_is_asked_when_they_want_their_mood():
    card = await shown("/mood", PersonalStore())
    assert pressed(card) == ["/memory on", "/memory off"]


@pytest.mark.parametrize(
    ("mean", "feeling"),
    [
        (0.15, "positive"),
        (0.9, "positive"),
        (0.14, "neutral"),
        (-0.14, "neutral"),
        (0.0, "neutral"),
        (-0.15, "negative"),
    ],
)
@pytest.mark.parametrize("direction", list(Direction))
@both
def test_every_trend_has_its_words(language, direction, mean, feeling):
    trend = Trend(30, 12, mean, 0.2, mean - 0.1, mean + 0.1, mean, None, None, direction)
    words = mood_in_words(trend, language)
    assert say(language, f"commands.feeling_{feeling}") in words
    assert say(language, f"commands.{direction}") in words
    assert "{" not in words


@pytest.mark.parametrize("days", [1, 7, 30, 31, 90, 365])
@both
async def test_the_picture_comes_with_its_words(language, days):
    store = PersonalStore("on")
    for number in range(6):
        await felt(store, 0.1 * number, days_ago=number * days / 6)
    notice, picture = await ask(f"/mood {days}", store, language=language)
    assert isinstance(notice, Notice)
    assert isinstance(picture, File)
    assert picture.content.startswith(b"\x89PNG")
    today = datetime.now(UTC).date()
    assert picture.name == f"mood-{today}.png"
    assert str(today) in picture.caption
    assert str(today - timedelta(days=days)) in picture.caption
    assert len(picture.caption) <= 200


@pytest.mark.parametrize("zone", ["", "Asia/Shanghai", "UTC-11:00"])
@both
async def test_the_picture_says_on_whose_clock_its_days_are(language, zone):
    store = PersonalStore("on")
    store.zones["console", "ann"] = zone
    for _ in range(5):
        await felt(store, 0.5)
    _, picture = await ask("/mood", store, language=language)
    assert isinstance(picture, File)
    today = own_days(Preferences(zone=zone)).day(datetime.now(UTC))
    assert (zone or "UTC") in picture.caption
    assert picture.name == f"mood-{today}.png"


async def test_the_picture_is_drawn_beside_the_loop(monkeypatch):
    threads = []

    def mood_png(*_: object) -> bytes:
        threads.append(threading.current_thread())
        return b"drawn"

    monkeypatch.setattr(charts, "mood_png", mood_png)
    store = PersonalStore("on")
    for _ in range(5):
        await felt(store, 0.5)
    _, picture = await ask("/mood", store)
    assert isinstance(picture, File)
    assert picture.content == b"drawn"
    assert threads != [threading.current_thread()]


async def test_what_was_set_right_counts():
    store = PersonalStore("on")
    for _ in range(5):
        await felt(store, 0.5)
    for number in range(1, 6):
        await store.correct("console", "ann", number, "negative", -0.9)
    notice, _ = await ask("/mood", store)
    assert isinstance(notice, Notice)
    assert "-0.90 on a scale" in notice.text


@both
async def test_no_sentence_counts_days_in_a_row(language):
    store = PersonalStore("on")
    for number in range(20):
        await felt(store, -0.9, days_ago=number)
    answers = [*await ask("/mood", store, language=language), *await ask("/mood why", store)]
    words = " ".join(a.text for a in answers if isinstance(a, Notice))
    for guilt in ("in a row", "streak", "20 days", "连续", "20 天", "sad", "难过"):
        assert guilt not in words
