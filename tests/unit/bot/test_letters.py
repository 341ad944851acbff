"""Letters where nobody can be written to first: before the next answer in private, once."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.answer import LETTER, collect
from adapters.messages import Notice, Person, Scope, Text
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, said

ON_HTTP: dict[str, Any] = {"scope": Scope("http", "ann"), "person": Person("http", "ann")}
ON_TELEGRAM: dict[str, Any] = {"scope": Scope("telegram", "1"), "person": Person("telegram", "1")}


async def written(
    platform: str = "console", user_id: str = "ann", looked: str = "owner"
) -> MemoryStore:
    store = MemoryStore()
    await store.write_letter(platform, user_id, "looked", {"who": looked, "what": "x"})
    return store


def sentence(store: MemoryStore, language: str = "en") -> str:
    return say(language, "letters.looked_owner", at=store.now())


@pytest.mark.parametrize("where", [{}, ON_HTTP])
@pytest.mark.parametrize(("language", "words"), [("en", "hello there"), ("zh", "你好呀")])
async def test_it_is_told_before_the_answer_and_once(where, language, words):
    store = await written("http" if where else "console")
    chat = chat_on(FakeEngine(" I hear you."), store)
    first, *rest = await answer(chat, said(words, **where))
    assert first == Notice(sentence(store, language), LETTER)
    assert any(isinstance(event, Text) for event in rest)
    assert not any(isinstance(event, Notice) for event in rest)
    assert not any(isinstance(e, Notice) for e in await answer(chat, said(words, **where)))


async def test_it_is_told_before_the_answer_to_a_command_as_well():
    store = await written()
    events = await answer(chat_on(FakeEngine(), store), said("/help"))
    assert [e.code for e in events if isinstance(e, Notice)] == [LETTER, "command"]


@pytest.mark.parametrize(
    "changes",
    [
        {"private": False},
        {"remember": False},
        {"person": Person("console", "ben")},
        {"text": "I want to kill myself"},
    ],
)
async def test_nobody_else_hears_it_and_nobody_in_danger_waits_for_it(changes):
    store = await written()
    chat = chat_on(FakeEngine(), store)
    events = await answer(chat, said(changes.pop("text", "hello"), **changes))
    assert not any(isinstance(event, Notice) and event.code == LETTER for event in events)
    assert len(store.letters) == 1


async def test_where_people_are_written_to_it_waits_for_that():
    store = await written("telegram", "1")
    events = await answer(chat_on(FakeEngine(), store), said("hello", **ON_TELEGRAM))
    assert not any(isinstance(event, Notice) for event in events)
    assert len(store.letters) == 1


async def test_a_memory_that_fails_costs_no_answer(caplog):
    store = await written()
    store.broken["take_letters"] = DatabaseBusy("Another program holds it.")
    events = await answer(chat_on(FakeEngine(), store), said("hello"))
    assert any(isinstance(event, Text) for event in events)
    assert "letters wait for another answer: Another program holds it." in caplog.text


async def test_a_client_that_shows_one_text_shows_both():
    store = await written()
    chat = chat_on(FakeEngine(" I hear you."), store)
    whole = await collect(chat, said("hello"))
    assert whole.words == f"{sentence(store)}\n\nI hear you."
    assert whole.reply == "I hear you."


async def test_a_client_that_shows_one_notice_shows_both():
    store = await written()
    whole = await collect(chat_on(FakeEngine(), store), said("/stop"))
    letter, _, rest = whole.words.partition("\n\n")
    assert (letter, rest) == (sentence(store), say("en", "commands.nothing_to_stop"))
    assert whole.notice is not None
    assert whole.notice.code == "command"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", ["owner", "dashboard", "", "discord:7"])
async def test_it_says_who_looked(language, who):
    store = await written(looked=who)
    chat = chat_on(FakeEngine(), store, language=language)
    first, *_ = await answer(chat, said("/help"))
    fields = {"at": store.now(), "who": who}
    key = "letters.looked" if who == "discord:7" else "letters.looked_owner"
    assert isinstance(first, Notice)
    assert first.text == say(language, key, **fields)
