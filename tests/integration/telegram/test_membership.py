"""What becomes of the bot itself: taken in, thrown out, blocked, silenced."""

from __future__ import annotations

import asyncio

import pytest

from bot.texts.sentences import say
from tests.fakes import FakeEngine
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import warmline
from tests.telegram_server import faults
from tests.telegram_server.messages import bot_status, text
from tests.telegram_server.people import ANN, BEN, GROUP, private

pytestmark = pytest.mark.usefixtures("quick")

DELIVERIES = "SELECT state, reason FROM deliveries ORDER BY turn_id"
HELLO = say("en", "telegram.group_hello")


async def test_a_group_that_takes_the_bot_in_is_greeted_once(api, tmp_path):
    joined = {**bot_status("member", GROUP, old="left"), "update_id": 700_000_001}
    async with warmline(api, tmp_path):
        api.feed(joined)
        api.feed(bot_status("administrator", GROUP))
        api.feed(joined)
        await api.until(lambda: api.texts(GROUP.id) == [HELLO])
        await asyncio.sleep(0.5)
        assert api.texts(GROUP.id) == [HELLO]


async def test_a_person_who_comes_back_is_not_greeted(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(bot_status("kicked", private(ANN)))
        api.feed(bot_status("member", private(ANN), old="kicked"))
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])


@pytest.mark.parametrize(
    ("place", "status", "reason"),
    [
        (GROUP, "left", "left"),
        (GROUP, "kicked", "left"),
        (GROUP, "restricted", "restricted"),
        (private(ANN), "kicked", "blocked"),
    ],
)
async def test_fault_7_whoever_shuts_the_bot_out_in_the_middle_of_an_answer(
    api, tmp_path, place, status, reason
):
    engine, going = FakeEngine(), asyncio.Event()
    engine.reply = [" I hear you. Go", going, " on."]
    async with warmline(api, tmp_path, engine):
        api.feed(text("@warmline_bot I lost my keys", ANN, place))
        await engine.waiting.acquire()
        shown = len(api.messages(place.id))
        api.feed(bot_status(status, place))
        await api.until(lambda: engine.stopped == 1)
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("undeliverable", reason)])
        api.feed(text("hello", BEN))
        going.set()
        await api.until(lambda: len(api.texts(BEN.id)) == 1)
        assert len(api.messages(place.id)) == shown
    calls = len(api.calls)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.polling)
        await asyncio.sleep(0.3)
        assert bot.engine.streamed == []
        assert not [call for call in api.calls[calls:] if call.params.get("chat_id") == place.id]


async def test_fault_7_a_block_that_only_the_error_tells_is_tried_once(api, tmp_path):
    api.fail("*", faults.BLOCKED, always=True, when=lambda params: params.get("chat_id") == ANN.id)
    async with warmline(api, tmp_path):
        api.feed(text("I lost my keys"))
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("undeliverable", "blocked")])
        api.feed(text("hello", BEN))
        await api.until(lambda: len(api.texts(BEN.id)) == 1)
    calls = len(api.calls)
    async with warmline(api, tmp_path):
        await api.until(lambda: api.polling)
        await asyncio.sleep(0.3)
        assert not [call for call in api.calls[calls:] if call.params.get("chat_id") == ANN.id]


async def test_a_group_where_the_bot_may_write_again_is_answered(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(bot_status("restricted", GROUP))
        api.feed(bot_status("member", GROUP, old="restricted"))
        api.feed(text("@warmline_bot hello", ANN, GROUP))
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
