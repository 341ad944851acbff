"""Of somebody who did not say yes, no word outlasts the conversation in any byte of the files.

Random people on a real SQLite file: what they chose, what the owner set, what they sent and how it
went. Every message and every answer holds a word of its own, which is looked for in the bytes.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.messages import Scope
from bot.chat import Chat
from bot.retention import QUIET, Retention
from bot.stored import inbound, outgoing
from engine.base import EngineFailed, Prompt
from storage.store import Store
from tests.fakes import FakeEngine, answer, cancel, chat_on, others_done, said

ANN = ("console", "ann")
GROUP = Scope("console", "group")
MINUTE = timedelta(minutes=1)

_numbers = itertools.count(1)


class Clock:
    """What the store and the look take for now; it stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def echoed(prompt: Prompt) -> list[str]:
    """An answer that holds a word of its own for the message that it answers."""
    word = prompt.messages[-2].content.split()[-1]
    return [f" I heard {word.replace('zebra', 'gnu')}."]


@dataclass
class Home:
    """A chat on files of its own."""

    folder: Path
    store: Store
    chat: Chat
    engine: FakeEngine
    clock: Clock
    history: str
    words: list[str] = field(default_factory=list)

    def word(self) -> str:
        self.words.append(f"zebra{next(_numbers):06d}x")
        return self.words[-1]

    async def look(self, quiet: timedelta) -> None:
        """Nobody writes for so long, and then it is looked."""
        self.clock.now += quiet
        setting: Any = self.history
        await Retention(self.store, self.chat.held, 0, history=setting, clock=self.clock).step()

    def found(self) -> set[str]:
        """The words, and those of their answers, that stand in any byte of any file."""
        content = b"".join(
            file.read_bytes() for file in sorted(self.folder.rglob("*")) if file.is_file()
        )
        every = [*self.words, *(word.replace("zebra", "gnu") for word in self.words)]
        return {word for word in every if word.encode() in content}


@asynccontextmanager
async def home(history: str = "ask", moods: str = "ask") -> AsyncIterator[Home]:
    clock = Clock()
    with TemporaryDirectory() as name:
        async with await Store.open(folder=Path(name), clock=clock) as store:
            engine = FakeEngine()
            engine.reply = echoed
            settings_: dict[str, Any] = {"history": history, "mood_memory": moods}
            chat = chat_on(engine, store, **settings_)
            yield Home(Path(name), store, chat, engine, clock, history)


async def labels(store: Store) -> int:
    kept = await store.export(*ANN)
    return sum(len(turn["labels"]) for place in kept["conversations"] for turn in place["turns"])


async def _private(at: Home) -> None:
    await answer(at.chat, said(f"hello {at.word()}"))


async def _group(at: Home) -> None:
    await answer(at.chat, said(f"all {at.word()}", scope=GROUP, private=False))


async def _failing(at: Home) -> None:
    at.engine.before_score = [EngineFailed("boom")]
    await answer(at.chat, said(f"broken {at.word()}"))
    at.engine.before_score = []


async def _too_long(at: Home) -> None:
    await answer(at.chat, said("word " * 2000 + at.word()))


async def _crisis(at: Home) -> None:
    await answer(at.chat, said(f"I want to die {at.word()}"))


async def _command(at: Home) -> None:
    await answer(at.chat, said(f"/nonsense {at.word()}"))


async def _retry(at: Home) -> None:
    await answer(at.chat, said("/retry"))


async def _stopped(at: Home) -> None:
    go = asyncio.Event()
    at.engine.before_score = [go]
    running = asyncio.create_task(answer(at.chat, said(f"wait {at.word()}")))
    await at.engine.waiting.acquire()
    await answer(at.chat, said("/stop"))
    await running
    at.engine.before_score = []


EVENTS = {
    one.__name__: one
    for one in (_private, _group, _failing, _too_long, _crisis, _command, _retry, _stopped)
}
choices = st.sampled_from(["", "on", "off"])
owners = st.sampled_from(["ask", "on", "off"])


@given(
    history=owners,
    moods=owners,
    chose_history=choices,
    chose_moods=choices,
    events=st.lists(st.sampled_from(sorted(EVENTS)), min_size=1, max_size=6),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_after_six_quiet_hours_no_byte_of_the_words_is_left_without_a_yes(
    history: str, moods: str, chose_history: str, chose_moods: str, events: list[str]
):
    async with home(history, moods) as at:
        await at.store.set_history(*ANN, chose_history)
        await at.store.set_mood_memory(*ANN, chose_moods)
        for event in events:
            await EVENTS[event](at)
            await others_done()
        before, felt = at.found(), await labels(at.store)
        assert {word for word in at.words if word in before} == set(at.words)
        await at.look(QUIET - MINUTE)
        assert at.found() == before, "the conversation may go on"
        await at.look(2 * MINUTE)
        kept = (chose_history or history) == "on"
        assert at.found() == (before if kept else set())
        assert await labels(at.store) == felt, "what may be kept of the mood stays"
        assert felt == 0 or (chose_moods or moods) == "on"


async def test_with_moods_alone_the_words_go_and_the_mood_is_still_told():
    async with home() as at:
        await answer(at.chat, said("/memory moods on"))
        for _ in range(5):
            await _private(at)
        await at.look(QUIET + MINUTE)
        assert at.found() == set()
        assert len(await at.store.moods(*ANN, datetime.min.replace(tzinfo=UTC))) == 5
        (why, *_) = await answer(at.chat, said("/mood why"))
        assert "5 messages" in getattr(why, "text", "")
        at.engine.streamed.clear()
        await _private(at)
        assert len([m for m in at.engine.streamed[0].messages if m.role == "user"]) == 2, (
            "an example and the message"
        )


async def test_until_then_the_conversation_runs_as_with_a_yes():
    async with home() as at:
        await _private(at)
        await at.look(QUIET - MINUTE)
        await _private(at)
        first, _ = at.words
        assert any(first in message.content for message in at.engine.streamed[-1].messages)
        await at.look(QUIET - MINUTE)
        assert set(at.words) <= at.found(), "the last message counts"
        await at.look(2 * MINUTE)
        assert at.found() == set()


async def test_what_is_not_answered_yet_survives_a_crash_and_goes_once_it_is():
    async with home() as at:
        word = at.word()
        await at.store.receive(inbound(said(f"hello {word}", "m-crash"), "en"))
        await at.look(QUIET + MINUTE)
        assert at.found() == {word}
        (waiting,) = await at.store.unfinished("console")
        await answer(at.chat, outgoing(waiting.inbound))
        await at.look(QUIET + MINUTE)
        assert at.found() == set()


async def test_a_message_that_is_cut_off_by_the_end_of_the_process_is_kept_for_the_next():
    async with home() as at:
        at.engine.before_score = [asyncio.Event()]
        running = asyncio.create_task(answer(at.chat, said(f"hello {at.word()}")))
        await at.engine.waiting.acquire()
        at.chat.close()
        await cancel(running)
        await at.look(QUIET + MINUTE)
        assert at.found() == set(at.words)
        assert len(await at.store.unfinished("console")) == 1


@pytest.mark.parametrize("choice", ["/memory off", "/memory history off"])
async def test_a_no_after_a_yes_ends_what_was_kept_too(choice: str):
    async with home() as at:
        await answer(at.chat, said("/memory on"))
        await _private(at)
        await at.look(timedelta(days=30))
        assert set(at.words) <= at.found()
        await answer(at.chat, said(choice))
        await at.look(MINUTE)
        assert set(at.words) <= at.found(), "that was a message"
        await at.look(QUIET)
        assert at.found() == set()


async def test_another_persons_words_in_the_same_group_stay_while_they_talk():
    async with home() as at:
        await _group(at)
        await at.look(QUIET - MINUTE)
        theirs = at.word()
        await answer(at.chat, said(f"I {theirs}", user="bo", scope=GROUP, private=False))
        await at.look(2 * MINUTE)
        assert at.found() == {theirs, theirs.replace("zebra", "gnu")}
