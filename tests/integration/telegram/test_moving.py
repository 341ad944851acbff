"""Fault 13: a group becomes a supergroup, and goes on as the same chat under another id."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes import FakeEngine
from tests.integration.telegram.running import warmline
from tests.telegram_server import messages
from tests.telegram_server.faults import migrated
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN, BASIC, BEN, GROUP

pytestmark = pytest.mark.usefixtures("quick")

LISTED = {"mode": "list", "chats": [f"telegram:{BASIC.id}"]}


def prompts(engine):
    return "\n".join(message.content for message in engine.streamed[-1].messages)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0,), (1,)])
async def test_fault_13_history_goes_on_after_the_service_messages(api, tmp_path, order):
    async with warmline(api, tmp_path) as bot:
        api.feed(text("@warmline_bot I lost my keys", ANN, BASIC))
        await api.until(lambda: api.texts(BASIC.id) == ["I hear you."])
        told = messages.migration(BASIC, GROUP)
        for one in order:
            api.feed(told[one])
        api.feed(text("@warmline_bot I found them", ANN, GROUP))
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        assert "I lost my keys" in prompts(bot.engine)
        (known,) = await bot.store.people()
        assert known.messages == 2


async def test_fault_13_an_answer_under_way_finds_the_new_chat_by_the_error(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, "I hear you."), stream="off") as bot:
        api.feed(text("@warmline_bot I lost my keys", ANN, BASIC))
        await bot.engine.waiting.acquire()
        api.fail(
            "sendMessage",
            migrated(GROUP.id),
            when=lambda params: params["chat_id"] == BASIC.id,
            always=True,
        )
        going.set()
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        api.feed(text("@warmline_bot I found them", ANN, GROUP))
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."] * 2)
        assert "I lost my keys" in prompts(bot.engine)
        assert len([call for call in api.calls_of("sendMessage") if call.status == 400]) == 1
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.polling)
        assert bot.engine.streamed == []


async def test_fault_13_an_answer_left_behind_goes_on_in_the_new_chat(api, tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.telegram.adapter.GRACE_SECONDS", 0.1)
    async with warmline(api, tmp_path, FakeEngine(asyncio.Event())) as bot:
        api.feed(text("@warmline_bot I lost my keys", ANN, BASIC))
        await bot.engine.waiting.acquire()
        for told in messages.migration(BASIC, GROUP):
            api.feed(told)
        await api.until(lambda: not api.pending())
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])


@pytest.mark.parametrize("by_error", [False, True])
async def test_fault_13_a_listed_chat_stays_let_in(api, tmp_path, by_error):
    async with warmline(api, tmp_path, access=LISTED) as bot:
        if by_error:
            api.fail("sendMessage", migrated(GROUP.id))
            api.feed(text("@warmline_bot hello", BEN, BASIC))
            await api.until(lambda: len(api.texts(GROUP.id)) == 1)
        else:
            api.feed(messages.migration(BASIC, GROUP)[0])
        api.feed(text("@warmline_bot I lost my keys", ANN, GROUP))
        await api.until(lambda: "I lost my keys" in "".join(map(_last, bot.engine.streamed)))
        await api.until(lambda: "I hear you." in api.texts(GROUP.id))


async def test_fault_13_a_new_supergroup_is_not_greeted(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(messages.bot_status("member", GROUP, old="left"))
        for told in messages.migration(BASIC, GROUP):
            api.feed(told)
        await api.until(lambda: not api.pending())
        await asyncio.sleep(0.4)
        assert api.texts(GROUP.id) == []


def _last(prompt):
    return prompt.messages[-2].content
