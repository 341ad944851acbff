"""Answers that show while they are written, within what Telegram allows."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes import FakeEngine
from tests.integration.telegram.running import warmline
from tests.integration.telegram.speaking import cut, speaking
from tests.telegram_server.faults import Error, Status, TooMany
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN, BEN, GROUP
from tests.telegram_server.server import BotApi

pytestmark = pytest.mark.usefixtures("any_words")

REPLY = "That hurts. Keys go astray. It is late. I hear you, Ann."
PIECES = cut(REPLY, 8)
FULL = Error(429, "Too Many Requests: retry after 30", {"retry_after": 30})
NO_METHOD = Error(404, "Not Found: method not found")


def asked(api: BotApi) -> list[str]:
    """The calls that showed something, in order."""
    showing = ("sendMessage", "editMessageText", "sendMessageDraft")
    return [call.method for call in api.calls if call.method in showing]


@pytest.mark.parametrize("stream", ["auto", "draft"])
async def test_a_private_answer_streams_as_a_draft_and_ends_as_a_message(api, tmp_path, stream):
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream=stream):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
    calls = asked(api)
    assert calls == ["sendMessageDraft"] * (len(calls) - 1) + ["sendMessage"]
    assert len(api.drafts) > 2
    shown = [draft for *_, draft in api.drafts]
    assert all(REPLY.startswith(draft) for draft in shown)
    assert shown == sorted(set(shown), key=len), "each shows more than the one before"
    assert len({draft_id for _, draft_id, _ in api.drafts} - {0}) == 1


@pytest.mark.parametrize("stream", ["auto", "draft", "edit"])
async def test_an_answer_in_a_group_streams_by_edits(api, tmp_path, stream):
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream=stream):
        api.feed(text("@warmline_bot hello", ANN, GROUP))
        await api.until(lambda: api.texts(GROUP.id) == [REPLY])
    calls = asked(api)
    assert calls == ["sendMessage"] + ["editMessageText"] * (len(calls) - 1)
    assert len(calls) > 3


async def test_a_private_answer_streams_by_edits_where_that_is_wanted(api, tmp_path):
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream="edit"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
    assert asked(api)[:3] == ["sendMessage", "editMessageText", "editMessageText"]


async def test_without_streaming_an_answer_is_one_call(api, tmp_path):
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream="off"):
        api.feed(text("hello"))
        api.feed(text("@warmline_bot hello", ANN, GROUP))
        await api.until(lambda: api.texts(ANN.id) == api.texts(GROUP.id) == [REPLY])
    assert asked(api) == ["sendMessage"] * 2


async def test_an_older_server_without_drafts_streams_by_edits_instead(api, tmp_path):
    api.fail("sendMessageDraft", NO_METHOD, always=True)
    async with warmline(api, tmp_path, speaking(PIECES, 0.05)):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
    calls = asked(api)
    assert calls[:3] == ["sendMessageDraft", "sendMessage", "editMessageText"]
    assert calls.count("sendMessageDraft") == 1


@pytest.mark.parametrize("stream", ["draft", "edit"])
async def test_a_private_chat_is_asked_once_a_second_at_most(api, tmp_path, stream):
    api.flood(1.0)
    engine = speaking(cut(REPLY, 2), 0.1)
    async with warmline(api, tmp_path, engine, stream=stream, private_seconds=1.0):
        api.feed(text("hello"))
        api.feed(text("/help"))
        await api.until(lambda: REPLY in api.texts(ANN.id) and len(api.texts(ANN.id)) == 2)
    assert api.violations == 0


async def test_a_group_is_asked_every_three_seconds_at_most_whoever_speaks(api, tmp_path):
    api.flood(3.0)
    async with warmline(api, tmp_path, speaking(PIECES, 0.3), group_seconds=3.0):
        api.feed(text("@warmline_bot hello", ANN, GROUP))
        api.feed(text("/help@warmline_bot", BEN, GROUP))
        await api.until(lambda: REPLY in api.texts(GROUP.id) and len(api.texts(GROUP.id)) == 2)
    assert api.violations == 0


@pytest.mark.parametrize("method", ["editMessageText", "sendMessage"])
async def test_fault_5_an_answer_lands_once_after_a_flood_wait(api, tmp_path, method):
    """Neither a frozen "…" nor a second copy, whichever call is told to wait."""
    api.fail(method, TooMany(1), TooMany(0.3))
    async with warmline(api, tmp_path, speaking(PIECES, 0.02), stream="edit"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
        api.feed(text("hello", BEN))
        await api.until(lambda: api.texts(BEN.id) == [REPLY])
    assert api.texts(ANN.id) == [REPLY]
    assert api.violations == 0


async def test_fault_5_the_last_edit_of_all_is_told_to_wait(api, tmp_path):
    api.fail("editMessageText", TooMany(1), when=lambda params: params["text"] == REPLY)
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream="edit"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
    assert (api.violations, api.count("sendMessage")) == (0, 1)


async def test_drafts_and_typing_that_fail_cost_no_word(api, tmp_path):
    api.fail("sendChatAction", FULL)
    api.fail("sendMessageDraft", TooMany(0.2), Status(502), Status(500), TooMany(0.2))
    async with warmline(api, tmp_path, speaking(PIECES, 0.15)):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
    assert (api.violations, api.count("sendMessage")) == (0, 1)
    assert (len(api.drafts) > 0, api.count("sendChatAction")) == (True, 1)


async def test_typing_is_shown_for_an_answer_and_not_for_a_quick_command(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")):
        api.feed(text("/help", BEN))
        api.feed(text("hello"))
        await api.until(lambda: api.actions == [(ANN.id, None, "typing")])
        going.set()
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        assert len(api.texts(BEN.id)) == 1
    assert api.actions == [(ANN.id, None, "typing")]
