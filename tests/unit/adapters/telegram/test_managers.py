"""Who manages a group: asked of Telegram, kept for a while, and no where nobody knows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from telegram import Bot
from telegram.error import BadRequest, Conflict, NetworkError, TelegramError, TimedOut

from adapters.telegram import managers
from adapters.telegram.managers import KEPT_SECONDS, Managers


class Asked:
    """A bot to which Telegram says `status`, or fails. `times`: how often it was asked."""

    def __init__(self, status: str = "member") -> None:
        self.status = status
        self.fails: TelegramError | None = None
        self.times = 0

    async def get_chat_member(self, chat_id: int, user_id: int, **waits: Any) -> SimpleNamespace:
        self.times += 1
        if self.fails:
            raise self.fails
        return SimpleNamespace(status=self.status)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def known(bot: Asked, clock: Clock | None = None) -> Managers:
    return Managers(cast("Bot", bot), clock or Clock())


@pytest.mark.parametrize(
    ("status", "manages"),
    [
        ("creator", True),
        ("administrator", True),
        ("member", False),
        ("restricted", False),
        ("left", False),
        ("kicked", False),
        ("something new", False),
    ],
)
async def test_the_creator_and_administrators_manage_a_group(status, manages):
    assert await known(Asked(status)).include(-100, 7) is manages


async def test_an_answer_holds_for_five_minutes_for_that_person_there():
    bot, clock = Asked("administrator"), Clock()
    who = known(bot, clock)
    assert await who.include(-100, 7)
    bot.status = "member"
    clock.now += KEPT_SECONDS - 1
    assert await who.include(-100, 7)
    assert bot.times == 1
    assert not await who.include(-100, 8)
    assert not await who.include(-200, 7)
    clock.now += 2
    assert not await who.include(-100, 7)
    assert bot.times == 4


@pytest.mark.parametrize(
    "error",
    [BadRequest("x"), NetworkError("x"), TimedOut(), Conflict("x")],
    ids=lambda error: type(error).__name__,
)
async def test_where_telegram_does_not_say_it_is_no_and_asked_again(error, caplog):
    bot = Asked("administrator")
    bot.fails = error
    who = known(bot)
    assert not await who.include(-100, 7)
    assert type(error).__name__ in caplog.text
    bot.fails = None
    assert await who.include(-100, 7)


async def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(managers, "MOST_KEPT", 2)
    bot = Asked()
    who = known(bot)
    for user in (1, 2, 3, 1):
        await who.include(-100, user)
    assert bot.times == 4
    await who.include(-100, 3)
    assert bot.times == 4
