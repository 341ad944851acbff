"""What a person may ask Warmline itself: help, their own trend, and to be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from adapters.messages import Notice, Scope
from bot import commands
from bot.commands import mood_in_words
from bot.texts.sentences import say
from bot.trends import Direction, Trend, summarise
from storage.errors import DatabaseBusy, ErasureUnfinished
from storage.records import Receipt
from storage.store import Store
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, felt, said


async def ask(
    text: str, store: MemoryStore | None = None, engine: FakeEngine | None = None, **changes
) -> Notice:
    language = changes.pop("language", "en")
    message = said(text, **changes)
    found = cast("Store | None", store)
    return await commands.run(commands.Context(found, engine or FakeEngine(), message, language))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("text", ["/help", "/start", "/HELP", "  /help please", "/help\nme"])
async def test_help_says_what_can_be_asked(language, text):
    assert await ask(text, language=language) == Notice(say(language, "commands.help"), "command")


@pytest.mark.parametrize("text", ["/", "/nonsense", "/ help", "//", "/forgetful", "/帮助"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_unknown_command_points_to_help(language, text):
    notice = await ask(text, MemoryStore(), language=language)
    assert notice == Notice(say(language, "commands.unknown"), "command")
    assert "/help" in notice.text


@pytest.mark.parametrize("text", ["/mood", "/forget"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_where_nothing_is_kept_that_is_what_is_said(language, text):
    notice = await ask(text, None, language=language)
    assert notice == Notice(say(language, "commands.not_remembered"), "command")


@pytest.mark.parametrize("count", [0, 1, 4])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_below_five_messages_there_is_no_mood(language, count):
    store = MemoryStore()
    for _ in range(count):
        await felt(store, 0.5)
    await felt(store, 0.5, days_ago=31)
    await felt(store, 0.5, user="bo")
    notice = await ask("/mood", store, language=language)
    assert notice.text == say(language, "commands.mood_few", n=count, days=30, needed=5)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_mood_is_told_with_its_count_and_its_band(language):
    store = MemoryStore()
    valences = [-0.9, -0.5, -0.4, -0.6, -0.2, 0.1]
    for number, valence in enumerate(valences):
        await felt(store, valence, days_ago=number)
    notice = await ask("/mood", store, language=language)
    now = datetime.now(UTC)
    trend = summarise([(now - timedelta(days=i), v) for i, v in enumerate(valences)], now, 30)
    assert trend is not None
    assert notice.code == "command"
    for fact in ("6", "30", f"{trend.mean:+.2f}", f"{trend.low:+.2f}", f"{trend.high:+.2f}"):
        assert fact in notice.text
    assert say(language, "commands.feeling_negative") in notice.text
    assert notice.text.endswith(say(language, "commands.mood_note"))


async def test_a_mood_is_the_persons_own_over_all_their_conversations():
    store, elsewhere = MemoryStore(), Scope("console", "group")
    for number in range(3):
        await felt(store, 1.0)
        await felt(store, 1.0, scope=elsewhere)
        await felt(store, -1.0, user="bo", scope=elsewhere, message_id=f"bo{number}")
    text = (await ask("/mood", store)).text
    assert "from 6 messages" in text
    assert "+1.00 on a scale" in text


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
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_trend_has_its_words(language, direction, mean, feeling):
    trend = Trend(30, 12, mean, 0.2, mean - 0.1, mean + 0.1, mean, None, None, direction)
    words = mood_in_words(trend, language)
    assert say(language, f"commands.feeling_{feeling}") in words
    assert say(language, f"commands.{direction}") in words
    assert "{" not in words


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_forget_erases_and_gives_a_receipt(language):
    store, engine = MemoryStore(), FakeEngine()
    for number in range(3):
        await felt(store, 0.5, message_id=f"a{number}")
    await felt(store, 0.5, user="bo")
    notice = await ask("/forget", store, engine, language=language)
    assert notice.code == "forgotten"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for fact in ("3", "beef", today, "UTC"):
        assert fact in notice.text
    assert await store.moods("console", "ann", datetime.min.replace(tzinfo=UTC)) == []
    assert await store.history(100, before=99, limit=99) == []
    assert [row["in"].user_id for row in store.turns.values()] == ["bo"]


async def test_forget_reaches_the_models_memory_of_every_conversation_and_language():
    store, engine = MemoryStore(), FakeEngine()
    group = Scope("console", "group", "thread")
    await felt(store, 0.5)
    await felt(store, 0.5, scope=group)
    await felt(store, 0.5, user="bo")
    await ask("/forget", store, engine)
    assert engine.forgotten == ["100:en", "100:zh", "101:en", "101:zh"]


async def test_somebody_unknown_is_told_that_nothing_was_kept():
    engine = FakeEngine()
    notice = await ask("/forget", MemoryStore(), engine)
    assert notice.code == "forgotten"
    assert notice.text.startswith("There was nothing kept about you. Receipt beef")
    assert engine.forgotten == []


async def test_where_old_bytes_remain_in_the_file_the_rest_is_forgotten_all_the_same():
    store, engine = MemoryStore(), FakeEngine()
    await felt(store, 0.5)
    receipt = Receipt("console:ann", 1, 1, 1, datetime.now(UTC), "beef")
    store.broken["forget"] = ErasureUnfinished("Another program reads the file.", receipt)
    notice = await ask("/forget", store, engine)
    assert notice.code == "forgotten"
    assert "traces may stay" in notice.text
    assert "beef" in notice.text
    assert engine.forgotten == ["100:en", "100:zh"]


@pytest.mark.parametrize("command", ["mood", "forget"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_broken_memory_is_told_in_one_notice(language, command, caplog):
    store = MemoryStore()
    store.broken["moods"] = store.broken["forget"] = DatabaseBusy("Another program holds it.")
    notice = await ask(f"/{command}", store, language=language)
    assert notice == Notice(say(language, "commands.failed"), "command")
    assert "Another program holds it." in caplog.text
