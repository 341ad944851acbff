"""A bad line to Telegram, and updates that are not as they should be."""

from __future__ import annotations

import asyncio
import logging

import pytest

from adapters.telegram.updates import read
from tests.integration.telegram.running import warmline
from tests.telegram_server import faults, messages
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN, BEN, LI, OTHER_BOT

pytestmark = pytest.mark.usefixtures("quick")

ANSWER = "I hear you."

BAD_LINES = {
    "500": faults.Status(500),
    "502": faults.Status(502),
    "404 of a proxy": faults.Status(404),
    "403 of a proxy": faults.Status(403),
    "a page": faults.Html(),
    "429": faults.Error(429, "Too Many Requests: retry after 0.1", {"retry_after": 0.1}),
    "dropped": faults.DropBefore(),
    "dropped with the updates": faults.DropAfter(),
}


@pytest.mark.parametrize("fault", BAD_LINES.values(), ids=BAD_LINES)
async def test_a_bad_line_loses_nothing_and_doubles_nothing(api, tmp_path, caplog, fault):
    caplog.set_level(logging.INFO)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.polling)
        api.fail("getUpdates", fault)
        for who in (ANN, BEN, LI):  # the first ends the poll that waits; the next one is spoilt
            api.feed(text("hello", who))
            await api.until(lambda who=who: api.texts(who.id) == [ANSWER])
        await api.until(lambda: not api.pending() and api.polling)
        assert len(bot.engine.streamed) == 3
        assert all(api.texts(who.id) == [ANSWER] for who in (ANN, BEN, LI))
        assert bot.task
        assert not bot.task.done()
    assert caplog.text.count("cannot be reached") == 1
    assert caplog.text.count("can be reached again") == 1


MALFORMED = {
    "no date": {"message": {"message_id": 5, "chat": {"id": 101, "type": "private"}}},
    "a chat that is none": {"message": {"message_id": 5, "date": 1, "chat": "Ann", "text": "x"}},
    "a text that is none": {"message": messages.message(ANN, text=["x"])},
    "a list": {"message": [1, 2, 3]},
    "nothing": {},
    "a new kind": {"telepathy": {"words": "x"}},
}


@pytest.mark.parametrize("update", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_update_is_passed_and_the_next_is_answered(
    api, tmp_path, monkeypatch, update
):
    monkeypatch.setattr("tests.telegram_server.updates.Updates.wanted", lambda *_: True)
    api.feed(text("before", ANN))
    api.feed(update)
    api.feed(text("after", BEN))
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(ANN.id) == [ANSWER] == api.texts(BEN.id))
        await api.until(lambda: not api.pending())


async def test_an_update_that_comes_twice_is_answered_once(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        update = {**text("hello"), "update_id": 700_000_001}
        for _ in range(3):
            api.feed(update)
            await api.until(lambda: not api.pending() and api.polling)
        # The same message under another number, as after a move of Telegram's own servers.
        api.feed({**update, "update_id": 700_000_009})
        await api.until(lambda: not api.pending() and api.texts(ANN.id) == [ANSWER])
        await asyncio.sleep(0.2)
        assert api.texts(ANN.id) == [ANSWER]
        assert len(bot.engine.streamed) == 1


async def test_updates_out_of_order_are_all_answered(api, tmp_path):
    async with warmline(api, tmp_path):
        for number, who in ((700_000_005, ANN), (700_000_003, BEN), (400, LI)):
            api.feed({**text("hello", who), "update_id": number})
            await api.until(lambda: not api.pending() and api.polling)
        await api.until(lambda: all(api.texts(w.id) == [ANSWER] for w in (ANN, BEN, LI)))


async def test_an_update_that_fails_holds_up_no_other(api, tmp_path, monkeypatch, caplog):
    def fails_for_ben(update, *more, **named):
        if update.effective_user.id == BEN.id:
            raise KeyError(update.message.text)
        return read(update, *more, **named)

    monkeypatch.setattr("adapters.telegram.answers.read", fails_for_ben)
    async with warmline(api, tmp_path):
        api.feed(text("my secret words", BEN))
        api.feed(text("hello", ANN))
        await api.until(lambda: api.texts(ANN.id) == [ANSWER])
    assert "is passed over" in caplog.text
    assert "secret" not in caplog.text


async def test_a_press_whose_time_is_over_is_answered_all_the_same(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(text("/language"))
        (card,) = await api.until(lambda: api.messages(ANN.id))
        api.fail("answerCallbackQuery", faults.Error(400, "Bad Request: query is too old"))
        api.feed(messages.press("/language zh", card.json()))
        await api.until(lambda: len(api.texts(ANN.id)) == 2)
        api.feed(messages.press("/language en", card.json(), OTHER_BOT))
        await api.until(lambda: not api.pending())
        assert len(api.texts(ANN.id)) == 2
