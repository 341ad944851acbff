"""Asking a command, on a memory that also knows what a person chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from adapters.messages import Card, Notice, Person
from bot import commands
from bot.arrivals import Arrivals
from bot.command import Answer, Context, Facts
from bot.context import ContextBuilder
from bot.crisis.just_before import JustBefore
from bot.held import Held
from bot.locks import ConversationLocks
from bot.servers import Servers
from storage.store import Store
from tests.fake_store import MemoryStore
from tests.fakes import TASK, FakeEngine, said

ANN = ("console", "ann")

NOTHING: dict[str, Any] = {
    "format": 2,
    "exported_at": "2026-02-03T04:05:06+00:00",
    "platform": "console",
    "user_id": "ann",
    "person": None,
    "conversations": [],
    "pairing": None,
    "checkin": None,
    "grants": [],
    "granted": [],
    "alert": None,
    "alerted": [],
    "letters": [],
    "crises": [],
    "looks": [],
    "looked": [],
}
"""The export of somebody of whom nothing is kept."""


class PersonalStore(MemoryStore):
    """`choices` holds what people said about their moods; `kept` is what `export` hands over."""

    def __init__(self, choice: str = "", history: str = "") -> None:
        super().__init__()
        self.choices: dict[tuple[str, str], str] = {ANN: choice}
        self.histories: dict[tuple[str, str], str] = {ANN: history}
        self.carded: set[tuple[str, str]] = set()
        self.kept: dict[str, Any] = NOTHING

    async def mood_memory(self, platform: str, user_id: str) -> str:
        self._asked("mood_memory", user_id)
        return self.choices.get((platform, user_id), "")

    async def set_mood_memory(self, platform: str, user_id: str, choice: str) -> None:
        self._asked("set_mood_memory", user_id)
        self.choices[platform, user_id] = choice

    async def set_carded(self, platform: str, user_id: str) -> None:
        self._asked("set_carded", user_id)
        self.carded.add((platform, user_id))

    async def set_language(self, platform: str, user_id: str, language: str) -> None:
        self._asked("set_language", user_id)
        self.languages[platform, user_id] = language

    async def export(self, platform: str, user_id: str) -> dict[str, Any]:
        self._asked("export", user_id)
        return self.kept


def held_by(engine: FakeEngine) -> Held:
    """What a process holds that has only just begun, beside its engine."""
    contexts = ContextBuilder(engine, TASK, history_turns=12, reply_tokens=100)
    return Held(engine, contexts, Arrivals(0.0), ConversationLocks(), JustBefore())


class Gate:
    """An access whose owner is Ann and whose only code is "ABCD1234"."""

    def is_owner(self, person: Person) -> bool:
        return person.user_id == "ann"

    async def approve(self, code: str) -> str | None:
        return "Bo" if code == "ABCD1234" else None


async def ask(
    text: str, store: PersonalStore | None = None, engine: FakeEngine | None = None, **changes: Any
) -> Sequence[Answer]:
    """All that a command answers. Of `changes`, facts begin with "fact_"."""
    facts = {k.removeprefix("fact_"): changes.pop(k) for k in list(changes) if k[:5] == "fact_"}
    language, access = changes.pop("language", "en"), changes.pop("access", None)
    context = Context(
        cast("Store | None", store),
        engine or FakeEngine(),
        said(text, **changes),
        language,
        Facts(**({"model": "tiny"} | facts)),
        access,
        Servers(cast("Store", store)) if store else None,
        held_by(engine) if engine else None,
    )
    return await commands.run(context)


async def told(*args: Any, **changes: Any) -> Notice:
    """The one notice that a command answers with."""
    (answer,) = await ask(*args, **changes)
    assert isinstance(answer, Notice)
    return answer


async def shown(*args: Any, **changes: Any) -> Card:
    """The one card that a command answers with."""
    (answer,) = await ask(*args, **changes)
    assert isinstance(answer, Card)
    return answer


def pressed(card: Card) -> list[str]:
    """What its buttons say for the person."""
    return [button.command for row in card.buttons for button in row]
