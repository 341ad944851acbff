"""Everything at once, in every order: each message is answered once, joined, or ended, as shown."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messages import Finished, IncomingMessage, Labelled, Notice, Reply, Text, Waiting
from bot.chat import Chat
from engine.base import Prompt, SamplingParams
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, others_done, text_of
from tests.unit.bot.talking import in_group, quick

KINDS = ("say", "say", "say", "say", "apart", "/stop", "stop", "/retry", "edit", "danger", "/help")

steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(["ann", "bo"]), st.integers(0, 6)),
    min_size=2,
    max_size=14,
)


class LateStore(MemoryStore):
    """Each question takes a few rounds of the loop, so that others come between."""

    async def _slowly(self, question: str) -> None:
        for _ in range(len(question) % 4):
            await asyncio.sleep(0)


class LateEngine(FakeEngine):
    """So does each word."""

    async def score(self, prompt: Prompt, labels: Any) -> Any:
        await asyncio.sleep(0)
        return await super().score(prompt, labels)

    async def stream(self, prompt: Prompt, params: SamplingParams) -> Any:
        async with aclosing(super().stream(prompt, params)) as pieces:
            async for piece in pieces:
                await asyncio.sleep(0)
                yield piece


def message_of(number: int, kind: str, user: str) -> IncomingMessage:
    words = {"say": f"word-{number}", "apart": f"word-{number}", "danger": "I want to die"}
    edited = kind == "edit"
    return quick(
        words.get(kind, kind) if not edited else f"edited-{number}",
        "m0" if edited else f"m{number}",
        edited=edited,
        joins=kind not in ("apart", "edit"),
        **in_group(user),
    )


async def everything(
    script: list[tuple[str, str, int]], places: int
) -> tuple[MemoryStore, dict[str, list[Reply]]]:
    """All of it; the number says how long to wait before the next. Events by message."""
    engine, store = LateEngine(" I", " hear", " you."), LateStore()
    chat: Chat = chat_on(engine, store, places=places, queue=3)
    running: dict[str, asyncio.Task[list[Reply]]] = {}
    for number, (kind, user, pause) in enumerate(script):
        message = message_of(number, kind, user)
        name = f"{message.message_id}{'-edit' * message.edited}-{number * message.edited}"
        running[name] = asyncio.create_task(answer(chat, message))
        for _ in range(pause * 3):
            await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*running.values()), 5)
    await others_done()
    return store, {name.partition("-0")[0]: task.result() for name, task in running.items()}


@settings(max_examples=150, deadline=None)
@given(steps, st.sampled_from([1, 4]))
def test_what_is_kept_is_what_was_shown_and_nothing_is_left_over(script, places):
    store, shown = asyncio.run(everything(script, places))
    retried = any(kind == "/retry" for kind, *_ in script)
    for row in store.turns.values():
        events = shown[row["in"].message_id]
        assert isinstance(events[-1], Finished)
        texts, notices = text_of(events).strip(), [e for e in events if isinstance(e, Notice)]
        match row["state"]:
            case State.ANSWERED:
                assert texts
                assert row["reply"] == texts or retried
                assert notices == []
            case State.JOINED:
                assert events[:-1] == []
                assert store.state(row["joined"]) in (State.ANSWERED, State.DECLINED)
            case State.DECLINED if row["failure"] == "stopped":
                assert not texts
                assert notices == []
            case State.DECLINED:
                assert notices or texts or row["in"].text == "/retry"
            case other:
                raise AssertionError(f"left as {other}")


@settings(max_examples=100, deadline=None)
@given(steps, st.sampled_from([1, 4]))
def test_the_events_come_in_the_order_that_adapters_are_promised(script, places):
    _, shown = asyncio.run(everything(script, places))
    for events in shown.values():
        kinds = "".join(_LETTERS[type(event)] for event in events)
        texts = [event for event in events if isinstance(event, Text)]
        if texts and texts[0].whole:
            assert kinds.replace("W", "") in ("TF", "TLF")
        else:
            assert kinds.lstrip("W").lstrip("L").lstrip("T") in ("F", "NF")
            assert "T" not in kinds or "L" in kinds


_LETTERS = {Text: "T", Labelled: "L", Notice: "N", Waiting: "W", Finished: "F"}
