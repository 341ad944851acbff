"""A danger in a conversation is told to the responder: as allowed, in private, after the answer."""

from __future__ import annotations

import asyncio
import logging

import pytest

from adapters.messages import Labelled, Person, Scope, Text
from bot.letters import in_words
from bot.safety import crisis_answer
from bot.texts.sentences import LANGUAGES, say
from engine.base import EngineFailed
from storage.errors import DatabaseBusy
from storage.reaching_records import Letter
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, cancel, chat_on, others_done, said, text_of
from tests.unit.bot.talking import quick, reading
from tests.unit.bot.test_chat_crisis import SAID

ANN, BO = ("console", "ann"), ("telegram", "5")
TOLD = say("en", "alert.told")
WITH_LINE = f"{crisis_answer('en', '')}\n\n{TOLD}"


@pytest.fixture
def store() -> MemoryStore:
    """Ann allowed that Bo is told."""
    store = MemoryStore()
    store.known.add(BO)
    store.alerts[ANN] = BO
    return store


def opened(engine: FakeEngine, store: MemoryStore, responder: tuple[str, str] | None = BO):
    return chat_on(engine, store, responder=responder)


@pytest.mark.parametrize("kind", SAID)
async def test_of_what_befalls_the_person_themself_it_is_told_and_of_nothing_else(kind, store):
    events = await answer(opened(FakeEngine(), store), said(SAID[kind]))
    told = kind in ("self", "abuse")
    assert [one.facts["danger"] for one in store.letters] == [kind] * told
    assert text_of(events).endswith(f"\n\n{TOLD}") == told
    assert text_of(events).startswith(crisis_answer("en", "", kind))


async def test_the_answer_comes_first_then_the_letter_then_the_line(store):
    engine = FakeEngine()
    events = await answer(opened(engine, store), said("i want to die"))
    first, line, labelled = events[:3]
    assert first == Text(crisis_answer("en", ""), whole=True)
    assert line == Text(f"\n\n{TOLD}", whole=True)
    assert isinstance(labelled, Labelled)
    assert store.turns[1]["reply"] == WITH_LINE
    (letter,) = store.letters
    assert ((letter.platform, letter.user_id), letter.kind) == (BO, "alert")
    assert [kind for _, _, kind in store.crises] == ["self"]


async def test_the_line_is_in_the_persons_language(store):
    events = await answer(opened(FakeEngine(), store), said("我不想活了"))
    assert text_of(events).endswith(say("zh", "alert.told"))


async def test_it_is_off_by_default_and_a_yes_is_to_one_responder_alone(store):
    for responder in (None, ("telegram", "6")):
        events = await answer(opened(FakeEngine(), store, responder), said("i want to die"))
        assert text_of(events) == crisis_answer("en", "")
    events = await answer(opened(FakeEngine(), store), said("i want to die", user="ben"))
    assert text_of(events) == crisis_answer("en", "")
    assert store.letters == []


@pytest.mark.parametrize(
    "changes",
    [
        {"private": False},
        {"private": False, "ephemeral": True},
        {"remember": False},
    ],
)
async def test_never_of_what_was_said_among_others_or_is_not_kept(changes, store):
    events = await answer(opened(FakeEngine(), store), said("i want to die", **changes))
    assert text_of(events) == crisis_answer("en", "")
    assert store.letters == []


async def test_the_responders_own_danger_is_told_to_nobody(store):
    store.alerts[BO] = BO
    message = said("i want to die", scope=Scope(*BO), person=Person(*BO))
    assert text_of(await answer(opened(FakeEngine(), store), message)) == crisis_answer("en", "")
    assert store.letters == []


async def test_ordinary_words_and_are_you_human_tell_nobody(store):
    chat = opened(FakeEngine(), store)
    for words in ("I lost my keys", "are you human?"):
        assert TOLD not in text_of(await answer(chat, said(words)))
    assert store.letters == []


async def test_the_second_within_the_hour_has_no_line(store):
    chat = opened(FakeEngine(), store)
    await answer(chat, said("i want to die"))
    assert text_of(await answer(chat, said("i want to die"))) == crisis_answer("en", "")
    assert len(store.letters) == 1


async def test_where_it_cannot_be_written_the_answer_stands_and_no_line_claims_it(store, caplog):
    store.broken["write_alert"] = DatabaseBusy("Another program holds it.")
    events = await answer(opened(FakeEngine(), store), said("i want to die"))
    assert text_of(events) == store.turns[1]["reply"] == crisis_answer("en", "")
    assert [kind for _, _, kind in store.crises] == ["self"]
    assert "the responder is not told: Another program holds it." in caplog.text


async def test_where_it_fails_at_first_it_is_written_at_the_end_without_a_line(store):
    engine = FakeEngine()
    go = asyncio.Event()
    engine.before_score = [go]
    store.broken["write_alert"] = DatabaseBusy("Another program holds it.")
    task = asyncio.create_task(answer(opened(engine, store), said("i want to die")))
    await engine.waiting.acquire()
    del store.broken["write_alert"]
    go.set()
    assert text_of(await task) == crisis_answer("en", "")
    assert len(store.letters) == 1


async def test_it_waits_for_no_label_and_stands_where_there_is_none(store):
    engine = FakeEngine()
    engine.before_score = [EngineFailed("gone")]
    events = await answer(opened(engine, store), said("i want to die"))
    assert text_of(events) == WITH_LINE
    assert len(store.letters) == 1


async def test_whoever_leaves_before_the_line_is_told_of_all_the_same(store):
    events = opened(FakeEngine(), store)(said("i want to die"))
    async for event in events:
        if isinstance(event, Text):
            break
    await events.aclose()
    await others_done()
    assert len(store.letters) == 1
    assert store.turns[1]["reply"] == crisis_answer("en", "")


async def test_a_danger_in_a_second_message_of_the_turn_is_told_too(store):
    engine, go = reading()
    chat = opened(engine, store)
    first = asyncio.create_task(answer(chat, quick("i want to", "m1")))
    await engine.waiting.acquire()
    second = asyncio.create_task(answer(chat, quick("kill myself", "m2")))
    go.set()
    texts = [text_of(await task) for task in (first, second)]
    assert sum(TOLD in text for text in texts) == 1
    assert len(store.letters) == 1


async def test_another_answer_to_it_tells_nobody_again(store):
    chat = opened(FakeEngine(), store)
    await answer(chat, said("i want to die"))
    store.told.clear()
    assert text_of(await answer(chat, said("/retry"))) == crisis_answer("en", "")
    assert len(store.letters) == 1


async def test_a_cancel_in_the_middle_writes_it_once(store):
    engine = FakeEngine()
    engine.before_score = [asyncio.Event()]
    task = asyncio.create_task(answer(opened(engine, store), said("i want to die")))
    await engine.waiting.acquire()
    await cancel(task)
    assert len(store.letters) == 1


async def test_no_line_of_the_log_names_the_responder(store, caplog):
    caplog.set_level(logging.INFO)
    store.broken["write_alert"] = DatabaseBusy("Another program holds it.")
    await answer(opened(FakeEngine(), store), said("i want to die"))
    assert "telegram:5" not in caplog.text


# --- what the responder reads


def letter(name: str = "Ann", danger: str = "self") -> Letter:
    facts = {"who": "telegram:7", "name": name, "danger": danger}
    facts["at"] = "2026-03-01T22:05:00+00:00"
    return Letter(1, *BO, "alert", facts, MemoryStore().now())


@pytest.mark.parametrize("danger", ["self", "abuse"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_who_when_and_of_which_kind(language, danger):
    words = in_words(letter(danger=danger), language)
    assert "Ann (telegram:7)" in words
    assert "22:05" in words
    other = {"self": "abuse", "abuse": "self"}[danger]
    assert words != in_words(letter(danger=other), language)


def test_where_the_responders_language_is_unknown_it_is_in_both():
    english, chinese = in_words(letter(), "").split("\n")
    assert english == in_words(letter(), "en")
    assert chinese == in_words(letter(), "zh")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "telegram:7 "),
        ("  \n ", "telegram:7 "),
        ("李伟", "李伟 (telegram:7) "),
        ("[x](http://evil.example)", "xhttpevil.example (telegram:7) "),
        ("@everyone", "everyone (telegram:7) "),
        ("a\n\nCall me\u202e", "a Call me (telegram:7) "),
        ("x" * 200, f"{'x' * 40} (telegram:7) "),
    ],
)
def test_a_name_is_no_more_than_letters(name, shown):
    assert in_words(letter(name), "en").startswith(shown)
