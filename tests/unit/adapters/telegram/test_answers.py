"""Updates taken over and left-over answers resumed, with everything around them faked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from telegram import Bot, Chat, Message, Update, User

from adapters.delivery import DeliveryTexts
from adapters.ledger import Resumed
from adapters.messages import Accepted, Finished, IncomingMessage, Person, Reply, Scope, Text
from adapters.telegram import answers
from adapters.telegram.answers import Answers
from adapters.telegram.seen import Seen
from adapters.telegram.settings import TelegramSettings, TelegramTexts

ANN = User(101, "Ann", is_bot=False)
TEXTS = TelegramTexts(DeliveryTexts("perhaps", "rejected", "failed"), "hello")


class FakeBot:
    """Keeps what was sent."""

    bot = User(7, "Warmline", is_bot=True, username="warmline_bot")

    def __init__(self) -> None:
        self.sent: list[tuple[int, str]] = []

    async def send_message(self, chat_id: int, text: str, **_: Any) -> Message:
        self.sent.append((chat_id, text))
        return Message(len(self.sent), datetime.now(UTC), Chat(chat_id, "private"))

    async def send_chat_action(self, *_: Any, **__: Any) -> bool:
        return True


class FakeLedger:
    """Keeps the names of the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def note(message: IncomingMessage, *more: object) -> None:
            self.notes.append(" ".join([name, message.text, *map(str, more)]))

        return note


class Script:
    """A handler. A message waits before it is accepted, or before its answer, to be let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.accepting: dict[str, asyncio.Event] = {}
        self.answering: dict[str, asyncio.Event] = {}
        self.new = True

    async def __call__(self, message: IncomingMessage) -> AsyncGenerator[Reply, None]:
        words = message.text
        self.begun.append(words)
        try:
            if words in self.accepting:
                await self.accepting[words].wait()
            yield Accepted(self.new)
            if words in self.answering:
                await self.answering[words].wait()
            yield Text(f"re {words}")
            yield Finished()
        finally:
            self.ended.append(words)


class Stage:
    def __init__(self) -> None:
        self.bot, self.ledger, self.handler = FakeBot(), FakeLedger(), Script()
        settings = TelegramSettings(
            "1:x", {"en": TEXTS}, stream="off", private_seconds=0, group_seconds=0
        )
        self.answers = Answers(
            cast("Bot", self.bot), self.handler, cast("Any", self.ledger), settings
        )

    async def until(self, *sent: tuple[int, str]) -> None:
        async with asyncio.timeout(5):
            while self.bot.sent != [*sent]:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.001)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(answers, "_ALL_CHATS_SECONDS", 0)
    stage = Stage()
    yield stage
    await stage.answers.close(0)


def update(number: int, words: str, chat: int = 101) -> Update:
    said = Message(number, datetime.now(UTC), Chat(chat, "private"), from_user=ANN, text=words)
    return Update(number, said)


def left(words: str, chat: str = "101", *, perhaps: bool = False) -> Resumed:
    scope, person = Scope("telegram", chat), Person("telegram", chat)
    return Resumed(IncomingMessage(scope, person, "5", words, datetime.now(UTC)), (), perhaps)


@asynccontextmanager
async def taking(stage: Stage, *updates: Update) -> AsyncIterator[asyncio.Task[list[None]]]:
    async def take() -> list[None]:
        return await asyncio.gather(*(stage.answers.take(one) for one in updates))

    task = asyncio.create_task(take())
    await asyncio.sleep(0.01)
    yield task
    await task


async def test_an_update_is_taken_once_it_is_accepted_and_not_when_it_is_answered(stage):
    accept = stage.handler.accepting["hi"] = asyncio.Event()
    answer = stage.handler.answering["hi"] = asyncio.Event()
    async with taking(stage, update(1, "hi")) as task:
        assert not task.done()
        accept.set()
    assert stage.bot.sent == []
    answer.set()
    await stage.until((101, "re hi"))


async def test_an_update_that_comes_again_before_it_is_accepted_waits_too(stage):
    accept = stage.handler.accepting["hi"] = asyncio.Event()
    async with taking(stage, update(1, "hi")) as first, taking(stage, update(1, "hi")) as again:
        assert (first.done(), again.done()) == (False, False)
        accept.set()
    await stage.answers.take(update(1, "hi"))
    assert stage.handler.begun == ["hi", "hi"]  # what is known of it, the memory says


async def test_a_message_that_came_before_is_left_to_whoever_answers_it(stage):
    stage.handler.new = False
    await stage.answers.take(update(1, "hi"))
    assert stage.handler.ended == ["hi"]
    assert stage.bot.sent == []


async def test_what_was_left_is_answered_in_the_order_of_its_chat_and_chats_side_by_side(stage):
    stage.handler.new = False
    go = stage.handler.answering["one"] = asyncio.Event()
    stage.answers.resume([left("one"), left("two"), left("three", "102")])
    await stage.until((102, "re three"))
    assert stage.handler.begun == ["one", "three"]
    go.set()
    await stage.until((102, "re three"), (101, "re one"), (101, "re two"))


async def test_what_was_perhaps_sent_is_doubted_without_the_model(stage):
    stage.answers.resume([left("one", perhaps=True)])
    await stage.until((101, "perhaps"))
    assert stage.handler.begun == []
    assert stage.ledger.notes == ["delivered one"]


async def test_a_close_lets_answers_end_and_begins_nothing_more(stage):
    go = stage.handler.answering["one"] = asyncio.Event()
    stage.answers.resume([left("one"), left("two")])
    async with asyncio.timeout(5):
        while not stage.handler.begun:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.001)
    asyncio.get_running_loop().call_later(0.05, go.set)
    await stage.answers.close(5)
    assert stage.bot.sent == [(101, "re one")]
    assert stage.handler.begun == ["one"]


async def test_a_close_cuts_off_what_does_not_end(stage):
    stage.handler.answering["hi"] = asyncio.Event()
    await stage.answers.take(update(1, "hi"))
    await stage.answers.close(0.01)
    assert stage.handler.ended == ["hi"]
    assert stage.bot.sent == []


async def test_a_handler_that_breaks_is_told_to_the_person(stage, caplog):
    async def broken(message: IncomingMessage) -> AsyncGenerator[Reply, None]:
        yield Accepted()
        raise ValueError(message.text)

    stage.answers._under_way._handler = broken
    await stage.answers.take(update(1, "my secret words"))
    await stage.until((101, "failed"))
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_only_the_last_keys_are_remembered():
    seen = Seen()
    for key in range(3000):
        seen.add(key)
    assert (0 in seen, 2999 in seen) == (False, True)
