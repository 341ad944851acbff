"""Who is let in, in which language they are answered, and how much they may write."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.messages import Accepted, Finished, Labelled, Notice, Person, Scope
from bot.access import Access, Refusal
from bot.config_sections import AccessSettings
from bot.stored import inbound
from bot.texts.sentences import say
from storage.errors import DatabaseBusy
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import REPLIES, FakeEngine, answer, chat_on, heard, notice_of, said, text_of

ANN = Person("telegram", "1")
ALONE = Scope("telegram", "1")
GROUP = Scope("telegram", "-9")

# --- language


@pytest.mark.parametrize(
    ("settings", "text", "locale", "chosen", "expected"),
    [
        ({}, "I lost my keys", "zh-CN", "", "en"),
        ({}, "我丢了钥匙", "en", "", "zh"),
        ({}, "I lost my keys", "en", "zh", "zh"),
        ({}, "我丢了钥匙", "zh", "en", "en"),
        ({}, "12:30", "zh-Hans", "", "zh"),
        ({}, "12:30", "ZH", "", "zh"),
        ({}, "12:30", "fr", "", "en"),
        ({}, "12:30", "", "", "en"),
        ({}, "12:30", "en", "zh", "zh"),
        ({"language": "en"}, "我丢了钥匙", "zh", "zh", "en"),
        ({"language": "zh"}, "I lost my keys", "en", "en", "zh"),
    ],
)
async def test_the_language_is_the_owners_then_the_persons_choice_then_the_messages(
    settings, text, locale, chosen, expected
):
    store = MemoryStore()
    store.languages["console", "ann"] = chosen
    events = await answer(chat_on(FakeEngine(), store, **settings), said(text, locale=locale))
    labelled = next(event for event in events if isinstance(event, Labelled))
    assert labelled.language == store.turns[1]["in"].language == expected


@pytest.mark.parametrize(
    ("settings", "locale", "chosen", "expected"),
    [
        ({}, "en", "", "en"),
        ({}, "zh-Hans", "", "zh"),
        ({}, "en", "zh", "zh"),
        ({}, "zh", "en", "en"),
        ({"language": "zh"}, "en", "en", "zh"),
    ],
)
async def test_a_command_is_english_by_itself_and_is_answered_in_the_persons_language(
    settings, locale, chosen, expected
):
    store = MemoryStore()
    store.languages["console", "ann"] = chosen
    chat = chat_on(FakeEngine(), store, **settings)
    for text, key in (
        ("/nothing of the kind", "commands.unknown"),
        ("/memory on", "memory.turned_on"),
    ):
        notice, _ = await answer(chat, said(text, locale=locale))
        assert notice == Notice(say(expected, key), "command")


async def test_a_language_that_is_chosen_on_the_way_counts_from_the_next_message():
    chat = chat_on(FakeEngine(), MemoryStore())
    await answer(chat, said("/language zh"))
    events = await answer(chat, said("I lost my keys"))
    assert [event.language for event in events if isinstance(event, Labelled)] == ["zh"]


# --- who may talk


def guarded(engine: FakeEngine, store: MemoryStore, **settings):
    """A chat for those on a list alone."""
    access = Access(AccessSettings(mode="list", **settings), None)
    return chat_on(engine, store, access=access)


def from_ann(text: str, **changes: Any):
    changes = {"person": ANN, "scope": ALONE, **changes}
    return said(text, **changes)


async def test_whoever_is_not_let_in_is_told_so_once_and_nothing_is_written_down():
    engine, store = FakeEngine(), MemoryStore()
    chat = guarded(engine, store)
    told = say("en", "access.refused", person="telegram:1")
    first = await heard(chat, from_ann("let me in"))
    assert first[:-1] == [Accepted(), Notice(told, "refused")]
    assert (await heard(chat, from_ann("hello?")))[:-1] == [Accepted()]
    assert (store.log, store.turns, engine.scored) == ([], {}, [])


@pytest.mark.parametrize("text", ["hello all", "/help", "", "stop", "I want to die"])
async def test_a_group_that_is_not_let_in_hears_nothing(text):
    store = MemoryStore()
    message = from_ann(text, scope=GROUP, private=False)
    (accepted, finished) = await heard(guarded(FakeEngine(), store), message)
    assert accepted == Accepted()
    assert isinstance(finished, Finished)
    assert store.log == []


async def test_an_edit_by_whoever_is_not_let_in_changes_nothing():
    store = MemoryStore()
    chat = guarded(FakeEngine(), store)
    await heard(chat, from_ann("hello"))
    assert (await heard(chat, from_ann("hello!", edited=True)))[:-1] == [Accepted()]
    assert store.log == []


async def test_whoever_is_on_the_list_is_answered():
    chat = guarded(FakeEngine(), MemoryStore(), users=["telegram:1"])
    assert text_of(await answer(chat, from_ann("hello"))) == "I hear you."


async def test_where_nobody_can_say_who_is_let_in_the_person_is_told_that_it_failed():
    class Unknowing(Access):
        async def refusal(self, message, language) -> Refusal | None:
            raise DatabaseBusy("Another program holds the file: close it.")

    store = MemoryStore()
    chat = chat_on(FakeEngine(), store, access=Unknowing(AccessSettings(), None))
    events = await heard(chat, from_ann("hello"))
    assert events[:-1] == [Accepted(), Notice(say("en", "turn.failed_unkept"), "failed")]
    assert store.log == []


# --- fair use


async def test_whoever_writes_too_much_is_told_once_and_then_met_with_silence():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store, per_minute=2)
    for reply in REPLIES["en"][:2]:
        assert text_of(await answer(chat, from_ann("hello"))) == reply
    events = await answer(chat, from_ann("hello"))
    assert events[:-1] == [Notice(say("en", "turn.limited", minutes=1), "limited")]
    assert [type(event) for event in await answer(chat, from_ann("hello"))] == [Finished]
    assert [store.ending(n) for n in (3, 4)] == [(State.DECLINED, "limited")] * 2
    assert len(engine.streamed) == 2


async def test_each_person_has_their_own_limit():
    chat = chat_on(FakeEngine(), MemoryStore(), per_minute=1)
    for person, reply in zip(("1", "2"), REPLIES["en"], strict=False):
        message = from_ann("hello", person=Person("telegram", person), scope=GROUP)
        assert text_of(await answer(chat, message)) == reply


async def test_nobody_in_danger_is_ever_limited():
    chat = chat_on(FakeEngine(), MemoryStore(), per_minute=1)
    for _ in range(4):
        await answer(chat, from_ann("hello"))
        assert "helpline" in text_of(await answer(chat, from_ann("I want to die")))


async def test_messages_without_words_count_as_others_do():
    chat = chat_on(FakeEngine(), MemoryStore(), per_minute=1)
    told = [notice_of(await answer(chat, from_ann("", kind="sticker"))) for _ in range(3)]
    assert told == ["not_text", "limited", ""]


@pytest.mark.parametrize("text", ["/help", "/mood", "/stop", "/forget"])
async def test_what_needs_no_model_does_not_count(text):
    chat = chat_on(FakeEngine(), MemoryStore(), per_minute=1)
    for _ in range(3):
        assert notice_of(await answer(chat, from_ann(text))) != "limited"
    assert text_of(await answer(chat, from_ann("hello"))) == "I hear you."


async def test_another_answer_counts_as_a_message_does():
    engine, store = FakeEngine(), MemoryStore()
    chat = chat_on(engine, store, per_minute=1)
    await answer(chat, from_ann("hello"))
    assert notice_of(await answer(chat, from_ann("/retry"))) == "limited"
    assert len(engine.streamed) == 1
    assert await store.last_answered("telegram", "1", "", "1")  # it may be asked for later


@pytest.mark.parametrize("platform", ["console", "http"])
async def test_the_owners_own_machine_has_no_limit(platform):
    chat = chat_on(FakeEngine(), MemoryStore(), per_minute=1)
    for reply in REPLIES["en"][:3]:
        message = said("hello", person=Person(platform, "1"), scope=Scope(platform, "1"))
        assert text_of(await answer(chat, message)) == reply


async def test_what_an_earlier_run_let_in_is_not_limited_when_it_is_handed_in_again():
    store = MemoryStore()
    left = [from_ann(f"message {number}") for number in range(3)]
    for message in left:
        await store.receive(inbound(message, "en"))
    chat = chat_on(FakeEngine(), store, per_minute=1)
    for message, reply in zip(left, REPLIES["en"], strict=False):
        assert text_of(await answer(chat, message)) == reply
