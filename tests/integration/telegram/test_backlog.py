"""Fault 9: what was said while the bot was down."""

from __future__ import annotations

import time

import pytest

from bot.texts.sentences import say
from tests.integration.telegram.running import warmline
from tests.telegram_server.messages import media, text
from tests.telegram_server.people import ANN, BEN, LI

pytestmark = pytest.mark.usefixtures("quick")

STALE = say("en", "turn.stale")
TWO_HOURS = 7200


async def test_fault_9_what_is_recent_is_answered_and_what_is_old_gets_one_honest_line(
    api, tmp_path
):
    now = int(time.time())
    api.feed(text("I lost my keys", ANN, date=now - TWO_HOURS))
    api.feed(text("My cat is ill", BEN, date=now - 600))
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.texts(BEN.id) == ["I hear you."])
        await api.until(lambda: api.texts(ANN.id) == [STALE])
        assert len(bot.engine.streamed) == 1
    async with warmline(api, tmp_path):
        api.feed(text("I am back", LI))
        await api.until(lambda: len(api.texts(LI.id)) == 1)
        assert api.texts(ANN.id) == [STALE]


async def test_fault_9_a_hundred_messages_of_one_person_get_few_answers(api, tmp_path):
    for number in range(100):
        api.feed(text(f"Message {number}"))
    async with warmline(api, tmp_path, chat={"patience": 0.2, "per_minute": 12}) as bot:
        await api.until(lambda: not api.pending() and "I hear you." in api.texts(ANN.id), 20)
        assert len(bot.engine.streamed) == 1
        assert len(api.texts(ANN.id)) <= 2  # the answer, and that there are limits
        assert "Message 0\nMessage 1\n" in bot.engine.streamed[0].messages[-2].content


async def test_fault_9_a_hundred_old_messages_of_one_person_get_one_line(api, tmp_path):
    for number in range(100):
        api.feed(text(f"Message {number}", date=int(time.time()) - TWO_HOURS))
    async with warmline(api, tmp_path, chat={"patience": 0.2}) as bot:
        await api.until(lambda: not api.pending() and bool(api.texts(ANN.id)), 20)
        assert api.texts(ANN.id) == [STALE]
        assert bot.engine.streamed == []


async def test_fault_9_a_hundred_old_stickers_get_few_lines(api, tmp_path):
    for _ in range(100):
        api.feed(media("sticker", date=int(time.time()) - TWO_HOURS))
    async with warmline(api, tmp_path, chat={"patience": 0.2, "per_minute": 12}):
        await api.until(lambda: not api.pending(), 20)
        await api.until(lambda: bool(api.texts(ANN.id)))
        assert len(api.texts(ANN.id)) <= 13
