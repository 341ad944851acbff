"""The second look in a conversation: after the rules, in private, and never a hindrance."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import Labelled, Text
from bot import responder, wiring
from bot.config import Settings
from bot.config_sections import SafetySettings
from bot.crisis import rulebook, second_look
from bot.crisis.care import CLOSE_FOR
from bot.safety import crisis_answer
from bot.texts.sentences import say
from engine.base import EngineFailed, Message
from engine.tasks import alone
from storage.errors import StorageError
from tests.fake_second_look import SHIPPED, looks, measured_task, seeing
from tests.fake_store import MemoryStore
from tests.fakes import answer, chat_on, said, text_of
from tests.unit.bot.talking import quick, reading

UNSURE = crisis_answer("en", "", "unsure")
HINT = "packed my things into boxes, labelled them for each of you"
SURE, CALM = 3.0, -3.0


def opened(engine, store, task=None, **settings):
    return chat_on(engine, store, second_look=task or measured_task(), **settings)


def noted(store):
    return [kind for _, _, kind in store.crises]


@pytest.mark.parametrize(("language", "text"), [("en", HINT), ("zh", "东西都按你们的名字装好箱了")])
async def test_what_it_sees_gets_the_softer_answer_and_is_noted_and_the_model_writes_nothing(
    language, text
):
    engine, store = seeing(SURE), MemoryStore()
    events = await answer(opened(engine, store), said(text))
    assert text_of(events) == crisis_answer(language, "", "unsure")
    said_first, read = events[:2]
    assert isinstance(said_first, Text)
    assert isinstance(read, Labelled)
    assert read.fixed
    assert looks(engine) == [alone(SHIPPED.words(language), text)]
    assert engine.streamed == []
    assert noted(store) == ["unsure"]
    assert store.turns[1]["reply"] == crisis_answer(language, "", "unsure")


async def test_its_answer_names_the_helpline_of_the_region():
    events = await answer(opened(seeing(SURE), MemoryStore(), region="US"), said(HINT))
    assert "988" in text_of(events)


async def test_where_a_rule_fires_the_model_is_not_asked():
    engine, store = seeing(SURE), MemoryStore()
    events = await answer(opened(engine, store), said("i want to die"))
    assert text_of(events) == crisis_answer("en", "", "self")
    assert looks(engine) == []
    assert noted(store) == ["self"]


async def test_below_the_threshold_it_is_an_ordinary_turn():
    engine, store = seeing(CALM), MemoryStore()
    events = await answer(opened(engine, store), said(HINT))
    assert text_of(events) == "I hear you."
    assert not next(event for event in events if isinstance(event, Labelled)).fixed
    assert len(looks(engine)) == 1
    assert noted(store) == []


async def test_a_message_that_sounds_well_is_asked_about_only_with_one_of_the_words():
    engine = seeing(CALM, negative=-3.0)
    chat = opened(engine, MemoryStore())
    await answer(chat, said("the sun is out"))
    assert looks(engine) == []
    await answer(chat, said("lovely, I found my pills"))
    assert len(looks(engine)) == 1


async def test_the_question_holds_the_message_alone():
    engine = seeing(CALM)
    chat = opened(engine, MemoryStore())
    await answer(chat, said("the first words"))
    await answer(chat, said("the second words"))
    assert "first" not in str(looks(engine)[1].messages)
    assert looks(engine)[1].conversation == ""


async def test_a_model_that_was_not_measured_is_not_asked():
    engine = seeing(SURE)
    await answer(opened(engine, MemoryStore(), SHIPPED), said(HINT))
    assert looks(engine) == []
    await answer(opened(engine, MemoryStore(), measured_task(0.8, "zh")), said(HINT))
    assert looks(engine) == []


async def test_a_language_that_the_question_is_not_in_is_not_asked_in_another():
    task = measured_task()
    del task.languages["zh"]  # type: ignore[attr-defined]
    engine = seeing(SURE)
    await answer(opened(engine, MemoryStore(), task), said("东西都装好箱了"))
    assert looks(engine) == []


async def test_without_it_nobody_is_asked():
    engine = seeing(SURE)
    await answer(chat_on(engine, MemoryStore()), said(HINT))
    assert looks(engine) == []


async def test_in_a_group_the_model_is_not_asked():
    engine, store = seeing(SURE), MemoryStore()
    events = await answer(opened(engine, store), said(HINT, private=False))
    assert text_of(events) == "I hear you."
    assert looks(engine) == []
    assert noted(store) == []


# --- not twice in a row


async def test_whoever_says_that_they_are_fine_is_believed_and_the_reply_stays_careful():
    engine, store = seeing(SURE), MemoryStore()
    chat = opened(engine, store)
    await answer(chat, said(HINT))
    events = await answer(chat, said("no, i am moving house. still sad"))
    assert text_of(events) == "I hear you."
    assert len(looks(engine)) == 1
    assert Message("system", say("en", "care_close.unsure")) in engine.streamed[-1].messages


async def test_the_rules_still_fire_after_it():
    store = MemoryStore()
    chat = opened(seeing(SURE), store)
    await answer(chat, said(HINT))
    events = await answer(chat, said("i want to die"))
    assert text_of(events) == crisis_answer("en", "", "self")
    assert noted(store) == ["unsure", "self"]


@pytest.mark.parametrize(
    ("kind", "ago", "times"),
    [
        ("unsure", timedelta(minutes=1), 0),
        ("self", timedelta(minutes=1), 0),
        ("unsure", CLOSE_FOR, 1),
        ("abuse", timedelta(minutes=1), 1),
    ],
)
async def test_after_an_answer_like_it_the_model_is_asked_again_hours_later(kind, ago, times):
    engine, store = seeing(SURE), MemoryStore()
    store.dangers["console", "ann"] = (datetime.now(UTC) - ago, kind)
    events = await answer(opened(engine, store), said(HINT))
    assert len(looks(engine)) == times
    assert (text_of(events) == UNSURE) == bool(times)


async def test_another_person_is_asked_about_as_ever():
    engine, store = seeing(SURE), MemoryStore()
    chat = opened(engine, store)
    await answer(chat, said(HINT))
    await answer(chat, said(HINT, user="bo"))
    assert len(looks(engine)) == 2


async def test_whoever_keeps_their_history_themselves_reads_it_once_as_well():
    engine = seeing(SURE)
    chat = opened(engine, None)
    events = await answer(chat, said(HINT, remember=False, history=(("hello", "Hello."),)))
    assert text_of(events) == UNSURE
    events = await answer(chat, said("no no", remember=False, history=((HINT, UNSURE),)))
    assert text_of(events) == "I hear you."


# --- what fails is as if it had not been asked


async def test_an_error_of_the_question_is_logged_without_words_and_the_turn_goes_on(caplog):
    engine = seeing(SURE)
    score = engine.score

    async def failing(prompt, labels):
        if "Yes" in labels:
            raise EngineFailed(HINT)
        return await score(prompt, labels)

    engine.score = failing  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING, "warmline.turn"):
        events = await answer(opened(engine, MemoryStore()), said(HINT))
    assert text_of(events) == "I hear you."
    assert caplog.messages == ["turn 1: no second look: EngineFailed"]


async def test_a_question_that_takes_too_long_is_given_up(caplog, monkeypatch):
    monkeypatch.setattr(second_look, "SECONDS", 0.01)
    engine, never = seeing(SURE), asyncio.Event()
    score = engine.score

    async def slow(prompt, labels):
        if "Yes" in labels:
            await never.wait()
        return await score(prompt, labels)

    engine.score = slow  # type: ignore[method-assign]
    events = await answer(opened(engine, MemoryStore()), said(HINT))
    assert text_of(events) == "I hear you."
    assert caplog.messages == ["turn 1: no second look: TimeoutError"]


async def test_a_memory_that_cannot_say_what_was_noted_is_no_hindrance_either(caplog):
    engine, store = seeing(SURE), MemoryStore()
    known = store.last_crisis

    async def once_broken(platform, user_id):
        if engine.scored:  # the care of the reply was read before
            raise StorageError("the disk is gone")
        return await known(platform, user_id)

    store.last_crisis = once_broken  # type: ignore[method-assign]
    events = await answer(opened(engine, store), said(HINT))
    assert text_of(events) == "I hear you."
    assert looks(engine) == []


async def test_a_rules_hit_is_not_hidden_by_a_broken_question():
    engine = seeing(SURE)
    engine.before_score = [EngineFailed("gone")]
    events = await answer(opened(engine, MemoryStore()), said("i want to die"))
    assert text_of(events) == crisis_answer("en", "", "self")


# --- while it is asked


async def test_a_second_message_that_comes_while_it_is_asked_is_read_before_it_answers():
    engine, go = reading()
    engine.leaning = seeing(SURE).leaning
    chat = opened(engine, MemoryStore())
    first = asyncio.create_task(answer(chat, quick(HINT, "m1")))
    await engine.waiting.acquire()  # the mood of the first
    joined = await answer(chat, quick("moving on friday", "m2"))
    go.set()
    assert text_of(await first) == UNSURE
    assert text_of(joined) == ""
    assert looks(engine)[-1].messages[-2].content == f"{HINT}\nmoving on friday"


def test_nobody_is_alerted_of_a_guess():
    assert rulebook.UNSURE not in responder.KINDS


# --- the settings


def settings_of(second_look, *measured):
    own = {
        language: {
            "system": language,
            "labels": ["crisis", "no_crisis"],
            "thresholds": {"fake-1b": 0.5} if language in measured else {},
        }
        for language in ("en", "zh")
    }
    safety = SafetySettings(second_look=second_look)
    return Settings(safety=safety, tasks={"crisis": own} if measured else {})


def test_it_is_on_unless_the_settings_say_no():
    assert wiring.chat_settings(Settings()).second_look == SHIPPED
    assert wiring.chat_settings(settings_of(False)).second_look is None


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        (settings_of(True), []),
        (settings_of(True, "zh"), ["zh"]),
        (settings_of(True, "en", "zh"), ["en", "zh"]),
        (settings_of(False, "en", "zh"), []),
    ],
)
def test_at_the_start_the_question_is_read_in_the_languages_that_were_measured(settings, more):
    read = [p.messages[0].content for p in wiring._shared_prompts(settings, "fake-1b")]
    assert read[2:] == more
