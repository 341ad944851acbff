"""What a death of the process costs: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import asyncio

import pytest

from bot.texts.sentences import say
from storage.errors import DatabaseBusy
from storage.store import Store
from tests.fakes import FakeEngine
from tests.integration.telegram.processes import killed, process, rows
from tests.integration.telegram.running import warmline
from tests.telegram_server import faults
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN, BEN, GROUP

pytestmark = pytest.mark.usefixtures("quick")

STATES = "SELECT state FROM turns ORDER BY id"
DELIVERIES = "SELECT state, sent FROM deliveries ORDER BY turn_id"
DOUBT = say("en", "turn.perhaps_sent")


async def test_a_message_received_before_a_kill_is_answered_once(api, tmp_path):
    async with process(api, tmp_path, None) as first:
        api.feed(text("I lost my keys"))
        await api.until(lambda: not api.pending() and rows(tmp_path, STATES) == [("answering",)])
        await killed(first)
    assert api.texts(ANN.id) == []
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        await settled(api)
        assert api.texts(ANN.id) == ["I hear you."]
        assert len(bot.engine.streamed) == 1
    async with warmline(api, tmp_path) as bot:
        await settled(api)
        assert bot.engine.streamed == []
        assert api.texts(ANN.id) == ["I hear you."]


async def test_a_message_that_comes_again_after_a_kill_is_answered_once(api, tmp_path):
    update = {**text("I lost my keys"), "update_id": 700_000_001}
    async with process(api, tmp_path, None) as first:
        api.feed(update)
        await api.until(lambda: rows(tmp_path, STATES) == [("answering",)])
        await killed(first)
    api.feed(update)
    async with warmline(api, tmp_path) as bot:
        await settled(api)
        await api.until(lambda: bool(api.texts(ANN.id)))
        api.feed(update)
        await settled(api)
        assert api.texts(ANN.id) == ["I hear you."]
        assert len(bot.engine.streamed) == 1


async def test_an_answer_that_was_perhaps_sent_is_doubted_in_one_line(api, tmp_path):
    api.fail("sendMessage", faults.Slow(60))  # it is there, and nobody learns of it
    async with process(api, tmp_path, " I hear you.") as first:
        api.feed(text("I lost my keys"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        assert rows(tmp_path, DELIVERIES) == [("creating", "[]")]
        await killed(first)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.texts(ANN.id) == ["I hear you.", DOUBT])
        assert bot.engine.streamed == []
    async with warmline(api, tmp_path):
        await settled(api)
        assert api.texts(ANN.id) == ["I hear you.", DOUBT]


async def test_a_fixed_answer_in_a_crisis_is_rather_said_twice_than_not_at_all(api, tmp_path):
    api.fail("sendMessage", faults.Slow(60, acts_late=True))
    async with process(api, tmp_path, None) as first:
        api.feed(text("I want to kill myself"))
        await api.until(lambda: api.count("sendMessage") == 1)
        await killed(first)
    assert rows(tmp_path, DELIVERIES) == [("creating", "[]")]
    async with warmline(api, tmp_path):
        await api.until(lambda: len(api.texts(ANN.id)) == 1)
        assert "findahelpline.com" in api.texts(ANN.id)[0]


async def test_an_answer_that_had_begun_to_show_goes_on_in_the_same_message(api, tmp_path):
    async with process(api, tmp_path, " It will pass. Rest", None) as first:
        api.feed(text("@warmline_bot I lost my keys", ANN, GROUP))
        await api.until(lambda: bool(api.texts(GROUP.id)))
        (shown,) = api.messages(GROUP.id)
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("open", f'["{shown.message_id}"]')])
        await killed(first)
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        assert [one.message_id for one in api.messages(GROUP.id)] == [shown.message_id]


async def test_an_answer_that_was_written_and_never_sent_is_sent(api, tmp_path):
    full = faults.Error(429, "Too Many Requests: retry after 60", {"retry_after": 60})
    api.fail("sendMessage", full)
    async with process(api, tmp_path, " I hear you.") as first:
        api.feed(text("I lost my keys"))
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("open", "[]")])
        assert rows(tmp_path, STATES) == [("answered",)]
        await killed(first)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        assert bot.engine.streamed == []


async def test_an_answer_whose_last_note_is_missing_stays_as_it_is(api, tmp_path, monkeypatch):
    async def fail(self, place, reason=""):
        raise DatabaseBusy("Another program holds it: close it.")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "delivery_ended", fail)
        async with warmline(api, tmp_path):
            api.feed(text("/help"))
            api.feed(text("I lost my keys", BEN))
            await api.until(lambda: len(api.texts(ANN.id)) == len(api.texts(BEN.id)) == 1)
    shown = [*api.texts(ANN.id), *api.texts(BEN.id)]
    async with warmline(api, tmp_path):
        await settled(api)
        assert [*api.texts(ANN.id), *api.texts(BEN.id)] == shown


async def test_an_orderly_stop_lets_a_running_answer_end(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on.")) as bot:
        api.feed(text("I lost my keys"))
        await bot.engine.waiting.acquire()
        asyncio.get_running_loop().call_later(0.5, going.set)
    assert api.texts(ANN.id) == ["I hear you. Go on."]


async def test_an_orderly_stop_keeps_what_was_shown_and_finishes_what_was_not(
    api, tmp_path, monkeypatch
):
    monkeypatch.setattr("adapters.telegram.adapter.GRACE_SECONDS", 0.2)
    engine = FakeEngine()
    engine.reply = lambda prompt: (
        [" I hear you. Go", asyncio.Event()]
        if "keys" in prompt.messages[-2].content
        else [asyncio.Event()]
    )
    async with warmline(api, tmp_path, engine):
        api.feed(text("I lost my keys", ANN))
        api.feed(text("My cat is ill", BEN))
        await engine.waiting.acquire()
        await engine.waiting.acquire()
    async with warmline(api, tmp_path, FakeEngine(" Poor cat.")):
        await api.until(lambda: api.texts(BEN.id) == ["Poor cat."])
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])


async def test_nothing_is_confirmed_before_it_is_written_down(api, tmp_path, monkeypatch):
    slow = asyncio.Event()
    receive = Store.receive

    async def late(self, inbound):
        await slow.wait()
        return await receive(self, inbound)

    monkeypatch.setattr(Store, "receive", late)
    async with warmline(api, tmp_path) as bot:
        number = api.feed(text("I lost my keys"))
        await api.until(lambda: api.pending()[0]["update_id"] == number and not api.polling)
        await asyncio.sleep(0.3)
        assert (api.confirmed, api.polling) == (0, False)
        slow.set()
        await api.until(lambda: api.confirmed == number)
        assert [known.messages for known in await bot.store.people()] == [1]


async def test_a_stop_before_it_is_written_down_leaves_it_with_telegram(api, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        never = asyncio.Event()
        begun = asyncio.Event()

        async def hang(self, inbound):
            begun.set()
            await never.wait()

        patched.setattr(Store, "receive", hang)
        patched.setattr("adapters.telegram.adapter.GRACE_SECONDS", 0.1)
        async with warmline(api, tmp_path):
            api.feed(text("I lost my keys"))
            await asyncio.wait_for(begun.wait(), 10)
        assert api.confirmed == 0
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])


async def settled(api):
    """All that was fed is confirmed, and nothing more comes of it."""
    await api.until(lambda: not api.pending() and api.polling)
    await asyncio.sleep(0.3)
