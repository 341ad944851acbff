"""What is said in private stays there, whatever two people say, in whatever order and place.

Random histories on a real SQLite file: two people of the same name, each alone with Warmline, and
two groups. Every message holds a word of its own, which is then looked for where it must not be.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.messages import IncomingMessage, Person, Scope
from bot import commands
from bot.command import Context, Facts
from storage.store import Store
from tests.fakes import FakeEngine, answer, chat_on, others_done, said
from tests.integration.bot.secret_words import Secret, read, said_back, secrets_in, text_of, word

PEOPLE = ("ann", "bob")
GROUPS = ("group", "other-group")

Event = tuple[str, str, str, bool]
events = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(["alone", *GROUPS]),
        st.sampled_from(["Positive", "Neutral", "Negative"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path / 'warmline.sqlite3'}") as store:
        yield store


def message(who: str, where: str, text: str) -> IncomingMessage:
    """Both are called Sam, and a private chat has its person's id."""
    scope = Scope("console", who if where == "alone" else where)
    one = said(text, user=who, scope=scope, private=where == "alone")
    return replace(one, person=Person("console", who, "Sam"))


async def asked(store: Store, who: str, where: str, text: str) -> str:
    said_ = replace(message(who, where, text), ephemeral=where != "alone")
    facts = Facts("tiny", mood_memory="on")
    return text_of(await commands.run(Context(store, FakeEngine(), said_, "en", facts)))


async def happen(store: Store, history: list[Event]) -> None:
    """Every message is answered; each prompt holds only what was said where it is said."""
    for who in PEOPLE:
        await store.forget("console", who)
    engine = FakeEngine()
    engine.leaning = lambda prompt: {prompt.messages[-2].content.rsplit(" ", 1)[-1]: 5.0}
    engine.reply = said_back
    chat = chat_on(engine, store)
    for number, (who, where, mood, corrects) in enumerate(history):
        seen = len(engine.scored), len(engine.streamed)
        await answer(chat, message(who, where, f"{word(number, who, where)} {mood}"))
        await others_done()
        prompts = [*engine.scored[seen[0] :], *engine.streamed[seen[1] :]]
        assert prompts
        for secret in secrets_in("\n".join(map(read, prompts))):
            assert secret.where == where
            assert where != "alone" or secret.who == who
        if corrects:
            number_of = re.search(r"/mood correct (\d+)", await asked(store, who, where, CORRECT))
            assert number_of
            await asked(store, who, where, f"{CORRECT} {number_of[1]} negative")


CORRECT = "/mood correct"


@given(history=events)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_private_words_are_in_no_prompt_and_no_answer_of_anybody_else_or_elsewhere(
    store: Store, history: list[Event]
):
    await happen(store, history)
    for who in PEOPLE:
        for where in ("alone", *GROUPS):
            shown = {
                command: secrets_in(await asked(store, who, where, command))
                for command in ("/mood", "/mood why 365", CORRECT, "/help", "/privacy", "/start")
            }
            for command, secrets in shown.items():
                assert secrets <= {Secret(who, where)}, (command, secrets)
        exported = await asked(store, who, "alone", "/export")
        own = {Secret(who, event[1]) for event in history if event[0] == who}
        assert {secret for secret in secrets_in(exported) if secret.who == who} == own
        assert secrets_in(exported) - own == set()


async def test_another_persons_numbers_open_nothing(store: Store):
    await happen(store, [("ann", "alone", "Negative", False)] * 6)
    kept = await store.export("console", "ann")
    numbers = [turn["id"] for place in kept["conversations"] for turn in place["turns"]]
    assert len(numbers) == 6
    await store.set_mood_memory("console", "bob", "on")
    before = json.dumps(kept["conversations"])
    for number in numbers:
        for where in ("alone", "group"):
            told = await asked(store, "bob", where, f"{CORRECT} {number} positive")
            unknown = await asked(store, "bob", where, f"{CORRECT} {number + 10**6} positive")
            assert told == unknown
    after = await store.export("console", "ann")
    assert json.dumps(after["conversations"]) == before
