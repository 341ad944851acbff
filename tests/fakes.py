"""An engine that keeps its contract without a model, and short ways to make and read messages.

Knows: scripts, and how to write down what it was asked. Words count as tokens. `chat_on` joins the
logs of engine and store into one list, which then tells the order of the stops.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from adapters.messages import Accepted, IncomingMessage, Notice, Person, Reply, Scope, Text
from bot.access import Access
from bot.answering import ChatSettings
from bot.chat import Chat
from bot.command import Facts
from bot.language import detect
from bot.reply.text import REMEMBERED_REPLIES
from bot.stored import inbound
from engine.base import Message, Prompt, PromptTooLong, SamplingParams
from engine.scoring import normalise
from engine.tasks import Example, LabelTask, TaskWords
from storage.records import Label, Preferences
from storage.store import Store
from tests.fake_store import MemoryStore

Step = str | Exception | asyncio.Event
"""A piece of the reply; an error to raise; something to wait for."""

TASK = LabelTask(
    "sentiment",
    "7",
    {
        "en": TaskWords(
            "Be kind.",
            {"positive": "Positive", "neutral": "Neutral", "negative": "Negative"},
            "[",
            "]",
            " ",
            {k: f", {k} lately" for k in ("falling", "rising", "steady")},
            (Example("my cat is ill", "negative", "", "Oh no."),),
        ),
        "zh": TaskWords(
            "要温暖。",
            {"positive": "正面", "neutral": "平静", "negative": "负面"},
            "[",
            "]",
            "",
            {"falling": "，最近低落些", "rising": "，最近开朗些", "steady": "，最近平稳"},
            (Example("我的猫病了", "negative", "", "真让人心疼。"),),
        ),
    },
    {"positive": 1.0, "neutral": 0.0, "negative": -1.0},
)


REPLIES = {
    "en": (
        "I hear you.",
        "That sounds hard.",
        "Thanks for telling me.",
        "What a long day it was.",
        "Nothing of this is small.",
        "Here is a quiet moment for that.",
    ),
    "zh": (
        "我在听呢。",
        "这一天真长啊。",
        "谢谢你告诉我。",
        "慢慢说就好。",
        "听着真不容易。",
        "这件事不小呢。",
    ),
}
"""What is said in each language; no two begin or end alike, for that breaks a rule."""


def replying(prompt: Prompt) -> Sequence[Step]:
    """The first of REPLIES that was not said lately, in pieces."""
    language = detect(prompt.messages[0].content)
    before = [m.content.strip() for m in prompt.messages if m.role == "assistant"]
    lately = before[-1 - REMEMBERED_REPLIES :]
    reply = next(reply for reply in REPLIES[language] if reply not in lately)
    return re.findall(r" \S+", f" {reply}") if language == "en" else list(reply)


def repeating(prompt: Prompt) -> Sequence[Step]:
    """The same of REPLIES at each turn. It is drawn in vain twice, and shown for want of better."""
    words = REPLIES[detect(prompt.messages[0].content)][0]
    return (f" {words}",)


def tokens(message: Message) -> int:
    """The words of a message, with its opening."""
    return sum(len(text.split()) for text in (*message.opening, message.content))


class FakeEngine:
    """Scores by `leaning` (log-odds of label words, or a function of the prompt; else 0), says
    `reply` (steps, or a function of the prompt that gives them), does `before_score` first.

    Without steps it is `replying`: "I hear you." to a first message.
    """

    model = "fake-1b"
    wide = True

    def __init__(self, *reply: Step, context_length: int = 4096) -> None:
        self.reply: Sequence[Step] | Callable[[Prompt], Sequence[Step]] = reply or replying
        self.leaning: Mapping[str, float] | Callable[[Prompt], Mapping[str, float]] = {}
        self.before_score: list[Step] = []
        self.context_length = context_length
        self.log: list[str] = []
        self.counted: list[str] = []
        self.scored: list[Prompt] = []
        self.streamed: list[Prompt] = []
        self.params: list[SamplingParams] = []
        self.forgotten: list[str] = []
        self.stopped = 0
        self.waiting = asyncio.Semaphore(0)

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self.counted.extend(texts)
        return [len(text.split()) for text in texts]

    async def score(self, prompt: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
        self._begin("score", prompt, self.scored)
        for step in list(self.before_score):
            await self._do(step)
        leaning = self.leaning(prompt) if callable(self.leaning) else self.leaning
        return normalise({label: leaning.get(label, 0.0) for label in labels})

    async def stream(self, prompt: Prompt, params: SamplingParams) -> AsyncGenerator[str, None]:
        self._begin("stream", prompt, self.streamed)
        self.params.append(params)
        script = self.reply(prompt) if callable(self.reply) else self.reply
        text = ""
        shown = 0
        try:
            for step in script:
                if not isinstance(step, str):
                    await self._do(step)
                    continue
                text += step
                found = [text.index(stop) for stop in params.stop if stop in text]
                ready = min(found) if found else len(text) - _held(text, params.stop)
                if ready > shown:
                    yield text[shown:ready]
                    shown = ready
                if found:
                    return
            if text[shown:]:
                yield text[shown:]
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped += 1
            raise

    async def warm_up(self, prompts: Sequence[Prompt]) -> None:
        self.log.append("warm_up")

    async def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)

    async def close(self) -> None:
        self.log.append("close")

    def _begin(self, what: str, prompt: Prompt, prompts: list[Prompt]) -> None:
        assert prompt.messages[-1].role == "assistant", "a prompt ends with the open answer"
        length = sum(map(tokens, prompt.messages)) + 1
        if length > self.context_length:
            raise PromptTooLong(length, self.context_length)
        self.log.append(what)
        prompts.append(prompt)

    async def _do(self, step: Step) -> None:
        if isinstance(step, Exception):
            raise step
        if isinstance(step, asyncio.Event):
            self.waiting.release()
            await step.wait()


def _held(text: str, stops: Sequence[str]) -> int:
    """How much of the end of a text may still become a stop string."""
    ends = (n for stop in stops for n in range(1, len(stop)) if text.endswith(stop[:n]))
    return max(ends, default=0)


_numbers = itertools.count(1)


def said(text: str, message_id: str = "", *, user: str = "ann", **changes: Any) -> IncomingMessage:
    """A message of `user` on the console, alone with Warmline, just now."""
    fields: dict[str, Any] = {
        "scope": Scope("console", user),
        "person": Person("console", user, user.title()),
        "message_id": message_id or f"m{next(_numbers)}",
        "text": text,
        "sent_at": datetime.now(UTC),
    }
    return IncomingMessage(**(fields | changes))


async def felt(
    store: Store | MemoryStore,
    valence: float,
    *,
    days_ago: float = 0.0,
    note: str = "",
    **said_: Any,
) -> None:
    """An answered message with its reading and its trend note, in the store."""
    sent_at = datetime.now(UTC) - timedelta(days=days_ago)
    received = await store.receive(inbound(said("words", sent_at=sent_at, **said_), "en"))
    probabilities = {"positive": (1 + valence) / 2, "negative": (1 - valence) / 2}
    label = Label("sentiment", "positive", probabilities, valence, 0.9, "fake-1b", "7")
    await store.complete(received.turn.id, "a reply", label, note)


async def others_done() -> None:
    """Wait for everything that runs in the background."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


def everybody_told(store: Store | MemoryStore) -> None:
    """In this memory everybody has been told what is kept, so that no card comes."""
    if isinstance(store, MemoryStore):
        store.everybody_told = True
        return
    known = store.preferences

    async def preferences(platform: str, user_id: str) -> Preferences:
        return replace(await known(platform, user_id), carded=True)

    store.preferences = preferences  # type: ignore[method-assign]


def chat_on(
    engine: FakeEngine,
    store: Store | MemoryStore | None,
    task: LabelTask = TASK,
    *,
    mood_memory: Literal["ask", "on", "off"] = "on",
    history: Literal["ask", "on", "off"] = "on",
    told: bool = True,
    access: Access | None = None,
    responder: tuple[str, str] | None = None,
    **settings: Any,
) -> Chat:
    """A chat on the fakes that waits for no second message; `settings` are those of ChatSettings.

    Messages and moods are kept unless said otherwise, and with `told` no card says so.
    """
    if isinstance(store, MemoryStore):
        engine.log = store.log
    if store is not None and told and "ask" not in (mood_memory, history):
        everybody_told(store)
    facts = Facts(
        engine.model,
        mood_memory=mood_memory,
        history=history,
        language=settings.get("language", "auto"),
        responder=responder,
    )
    asked = ChatSettings(**({"patience": 0.0} | settings))
    return Chat(engine, cast("Store | None", store), task, asked, facts=facts, access=access)


async def heard(chat: Chat, message: IncomingMessage) -> list[Reply]:
    """All events of one reply."""
    async with aclosing(chat(message)) as events:
        return [event async for event in events]


async def answer(chat: Chat, message: IncomingMessage) -> list[Reply]:
    """The events of one reply after the first, which says that the message is in safe hands."""
    accepted, *events = await heard(chat, message)
    assert isinstance(accepted, Accepted)
    assert not any(isinstance(event, Accepted) for event in events)
    return events


async def begun(
    engine: FakeEngine, chat: Chat, message: IncomingMessage
) -> asyncio.Task[list[Reply]]:
    """An answer under way: the engine waits in the middle of it, for an event of its script."""
    task = asyncio.create_task(answer(chat, message))
    await engine.waiting.acquire()
    return task


async def cancel(task: asyncio.Task[Any]) -> None:
    """Call a task off, and see that it ends by that."""
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


def text_of(events: Sequence[Reply]) -> str:
    """The words of a reply."""
    return "".join(event.delta for event in events if isinstance(event, Text))


def notice_of(events: Sequence[Reply]) -> str:
    """The code of the notice among the events, "" for none."""
    return next((event.code for event in events if isinstance(event, Notice)), "")
