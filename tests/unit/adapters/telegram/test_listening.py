"""Listening without a network: what is asked again, what ends it, what is confirmed when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from adapters.base import AdapterError
from adapters.telegram.listening import listen, reached


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    waited: list[float] = []
    sleep = asyncio.sleep

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", wait)
    return waited


def answers(*script: Any) -> Callable[[], Awaitable[Any]]:
    """A call that gives these, one after another; an error is raised."""
    left = list(script)

    async def call() -> Any:
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return call


async def test_telegram_is_asked_until_it_answers_at_growing_pauses(waits, caplog):
    caplog.set_level(logging.INFO)
    away = [NetworkError("my secret words")] * 7
    assert await reached(answers(*away, "here")) == "here"
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "secret" not in caplog.text


@pytest.mark.parametrize("after", [7, timedelta(seconds=7)])
async def test_telegram_is_left_alone_for_as_long_as_it_asks(waits, monkeypatch, after):
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    assert await reached(answers(RetryAfter(after), "here")) == "here"
    assert waits == [7]


@pytest.mark.parametrize("passing", [InvalidToken("Not Found"), Forbidden("x"), BadRequest("x")])
async def test_what_a_proxy_may_say_passes(waits, passing):
    assert await reached(answers(passing, "here")) == "here"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Conflict("terminated by other getUpdates"), "another program uses this Telegram token"),
        (InvalidToken("Unauthorized"), "no longer takes the token"),
    ],
)
async def test_what_cannot_pass_is_one_sentence(error, sentence):
    with pytest.raises(AdapterError, match=sentence):
        await reached(answers(error))


class FakeBot:
    """Gives batches of updates, then nothing for ever."""

    def __init__(self, *batches: list[int]) -> None:
        self.batches = [*batches]
        self.offsets: list[tuple[int, int]] = []
        self.idle = asyncio.Event()

    async def delete_webhook(self) -> bool:
        return True

    async def get_updates(self, *, offset: int, **more: Any) -> tuple[Update, ...]:
        self.offsets.append((offset, more["timeout"]))
        if not self.batches:
            self.idle.set()
            await asyncio.Event().wait()
        return tuple(Update(number) for number in self.batches.pop(0))


class Told:
    """What was taken, and whether listening began."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.listening = 0

    async def take(self, update: Update) -> None:
        self.taken.append(update.update_id)

    def heard(self) -> None:
        self.listening += 1


def listened(bot: FakeBot, told: Told, take: Any = None) -> asyncio.Task[None]:
    return asyncio.create_task(listen(cast("Bot", bot), take or told.take, None, told.heard))


async def test_an_update_is_confirmed_by_the_next_call_and_only_once_it_was_taken():
    bot, told = FakeBot([5, 6], [], [9]), Told()
    task = listened(bot, told)
    await bot.idle.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert told.taken == [5, 6, 9]
    assert [offset for offset, _ in bot.offsets] == [0, 7, 7, 10]
    assert told.listening == 1


async def test_after_a_week_of_silence_numbers_may_begin_anew_below():
    bot, told = FakeBot([500], [3]), Told()
    task = listened(bot, told)
    await bot.idle.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [offset for offset, _ in bot.offsets] == [0, 501, 4]


async def test_a_stop_in_the_middle_of_a_batch_confirms_what_was_taken_and_no_more():
    bot, told, second = FakeBot([5, 6]), Told(), asyncio.Event()

    async def take(update: Update) -> None:
        if update.update_id == 6:
            second.set()
            await asyncio.Event().wait()
        await told.take(update)

    task = listened(bot, told, take)
    await second.wait()
    bot.batches.append([])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert told.taken == [5]
    assert bot.offsets == [(0, 30), (6, 0)]


async def test_an_update_that_cannot_be_taken_is_passed(caplog):
    bot, told = FakeBot([5, 6]), Told()

    async def take(update: Update) -> None:
        if update.update_id == 5:
            raise ValueError(f"{update.update_id} and my secret words")
        await told.take(update)

    task = listened(bot, told, take)
    await bot.idle.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert told.taken == [6]
    assert "update 5 is passed over: ValueError" in caplog.text
    assert "secret words" not in caplog.text.replace(
        'f"{update.update_id} and my secret words"', ""
    )
