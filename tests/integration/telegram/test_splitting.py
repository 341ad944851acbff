"""Faults 4, 6 and 15: long replies, emoji, newlines, marks. Nothing lost, nothing twice."""

from __future__ import annotations

import pytest
import regex

from tests.fakes import FakeEngine
from tests.integration.telegram.running import warmline
from tests.integration.telegram.speaking import cut, speaking
from tests.telegram_server.faults import Error
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN, GROUP
from tests.telegram_server.server import BotApi
from tests.telegram_server.texts import MESSAGE_UNITS, units

pytestmark = pytest.mark.usefixtures("any_words")

FAMILY = "👨‍👩‍👧‍👦"
LONG = " ".join(f"This is sentence number {number} of a long answer." for number in range(250))
TABLE = "| what | how |\n|---|---|\n| tea | **hot** |"
REFUSED = Error(400, "Bad Request: can't parse entities: unsupported start tag at byte offset 3")


async def answered(api: BotApi, whole: str, joint: str) -> list[str]:
    """The texts in Ann's chat, once they hold the whole reply."""
    await api.until(lambda: joint.join(api.texts(ANN.id)) == whole)
    return api.texts(ANN.id)


@pytest.mark.parametrize(
    ("stream", "emoji"),
    [("edit", FAMILY), ("draft", "🇨🇳"), ("off", "👍🏽"), ("edit", "e\u0301\u0302")],
)
async def test_fault_4_no_emoji_is_cut_and_all_of_them_arrive(api, tmp_path, stream, emoji):
    whole = emoji * 2000
    pieces = [" ", *cut(whole, 1500)]  # cut anywhere, as a model's tokens are
    async with warmline(api, tmp_path, speaking(pieces, 0.02), stream=stream):
        api.feed(text("hello"))
        texts = await answered(api, whole, "")
    assert len(texts) > 1
    assert max(map(units, texts)) <= MESSAGE_UNITS
    assert {one for text in texts for one in regex.findall(r"\p{RI}{2}|\X", text)} == {emoji}


@pytest.mark.parametrize("stream", ["edit", "draft", "off"])
async def test_fault_6_a_streamed_reply_beyond_the_limit_is_sent_once(api, tmp_path, stream):
    async with warmline(api, tmp_path, speaking(cut(LONG, 600), 0.02), stream=stream):
        api.feed(text("hello"))
        texts = await answered(api, LONG, " ")
        api.feed(text("/help"))
        await api.until(lambda: len(api.texts(ANN.id)) > len(texts))
    assert api.count("sendMessage") == len(texts) + 1
    assert len(api.messages(ANN.id)) == len(texts) + 1
    assert all(shown.startswith(draft) for *_, draft in api.drafts for shown in texts[:1])


async def test_the_first_message_replies_to_the_person_in_a_group_and_none_in_private(
    api, tmp_path
):
    async with warmline(api, tmp_path, FakeEngine(LONG)):
        api.feed(text("hello"))
        message = text("@warmline_bot hello", ANN, GROUP)
        api.feed(message)
        await api.until(
            lambda: LONG == " ".join(api.texts(GROUP.id)) == " ".join(api.texts(ANN.id))
        )
    replied = [one.reply_to and one.reply_to["message_id"] for one in api.messages(GROUP.id)]
    assert replied == [message["message"]["message_id"], *[None] * (len(replied) - 1)]
    assert not any(one.reply_parameters for one in api.messages(ANN.id))


async def test_fault_6_a_long_reply_that_a_restart_goes_on_with_is_there_once(
    api, tmp_path, monkeypatch
):
    monkeypatch.setattr("adapters.telegram.adapter.GRACE_SECONDS", 0.1)
    full = Error(429, "Too Many Requests: retry after 60", {"retry_after": 60})
    api.fail("sendMessage", full, when=lambda params: "number 100" in params["text"])
    async with warmline(api, tmp_path, FakeEngine(LONG), stream="off"):
        api.feed(text("hello"))
        await api.until(lambda: [call.status for call in api.calls_of("sendMessage")] == [200, 429])
    async with warmline(api, tmp_path, stream="off"):
        await answered(api, LONG, " ")


async def test_fault_15_newlines_stay_as_they_were_written(api, tmp_path):
    reply = "One.\n\nTwo:\n- a\n- b\n\n\n1. c\n    d"
    async with warmline(api, tmp_path, FakeEngine(reply)):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [reply])


async def test_fault_15_a_reply_without_a_word_is_no_empty_bubble(api, tmp_path):
    async with warmline(api, tmp_path, FakeEngine(" \n", "\n ")):
        api.feed(text("hello"))
        await api.until(lambda: len(api.texts(ANN.id)) == 1)
        assert "I am here" in api.texts(ANN.id)[0]


async def test_fault_15_marks_in_a_table_are_not_shown_raw(api, tmp_path):
    async with warmline(api, tmp_path, FakeEngine(TABLE)):
        api.feed(text("hello"))
        await api.until(lambda: bool(api.texts(ANN.id)))
        (shown,) = api.messages(ANN.id)
        assert shown.text == "what | how\n---- | ---\ntea  | hot"
        assert [entity["type"] for entity in shown.entities] == ["pre"]


@pytest.mark.parametrize("stream", ["edit", "off"])
async def test_bold_words_are_bold_where_emoji_come_before_them(api, tmp_path, stream):
    pieces = ["👋🏽 **De", "ar** An", "n"]
    async with warmline(api, tmp_path, speaking(pieces, 0.1), stream=stream):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["👋🏽 Dear Ann"])
        (shown,) = api.messages(ANN.id)
        assert shown.entities == ({"type": "bold", "offset": 5, "length": 4},)


@pytest.mark.parametrize("stream", ["edit", "off"])
async def test_fault_15_where_marks_are_refused_the_same_words_land_plain(api, tmp_path, stream):
    for method in ("sendMessage", "editMessageText"):
        api.fail(method, REFUSED, when=lambda params: bool(params.get("entities")), always=True)
    async with warmline(
        api, tmp_path, speaking(["**Dear** ", "*Ann*", ", hi"], 0.1), stream=stream
    ):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["**Dear** *Ann*, hi"])
        refused = [call for call in api.calls if call.status == 400]
        assert len(refused) == 1, "once refused, the answer is not formatted again"
