"""Commands on a real SQLite file: choices are kept, what is kept is handed over and erased."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.messages import Card, File, Notice, Scope
from bot import commands
from bot.command import Answer, Context, Facts
from storage.store import Store
from tests.fakes import FakeEngine, felt, said


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path / 'warmline.sqlite3'}") as store:
        yield store


async def ask(store: Store, text: str, **facts: Any) -> Sequence[Answer]:
    context = Context(store, FakeEngine(), said(text), "en", Facts("tiny", **facts))
    return await commands.run(context)


async def test_an_export_holds_the_words_of_every_conversation_and_nobody_elses(store):
    await felt(store, 0.5)
    await felt(store, -0.5, scope=Scope("console", "group"))
    await felt(store, 0.5, user="bo", scope=Scope("console", "group"), message_id="of-bo")
    as_json, as_markdown = await ask(store, "/export")
    assert isinstance(as_json, File)
    assert isinstance(as_markdown, File)
    kept = json.loads(as_json.content)
    assert [len(place["turns"]) for place in kept["conversations"]] == [1, 1]
    assert b"of-bo" not in as_json.content
    text = as_markdown.content.decode()
    assert text.count("    words") == text.count("    a reply") == 2
    assert text.count("You (positive, 90% sure):") == 2
    assert "- Name: Ann" in text


async def test_somebody_unknown_may_export_too(store):
    as_json, as_markdown = await ask(store, "/export")
    assert isinstance(as_json, File)
    assert isinstance(as_markdown, File)
    assert json.loads(as_json.content)["conversations"] == []
    assert "Moods remembered: not set" in as_markdown.content.decode()


async def test_the_question_is_asked_until_it_is_answered(store):
    for _ in range(2):
        (card,) = await ask(store, "/start")
        assert isinstance(card, Card)
    assert (await store.preferences("console", "ann")).carded
    await ask(store, "/memory on")
    (notice,) = await ask(store, "/start")
    assert isinstance(notice, Notice)
    assert await store.mood_memory("console", "ann") == "on"


async def test_after_everything_is_erased_nothing_is_known_and_the_question_comes_again(store):
    await felt(store, 0.5)
    await ask(store, "/memory on")
    await ask(store, "/language zh")
    (notice,) = await ask(store, "/forget everything")
    assert isinstance(notice, Notice)
    assert "1 messages and 1 labels" in notice.text
    assert await store.people() == []
    assert await store.language("console", "ann") == ""
    (card,) = await ask(store, "/start")
    assert isinstance(card, Card)
