"""Fault 1: what is said in a topic is answered in that topic, and nowhere else."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes import FakeEngine
from tests.integration.telegram.running import warmline
from tests.telegram_server.messages import press, text, topic_closed
from tests.telegram_server.people import ANN, FORUM, private
from tests.telegram_server.server import BotApi

TOPIC = FORUM.topic(7)
TOPIC_ALONE = private(ANN).topic(3)
ASKED = text("@warmline_bot I lost my keys", ANN, TOPIC)
SHOWING = ("sendMessage", "sendMessageDraft", "sendDocument", "sendChatAction")


def topics(api: BotApi, *methods: str) -> set[tuple[str, int | None]]:
    """Which methods went into which topics."""
    return {
        (call.method, call.params.get("message_thread_id"))
        for call in api.calls
        if call.method in (methods or SHOWING)
    }


async def test_fault_1_an_answer_and_typing_go_to_the_topic(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on.")):
        api.feed(ASKED)
        await api.until(lambda: api.actions and api.texts(FORUM.id) == ["I hear you."])
        going.set()
        await api.until(lambda: api.texts(FORUM.id) == ["I hear you. Go on."])
    assert topics(api) == {("sendMessage", 7), ("sendChatAction", 7)}


async def test_fault_1_a_draft_and_its_message_go_to_the_topic(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on.")):
        api.feed(text("I lost my keys", ANN, TOPIC_ALONE))
        await api.until(lambda: api.drafts and api.actions)
        going.set()
        await api.until(lambda: api.texts(ANN.id) == ["I hear you. Go on."])
    sent = ("sendMessage", "sendMessageDraft", "sendChatAction")
    assert topics(api) == {(method, 3) for method in sent}


async def test_fault_1_a_card_its_confirmation_and_a_stop_go_to_the_topic(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(text("/language@warmline_bot", ANN, TOPIC))
        await api.until(lambda: bool(api.messages(FORUM.id)))
        (card,) = api.messages(FORUM.id)
        api.feed(press(card.buttons[1][1], card.json()))
        await api.until(lambda: len(api.texts(FORUM.id)) == 2)
        api.feed(text("/stop", ANN, TOPIC))
        await api.until(lambda: len(api.texts(FORUM.id)) == 3)
    assert topics(api, "sendMessage") == {("sendMessage", 7)}


async def test_fault_1_files_go_to_the_topic(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(text("/export", ANN, TOPIC_ALONE))
        await api.until(lambda: api.count("sendDocument") == 2)
    assert topics(api, "sendDocument") == {("sendDocument", 3)}


@pytest.mark.parametrize("stream", ["edit", "off"])
@pytest.mark.parametrize("lost", [False, True], ids=["closed", "deleted"])
async def test_fault_1_a_topic_that_is_gone_is_given_up_once_and_never_left(
    api, tmp_path, stream, lost
):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you."), stream=stream) as bot:
        api.feed(ASKED)
        await bot.engine.waiting.acquire()
        if lost:
            api.lose_topic(TOPIC)
        else:
            api.feed(topic_closed(TOPIC))
        going.set()
        await api.until(lambda: api.count("sendMessage") == 1)
        await api.until(lambda: not api.pending())
    async with warmline(api, tmp_path) as bot:
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        assert len(bot.engine.streamed) == 1
    assert (api.count("sendMessage"), api.texts(FORUM.id)) == (2, [])
