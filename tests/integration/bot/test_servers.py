"""A server's commands on a real SQLite file: rules outlive the process, trends name nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.messages import File, Notice, Person, Scope
from bot import commands
from bot.command import Answer, Context, Facts
from bot.servers import Servers
from bot.texts.sentences import say
from storage.store import Store
from tests.fakes import FakeEngine, answer, chat_on, felt, heard, said, text_of

HERE: dict[str, Any] = {
    "scope": Scope("discord", "10"),
    "person": Person("discord", "1", "Ann"),
    "private": False,
    "server": "900",
}
MANAGED = HERE | {"manages": True, "ephemeral": True}
PEOPLE = ("1", "2", "3", "4", "5")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path / 'warmline.sqlite3'}") as store:
        yield store


async def ask(store: Store, text: str) -> Sequence[Answer]:
    facts, message = Facts("tiny"), said(text, **MANAGED)
    return await commands.run(
        Context(store, FakeEngine(), message, "en", facts, servers=Servers(store))
    )


async def everybody_felt(store: Store, valence: float, people: Sequence[str] = PEOPLE) -> None:
    """A message of each of them, the day before yesterday."""
    for user in people:
        await felt(store, valence, days_ago=2, **(HERE | {"person": Person("discord", user)}))


async def test_what_is_set_is_known_to_the_next_process(store):
    first = chat_on(FakeEngine(), store)
    await answer(first, said("/settings channels <#11> moods off", **MANAGED))
    second = chat_on(FakeEngine(), store)
    assert len(await heard(second, said("hello", **HERE))) == 2  # silence
    elsewhere = HERE | {"scope": Scope("discord", "10", "11")}
    assert text_of(await answer(second, said("hello", **elsewhere))) == "I hear you."
    assert (await store.moods("discord", "1", said("").sent_at.replace(year=2000))) == []


async def test_five_people_have_a_trend_until_one_of_them_says_no(store):
    await everybody_felt(store, 0.6)
    notice, picture = await ask(store, "/trend channel 7")
    assert isinstance(notice, Notice)
    assert isinstance(picture, File)
    assert "+0.60" in notice.text
    assert "5 or more people" in notice.text
    await store.set_mood_memory("discord", "3", "off")
    assert await ask(store, "/trend channel 7") == [
        Notice(say("en", "commands.trend_few", n=5, days=7), "command")
    ]


async def test_what_was_said_in_private_or_elsewhere_is_in_no_trend(store):
    await everybody_felt(store, 0.6, PEOPLE[:4])
    fifth = HERE | {"person": Person("discord", "5")}
    private = {"private": True, "server": "", "scope": Scope("discord", "55")}
    for other in (private, {"server": "901", "scope": Scope("discord", "20")}):
        await felt(store, -0.9, days_ago=2, **(fifth | other))
    for scope in ("server", "channel"):
        (notice,) = await ask(store, f"/trend {scope}")
        assert isinstance(notice, Notice)
        assert notice.text == say("en", "commands.trend_few", n=5, days=30)
