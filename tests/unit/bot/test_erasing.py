"""/forget asks once, erases everything, and gives a receipt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.messages import Notice, Scope
from bot.texts.sentences import LANGUAGES, say
from storage.errors import ErasureUnfinished, ErasureUnnoted
from storage.receipts import Part, Receipt
from tests.fakes import FakeEngine, felt
from tests.unit.bot.asking import PersonalStore, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("text", ["/forget", "/forget it", "/forget everything now", "/forget me"])
@both
async def test_forget_asks_first_and_says_what_to_type(language, text):
    store, engine = PersonalStore(), FakeEngine()
    await felt(store, 0.5)
    card = await shown(text, store, engine, language=language)
    ways = ["/forget everything", "/forget no", "/forget mood", "/forget history"]
    assert pressed(card) == ways
    assert all(command in card.text for command in pressed(card))
    assert (len(store.turns), engine.forgotten) == (1, [])


@both
async def test_what_stays_is_said_before_it_is_asked(language):
    card = await shown("/forget", PersonalStore(), language=language, fact_pairing=True)
    assert card.text.endswith(say(language, "commands.forget_pairing"))
    card = await shown("/forget", PersonalStore(), language=language)
    assert say(language, "commands.forget_pairing") not in card.text


@pytest.mark.parametrize("part", [Part.MOOD, Part.HISTORY])
@pytest.mark.parametrize("more", ["", " now", " yes please", " everything"])
@both
async def test_a_part_is_asked_for_once_with_what_to_type(language, part, more):
    store, engine = PersonalStore(), FakeEngine()
    await felt(store, 0.5)
    card = await shown(f"/Forget {part.upper()}{more}", store, engine, language=language)
    assert pressed(card) == [f"/forget {part} yes", "/forget no"]
    assert all(command in card.text for command in pressed(card))
    assert card.text == say(language, f"commands.forget_ask_{part}")
    assert (store.turns[1]["label"] is None, engine.forgotten) == (False, [])


@both
async def test_moods_alone_are_erased_and_the_words_stay(language):
    store, engine = PersonalStore("on"), FakeEngine()
    await felt(store, 0.5, note="lower lately")
    await felt(store, 0.5, user="bo")
    notice = await told("/forget mood yes", store, engine, language=language)
    assert notice.code == "forgotten"
    expected = say(language, "commands.forgotten_mood", labels=1, corrections=0, id="beef", at="")
    assert notice.text.startswith(expected[:-2])
    hers, his = store.turns.values()
    assert (hers["text"], hers["label"], hers["note"]) == ("words", None, "")
    assert his["label"] is not None
    assert store.choices["console", "ann"] == "on"
    assert engine.forgotten == ["100:en", "100:zh"]


@both
async def test_history_is_erased_and_the_choices_stay(language):
    store, engine = PersonalStore("on"), FakeEngine()
    await felt(store, 0.5)
    await felt(store, 0.5, user="bo")
    notice = await told("/forget history yes", store, engine, language=language)
    expected = say(language, "commands.forgotten_history", turns=1, labels=1, id="beef", at="")
    assert notice.text.startswith(expected[:-2])
    assert [row["in"].user_id for row in store.turns.values()] == ["bo"]
    assert store.choices["console", "ann"] == "on"
    assert engine.forgotten == ["100:en", "100:zh"]


@pytest.mark.parametrize("part", [Part.MOOD, Part.HISTORY])
@both
async def test_where_nothing_of_that_part_is_kept_the_receipt_says_so(language, part):
    notice = await told(f"/forget {part} yes", PersonalStore("on"), language=language)
    expected = say(language, "commands.nothing_part", id="beef", at="")
    assert notice.text.startswith(expected[:-2])


@both
async def test_no_keeps_everything(language):
    store, engine = PersonalStore(), FakeEngine()
    await felt(store, 0.5)
    notice = await told("/forget No", store, engine, language=language)
    assert notice == Notice(say(language, "commands.forget_kept"), "command")
    assert (len(store.turns), engine.forgotten) == (1, [])


@pytest.mark.parametrize(
    "text", ["/forget everything", "/Forget  EVERYTHING ", "/forget everything yes"]
)
@both
async def test_everything_erases_and_gives_a_receipt(language, text):
    store, engine = PersonalStore(), FakeEngine()
    for number in range(3):
        await felt(store, 0.5, message_id=f"a{number}")
    await felt(store, 0.5, user="bo")
    notice = await told(text, store, engine, language=language)
    assert notice.code == "forgotten"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for fact in ("3", "beef", today, "UTC"):
        assert fact in notice.text
    assert await store.moods("console", "ann", datetime.min.replace(tzinfo=UTC)) == []
    assert await store.history(100, before=99, limit=99) == []
    assert [row["in"].user_id for row in store.turns.values()] == ["bo"]


async def test_forget_reaches_the_models_memory_of_every_conversation_and_language():
    store, engine = PersonalStore(), FakeEngine()
    group = Scope("console", "group", "thread")
    await felt(store, 0.5)
    await felt(store, 0.5, scope=group)
    await felt(store, 0.5, user="bo")
    await told("/forget everything", store, engine)
    assert engine.forgotten == ["100:en", "100:zh", "101:en", "101:zh"]


async def test_somebody_unknown_is_told_that_nothing_was_kept():
    engine = FakeEngine()
    notice = await told("/forget everything", PersonalStore(), engine)
    assert notice.code == "forgotten"
    assert notice.text.startswith(
        "Done: your name and what you chose are erased; there were no messages"
    )
    assert engine.forgotten == []


async def test_where_old_bytes_remain_in_the_file_the_rest_is_forgotten_all_the_same():
    store, engine = PersonalStore(), FakeEngine()
    await felt(store, 0.5)
    receipt = Receipt("console:ann", 1, 1, 1, datetime.now(UTC), "beef")
    store.broken["forget"] = ErasureUnfinished("Another program reads the file.", receipt)
    notice = await told("/forget everything", store, engine)
    assert notice.code == "forgotten"
    assert "traces may stay" in notice.text
    assert "beef" in notice.text
    assert engine.forgotten == ["100:en", "100:zh"]


@both
async def test_what_is_not_noted_for_backups_is_said(language):
    store, engine = PersonalStore(), FakeEngine()
    await felt(store, 0.5)
    receipt = Receipt("console:ann", 1, 1, 1, datetime.now(UTC), "beef")
    store.broken["forget"] = ErasureUnnoted("forgotten.jsonl cannot be written.", receipt)
    notice = await told("/forget everything", store, engine, language=language)
    expected = say(language, "commands.unnoted", id="beef", at="")
    assert notice.text.startswith(expected[:-2])
    assert engine.forgotten == ["100:en", "100:zh"]
