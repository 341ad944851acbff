"""What stands in a chat when things go wrong, wait, or are more than words."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.texts.sentences import say
from tests.fakes import FakeEngine
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import warmline
from tests.integration.telegram.speaking import cut, speaking
from tests.telegram_server.faults import (
    BLOCKED,
    DropAfter,
    DropBefore,
    Error,
    Fault,
    Html,
    Slow,
    Status,
)
from tests.telegram_server.messages import press, text
from tests.telegram_server.people import ANN, BEN, GROUP, LI
from tests.telegram_server.server import BotApi

pytestmark = pytest.mark.usefixtures("any_words")

REPLY = "That hurts. Keys go astray. It is late. I hear you, Ann."
PIECES = cut(REPLY, 8)
DOUBT = say("en", "turn.perhaps_sent")
DONE_NOTHING = [Status(502), DropBefore(), Html()]


async def settled(api: BotApi) -> None:
    """All that was fed is taken, and a later message of somebody else is answered."""
    before = len(api.texts(LI.id))
    api.feed(text("/help", LI))
    await api.until(lambda: len(api.texts(LI.id)) > before)
    await asyncio.sleep(0.1)


# A person who is gone


@pytest.mark.parametrize(
    ("stream", "method"),
    [("draft", "sendMessageDraft"), ("edit", "sendMessage"), ("edit", "editMessageText")],
)
async def test_fault_7_a_block_in_the_middle_stops_the_model_for_good(
    api, tmp_path, stream, method
):
    api.fail(method, BLOCKED, always=True, when=lambda params: params["chat_id"] == ANN.id)
    engine = speaking(PIECES * 100, 0.05)
    async with warmline(api, tmp_path, engine, stream=stream):
        api.feed(text("I lost my keys"))
        await api.until(lambda: engine.stopped == 1)
        await settled(api)
    async with warmline(api, tmp_path) as bot:
        await settled(api)
        assert bot.engine.streamed == []
    assert (
        api.count(method) == len([call for call in api.calls_of(method) if call.status != 403]) + 1
    )
    assert rows(tmp_path, "SELECT reason FROM deliveries WHERE reason != ''") == [("blocked",)]


# Answers of the server that are lost


@pytest.mark.parametrize(
    "fault", [*DONE_NOTHING, DropAfter()], ids=lambda fault: type(fault).__name__
)
async def test_a_message_that_was_perhaps_sent_is_followed_by_one_line(api, tmp_path, fault):
    """Whether the server acted cannot be seen from here: it is never sent again."""
    api.fail("sendMessage", fault)
    async with warmline(api, tmp_path, FakeEngine(REPLY), stream="off"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id)[-1:] == [DOUBT])
        await settled(api)
    async with warmline(api, tmp_path, stream="off") as bot:
        await settled(api)
        assert bot.engine.streamed == []
    acted = isinstance(fault, DropAfter)
    assert api.texts(ANN.id) == [*[REPLY] * acted, DOUBT]


async def test_after_a_doubt_a_retry_brings_the_answer(api, tmp_path):
    api.fail("sendMessage", DropBefore())
    async with warmline(api, tmp_path, FakeEngine(REPLY), stream="off"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [DOUBT])
        api.feed(text("/retry"))
        await api.until(lambda: api.texts(ANN.id) == [DOUBT, REPLY])


async def test_an_edit_that_was_perhaps_made_is_made_again(api, tmp_path):
    api.fail("editMessageText", Status(502), DropAfter(), DropBefore(), Html(), Status(500))
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream="edit"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
        await api.until(lambda: rows(tmp_path, "SELECT state FROM deliveries") == [("delivered",)])
    assert api.count("sendMessage") == 1


async def test_a_place_that_was_perhaps_held_leaves_a_lone_line_and_one_answer(api, tmp_path):
    api.fail("sendMessage", DropAfter())
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream="edit"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["…", REPLY])


async def test_a_server_that_answers_slowly_loses_no_word(api, tmp_path):
    slow: list[Fault] = [Slow(0.4), Slow(0.4, acts_late=True)] * 2
    api.fail("sendMessage", *slow)
    api.fail("editMessageText", *slow)
    async with warmline(api, tmp_path, speaking(PIECES, 0.05), stream="edit") as bot:
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [REPLY])
        assert bot.engine.stopped == 0


async def test_an_answer_that_is_refused_is_told_and_not_tried_at_the_next_start(api, tmp_path):
    strange = Error(400, "Bad Request: SOMETHING_NEW")
    api.fail("sendMessage", strange, when=lambda params: params["text"] == REPLY, always=True)
    async with warmline(api, tmp_path, FakeEngine(REPLY), stream="off"):
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == [say("en", "turn.failed_unkept")])
    async with warmline(api, tmp_path) as bot:
        await settled(api)
        assert bot.engine.streamed == []
    assert len(api.texts(ANN.id)) == 1


async def test_a_message_that_somebody_deletes_is_written_anew_in_the_end(api, tmp_path):
    going = asyncio.Event()
    async with warmline(
        api, tmp_path, FakeEngine(" I hear you. Go", going, " on."), stream="edit"
    ) as bot:
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        api.remove(ANN.id, api.messages(ANN.id)[0].message_id)
        going.set()
        await api.until(lambda: api.texts(ANN.id) == ["I hear you. Go on."])
        assert bot.engine.stopped == 0


# Waiting and stopping


@pytest.mark.parametrize("stream", ["edit", "draft"])
async def test_a_stopped_answer_keeps_what_was_shown(api, tmp_path, stream):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on."), stream=stream):
        api.feed(text("hello"))
        await api.until(lambda: api.drafts or api.texts(ANN.id) == ["I hear you."])
        api.feed(text("/stop"))
        await api.until(lambda: "Stopped." in api.texts(ANN.id))
        going.set()
        await api.until(lambda: len(api.texts(ANN.id)) == 2)
    (reply,) = [shown for shown in api.texts(ANN.id) if shown != "Stopped."]
    assert reply.startswith("I hear you.")
    assert rows(tmp_path, "SELECT reply FROM turns WHERE reply != ''") == [(reply,)]


@pytest.mark.parametrize("stream", ["edit", "off"])
async def test_a_waiting_line_is_replaced_by_the_answer(api, tmp_path, stream):
    going = asyncio.Event()
    engine = FakeEngine(going, " I hear you.")
    async with warmline(api, tmp_path, engine, stream=stream, chat={"places": 1}):
        api.feed(text("hello"))
        await engine.waiting.acquire()
        api.feed(text("hello", BEN))
        await api.until(lambda: len(api.texts(BEN.id)) == 1)
        (line,) = api.messages(BEN.id)
        assert "you are number 1" in line.text
        going.set()
        await api.until(lambda: api.texts(BEN.id) == ["I hear you."])
        assert api.messages(BEN.id)[0].message_id == line.message_id


async def test_a_waiting_line_is_a_draft_where_answers_are(api, tmp_path):
    going = asyncio.Event()
    engine = FakeEngine(going, " I hear you.")
    async with warmline(api, tmp_path, engine, chat={"places": 1}):
        api.feed(text("hello"))
        await engine.waiting.acquire()
        api.feed(text("hello", BEN))
        await api.until(lambda: any("you are number 1" in draft for *_, draft in api.drafts))
        going.set()
        await api.until(lambda: api.texts(BEN.id) == ["I hear you."])


async def test_the_waiting_line_of_a_stopped_turn_goes(api, tmp_path):
    going = asyncio.Event()
    engine = FakeEngine(going, " I hear you.")
    async with warmline(api, tmp_path, engine, stream="edit", chat={"places": 1}):
        api.feed(text("hello"))
        await engine.waiting.acquire()
        api.feed(text("hello", BEN))
        await api.until(lambda: len(api.texts(BEN.id)) == 1)
        api.feed(text("/stop", BEN))
        await api.until(lambda: "Stopped." in api.texts(BEN.id))
        going.set()
        await api.until(lambda: api.texts(BEN.id) == ["Stopped."])


# Files and cards


async def test_an_export_comes_as_two_documents(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(text("I lost my keys"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        api.feed(text("/export"))
        await api.until(lambda: len(api.messages(ANN.id)) == 3)
        as_json, as_markdown = (one.document for one in api.messages(ANN.id)[1:])
        assert as_json.name.endswith(".json")
        assert json.loads(as_json.content)["user_id"] == str(ANN.id)
        assert as_markdown.name.endswith(".md")
        assert "I lost my keys" in as_markdown.content.decode()
        assert all(one.text for one in api.messages(ANN.id)[1:]), "each says what it is"


async def test_a_press_is_acknowledged_and_says_its_command(api, tmp_path):
    async with warmline(api, tmp_path, mood_memory="ask"):
        api.feed(text("/start"))
        await api.until(lambda: bool(api.messages(ANN.id)))
        (card,) = api.messages(ANN.id)
        assert [data for _, data in card.buttons] == ["/memory on", "/memory off"]
        api.feed(press("/memory on", card.json()))
        await api.until(lambda: len(api.texts(ANN.id)) == 2)
        assert api.texts(ANN.id)[1] == say("en", "memory.turned_on")
        await api.until(lambda: api.count("answerCallbackQuery") == 1)
    assert rows(tmp_path, "SELECT mood_memory FROM people") == [("on",)]


async def test_a_double_press_is_harmless_and_both_are_acknowledged(api, tmp_path):
    async with warmline(api, tmp_path, mood_memory="ask"):
        api.feed(text("/start"))
        await api.until(lambda: bool(api.messages(ANN.id)))
        (card,) = api.messages(ANN.id)
        api.feed(press("/memory off", card.json()))
        api.feed(press("/memory off", card.json()))
        await api.until(lambda: api.count("answerCallbackQuery") == 2)
        await api.until(lambda: len(api.texts(ANN.id)) == 3)
    assert rows(tmp_path, "SELECT mood_memory FROM people") == [("off",)]


async def test_a_press_on_an_old_card_is_answered_though_it_cannot_be_acknowledged(api, tmp_path):
    api.fail("answerCallbackQuery", Error(400, "Bad Request: query is too old"))
    async with warmline(api, tmp_path, mood_memory="ask"):
        old = {"chat": {"id": ANN.id, "type": "private"}, "message_id": 5, "date": 0}
        api.feed(press("/memory on", old))
        await api.until(lambda: api.texts(ANN.id) == [say("en", "memory.turned_on")])


async def test_the_card_comes_once_after_the_first_answer(api, tmp_path):
    async with warmline(api, tmp_path, mood_memory="ask"):
        api.feed(text("I lost my keys"))
        await api.until(lambda: len(api.messages(ANN.id)) == 2)
        assert [bool(one.buttons) for one in api.messages(ANN.id)] == [False, True]
        api.feed(text("Now I found them"))
        await api.until(lambda: len(api.messages(ANN.id)) == 3)
        api.feed(text("@warmline_bot and you?", BEN, GROUP))
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
    assert not api.messages(ANN.id)[2].buttons
