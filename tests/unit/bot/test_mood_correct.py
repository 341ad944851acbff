"""/mood correct: a person's own word, for their own messages alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.messages import Scope
from bot.stored import inbound
from bot.texts.sentences import LANGUAGES, say, section_of
from storage.errors import DatabaseBusy
from tests.fakes import TASK, FakeEngine, answer, chat_on, said
from tests.unit.bot.asking import PersonalStore, pressed, shown, told
from tests.unit.bot.test_mood_why import heard

both = pytest.mark.parametrize("language", LANGUAGES)
GROUP: dict[str, Any] = {"scope": Scope("console", "group"), "private": False}
FORMS = ["/mood correct", "/mood correct 1", "/mood correct 1 nonsense"]


@pytest.mark.parametrize("asked", FORMS)
@both
async def test_a_card_asks_how_it_was_meant(language, asked):
    store = PersonalStore("on")
    await heard(store, "I lost my keys", -0.8, "negative")
    card = await shown(asked, store, language=language)
    facts = {"day": f"{datetime.now(UTC):%Y-%m-%d}", "words": "“I lost my keys”", "share": "91%"}
    word = section_of(language, "console")["negative"]
    assert card.text == say(language, "commands.correct_ask", word=word, **facts)
    assert pressed(card) == [
        f"/mood correct 1 {choice}" for choice in ("positive", "neutral", "negative", "keep")
    ]


async def test_without_a_number_it_is_the_last_labelled_message_that_may_be_shown_here():
    store = PersonalStore("on")
    await heard(store, "earlier", 0.1)
    await heard(store, "here", 0.1)
    await heard(store, "of the group", 0.1, **GROUP)
    await heard(store, "of bo", 0.1, user="bo")
    await store.receive(inbound(said("unread"), "en"))
    assert "“here”" in (await shown("/mood correct", store)).text
    there = await shown("/mood correct", store, **GROUP, ephemeral=True)
    assert "“of the group”" in there.text


@pytest.mark.parametrize(
    ("typed", "label", "valence"),
    [
        ("positive", "positive", 0.9),
        ("Neutral", "neutral", 0.0),
        ("负面", "negative", -0.9),
    ],
)
@both
async def test_a_word_sets_it_right(language, typed, label, valence):
    store = PersonalStore("on")
    number = await heard(store, "words", -0.2)
    notice = await told(f"/mood correct {number} {typed}", store, language=language)
    word = section_of(language, "console")[label]
    assert notice.text == say(language, "commands.corrected", word=word)
    kept = await store.reading("console", "ann", number)
    assert kept is not None
    assert (kept.corrected, kept.corrected_valence, kept.valence) == (label, valence, -0.2)
    again = await shown("/mood correct", store, language=language)
    assert say(language, "commands.correct_said", meant=word) in again.text


@both
async def test_keep_changes_nothing(language):
    store = PersonalStore("on")
    await heard(store, "words", -0.2)
    notice = await told("/mood correct 1 keep", store, language=language)
    assert notice.text == say(language, "commands.correct_kept")
    assert not any(line.startswith("correct") for line in store.log)


@pytest.mark.parametrize("number", ["2", "3", "4", "99", "-1", "1.0", "x", "9" * 30, "²"])
@pytest.mark.parametrize("rest", ["", " positive", " keep"])
@both
async def test_anothers_message_is_as_unknown_as_one_that_is_not_there(language, number, rest):
    store = PersonalStore("on")
    await heard(store, "mine", 0.1)
    await heard(store, "bo's", 0.1, user="bo")
    await heard(store, "mine in a group", 0.1, **GROUP)
    await store.receive(inbound(said("unread"), "en"))
    notice = await told(f"/mood correct {number}{rest}", store, language=language)
    assert notice.text == say(language, "commands.correct_unknown")
    assert not any("meant" in row for row in store.turns.values())


@both
async def test_where_nothing_is_read_there_is_nothing_to_set_right(language):
    notice = await told("/mood correct", PersonalStore("on"), language=language)
    assert notice.text == say(language, "commands.correct_none")


@pytest.mark.parametrize("asked", [*FORMS, "/mood why", "/mood correct 1 positive"])
async def test_without_memory_or_in_front_of_others_nothing_is_told(asked):
    store = PersonalStore("off")
    await heard(store, "words", 0.1)
    assert pressed(await shown(asked, store)) == ["/memory moods on"]
    store.choices["console", "ann"] = "on"
    notice = await told(asked, store, **GROUP)
    assert notice.text == say("en", "commands.private_only", command="mood")
    assert (await told(asked, None)).text == say("en", "commands.not_remembered")
    store.broken["readings"] = store.broken["reading"] = DatabaseBusy("It is held.")
    assert (await told(asked, store)).text == say("en", "commands.failed")


async def test_somebody_forgotten_meanwhile_is_told_that_it_is_unknown(monkeypatch):
    store = PersonalStore("on")
    await heard(store, "words", 0.1)

    async def gone(*_: object) -> bool:
        return False

    monkeypatch.setattr(store, "correct", gone)
    notice = await told("/mood correct 1 positive", store)
    assert notice.text == say("en", "commands.correct_unknown")


@pytest.mark.parametrize(("where", "bracket"), [({}, "Negative"), (GROUP, "Positive")])
async def test_the_next_prompt_has_the_persons_word_in_private_alone(where, bracket):
    engine, store = FakeEngine(), PersonalStore("on")
    engine.leaning = {"Positive": 9.0}
    chat = chat_on(engine, store, TASK)
    await answer(chat, said("one two", **where))
    await store.correct("console", "ann", 1, "negative", -0.9)
    await answer(chat, said("three four", **where))
    assert engine.streamed[-1].messages[-3].opening[1] == bracket
