"""What is said in a scope stays in it, whoever talks when: for every interleaving."""

from __future__ import annotations

import asyncio
import itertools
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messages import IncomingMessage, Person, Scope
from engine.base import Prompt
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, felt, others_done, said

SCOPES = (Scope("console", "ann"), Scope("console", "group"), Scope("console", "group", "thread"))
MARK = re.compile(r"mark-(\d)-\d+")

talks = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bo"]),
        st.sampled_from(range(len(SCOPES))),
        st.sampled_from(["stored", "stored", "stored", "unkept"]),
        st.booleans(),
    ),
    min_size=2,
    max_size=12,
)


def marked(number: int, user: str, place: int, kind: str) -> IncomingMessage:
    """A message whose words and given history name the scope that they belong to."""
    return said(
        f"mark-{place}-{number} from a person",
        user=user,
        scope=SCOPES[place],
        person=Person("console", user, f"mark-9-{number}"),
        remember=kind == "stored",
        history=((f"mark-{place}-{number}", "given"),) if kind == "unkept" else (),
    )


def words(prompt: Prompt) -> str:
    return " ".join(text for m in prompt.messages for text in (*m.opening, m.content))


def scope_of(prompt: Prompt) -> str:
    """Where a prompt belongs: the last word of a person, or before that of the companion, tells."""
    return str(MARK.findall(words(prompt))[-1])


def answered(prompt: Prompt) -> tuple[str, ...]:
    """An answer that names the message: no two begin alike."""
    mark = MARK.search(prompt.messages[-2].content)
    assert mark
    return (f" Number{mark[0].split('-')[-1]} it is, {mark[0]}", ".")


async def everybody_talks(talks: list[tuple[str, int, str, bool]]) -> FakeEngine:
    """All messages in their order; the last value says whether to wait for the answer first."""
    engine = FakeEngine()
    engine.reply = answered
    chat = chat_on(engine, MemoryStore(), history_turns=3)
    running = []
    for number, (user, place, kind, wait) in zip(itertools.count(), talks, strict=False):
        running.append(asyncio.create_task(answer(chat, marked(number, user, place, kind))))
        await (running[-1] if wait else asyncio.sleep(0))
    await asyncio.gather(*running)
    await others_done()
    return engine


@settings(max_examples=60, deadline=None)
@given(talks)
def test_no_prompt_holds_a_word_of_another_scope(talks):
    engine = asyncio.run(everybody_talks(talks))
    assert len(engine.streamed) == len(talks)
    for prompt in engine.scored + engine.streamed:
        assert set(MARK.findall(words(prompt))) == {scope_of(prompt)}


@settings(max_examples=60, deadline=None)
@given(talks)
def test_the_models_cache_has_one_key_for_each_scope(talks):
    engine = asyncio.run(everybody_talks(talks))
    keys: dict[str, set[str]] = {}
    for prompt in engine.scored + engine.streamed:
        if prompt.conversation:
            keys.setdefault(prompt.conversation, set()).add(scope_of(prompt))
    assert all(len(scopes) == 1 for scopes in keys.values())


async def test_a_name_is_never_in_a_prompt():
    engine = await everybody_talks([("ann", 0, "stored", True)] * 3)
    assert all("mark-9" not in words(prompt) for prompt in engine.streamed)


async def test_what_was_felt_in_private_is_not_in_the_groups_prompt():
    engine, store = FakeEngine(), MemoryStore()
    for days_ago, valence in ((0.5, -0.6), (1.5, -0.6), (2.5, -0.6), (4.5, 0.6), (5.5, 0.6)):
        await felt(store, valence, days_ago=days_ago, scope=SCOPES[0])
    chat = chat_on(engine, store)
    await answer(chat, said("hello all", scope=SCOPES[1]))
    await answer(chat, said("hello", scope=SCOPES[0]))
    group, private = engine.streamed
    assert "falling" not in words(group)
    assert "falling" in words(private)
