"""Fault 3: an edit while the message is answered."""

from __future__ import annotations

import asyncio

from tests.fakes import FakeEngine
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import warmline
from tests.telegram_server.messages import edited, text
from tests.telegram_server.people import ANN, GROUP

FIRST = text("I lost my kes", ANN)


async def test_fault_3_the_new_text_is_answered_where_no_word_has_shown(api, tmp_path):
    going, engine = asyncio.Event(), FakeEngine()
    engine.before_score.append(going)
    async with warmline(api, tmp_path, engine):
        api.feed(FIRST)
        await engine.waiting.acquire()
        api.feed(edited(FIRST, "I lost my keys"))
        await api.until(lambda: not api.pending() and api.polling)
        assert rows(tmp_path, "SELECT state FROM deliveries") == []  # the answer is still to come
        going.set()
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        assert engine.streamed[-1].messages[-2].content == "I lost my keys"
        assert api.count("sendMessage") == 1
    assert rows(tmp_path, "SELECT text FROM turns") == [("I lost my keys",)]


async def test_fault_3_an_edit_after_the_first_words_is_left_alone(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on.")) as bot:
        api.feed(FIRST)
        await bot.engine.waiting.acquire()
        await api.until(lambda: bool(api.drafts))
        api.feed(edited(FIRST, "I lost my keys"))
        await api.until(lambda: not api.pending() and api.polling)
        going.set()
        await api.until(lambda: api.texts(ANN.id) == ["I hear you. Go on."])
        bot.engine.reply = (" Whole.",)
        api.feed(edited(FIRST, "I lost everything"))
        api.feed(text("hello"))
        await api.until(lambda: len(api.texts(ANN.id)) == 2)
        assert len(bot.engine.streamed) == 2
    assert rows(tmp_path, "SELECT text FROM turns") == [("I lost my kes",), ("hello",)]


async def test_fault_3_an_edit_that_names_the_bot_too_late_is_no_message(api, tmp_path):
    """It was not for the bot when it was said, and nothing of it was kept."""
    words = text("I lost my keys", ANN, GROUP)
    async with warmline(api, tmp_path):
        api.feed(words)
        api.feed(edited(words, "@warmline_bot I lost my keys"))
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
    assert api.texts(GROUP.id) == []
