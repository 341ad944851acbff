"""An alert over Telegram: a person allows it, writes of a danger, and the responder is told once.

The chat, the loop, the store and the library are the real ones.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.messages import Person, Scope
from bot import wiring
from bot.cli.serve import _serve
from bot.config import load
from bot.models import Model
from bot.safety import crisis_answer
from bot.texts.sentences import say
from storage.store import Store
from tests.fakes import FakeEngine, answer, chat_on, said, text_of
from tests.integration.reaching import looking
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import warmline
from tests.telegram_server import faults
from tests.telegram_server.messages import press, text
from tests.telegram_server.people import ANN, BEN, GROUP

pytestmark = pytest.mark.usefixtures("quick")

RESPONDER = ("telegram", str(BEN.id))
DANGER = "i want to die"
TOLD = f"{crisis_answer('en', '')}\n\n{say('en', 'alert.told')}"
YES = "/privacy alert on yes"


@pytest.fixture
async def bot(api, tmp_path):
    """Warmline whose responder is Ben, who has written to it."""
    async with warmline(api, tmp_path, responder=RESPONDER) as running:
        await known(api)
        yield running


async def known(api):
    """Ben writes, and chooses a language."""
    api.feed(text("/language en", BEN))
    await api.until(lambda: bool(api.texts(BEN.id)))


async def allowed(api, tmp_path):
    """Ann allows it by the card's own button."""
    api.feed(text("/privacy alert"))
    await api.until(lambda: bool(api.messages(ANN.id)))
    card = api.messages(ANN.id)[-1]
    yes = next(data for _, data in card.buttons)
    assert YES in yes
    api.feed(press(yes, card.json()))
    await api.until(lambda: len(rows(tmp_path, "SELECT * FROM alerts")) == 1)


def alerts(api):
    """What Ben was told of a danger."""
    return [one for one in api.texts(BEN.id) if f"telegram:{ANN.id}" in one]


async def test_the_responder_gets_exactly_one_message_and_the_person_reads_that_they_do(
    api, bot, monkeypatch, tmp_path
):
    await allowed(api, tmp_path)
    async with AsyncExitStack() as loops:
        other = await loops.enter_async_context(await Store.open(folder=tmp_path))
        for store in (bot.store, other):  # as two processes look
            bot.store = store
            await loops.enter_async_context(looking(bot, "telegram", monkeypatch))
        api.feed(text(DANGER))
        await api.until(lambda: TOLD in api.texts(ANN.id))
        api.feed(text("i really want to kill myself"))
        await api.until(lambda: crisis_answer("en", "") in api.texts(ANN.id))
        await api.until(lambda: bool(alerts(api)))
        await asyncio.sleep(0.3)
    (told,) = alerts(api)
    assert told.startswith(f"Ann (telegram:{ANN.id}) wrote to me at ")
    assert DANGER not in told
    assert rows(tmp_path, "SELECT who, what, about, user_id FROM audit") == [
        ("responder", "alert", "", str(ANN.id))
    ]


async def test_without_a_yes_nobody_is_told(api, bot, monkeypatch, tmp_path):
    async with looking(bot, "telegram", monkeypatch):
        api.feed(text(DANGER))
        await api.until(lambda: crisis_answer("en", "") in api.texts(ANN.id))
        await asyncio.sleep(0.2)
    assert alerts(api) == []
    assert rows(tmp_path, "SELECT * FROM letters") == []


async def test_in_a_group_nobody_is_told_and_nothing_can_be_allowed(
    api, bot, monkeypatch, tmp_path
):
    await allowed(api, tmp_path)
    async with looking(bot, "telegram", monkeypatch):
        api.feed(text(f"@warmline_bot {DANGER}", ANN, GROUP))
        await api.until(lambda: crisis_answer("en", "") in api.texts(GROUP.id))
        await asyncio.sleep(0.2)
    assert alerts(api) == []


async def test_one_that_surely_was_not_sent_is_sent_at_the_next_look(
    api, bot, monkeypatch, tmp_path
):
    await allowed(api, tmp_path)
    api.feed(text(DANGER))
    await api.until(lambda: TOLD in api.texts(ANN.id))
    full = faults.Error(429, "Too Many Requests: retry after 1", {"retry_after": 1})
    api.fail("sendMessage", full)
    async with looking(bot, "telegram", monkeypatch):
        await api.until(lambda: bool(alerts(api)))
        await asyncio.sleep(0.2)
    assert len(alerts(api)) == 1


async def test_a_responder_who_blocked_it_is_one_warning_without_an_id(
    api, bot, monkeypatch, tmp_path, caplog
):
    await allowed(api, tmp_path)
    api.feed(text(DANGER))
    await api.until(lambda: TOLD in api.texts(ANN.id))
    before = api.count("sendMessage")
    api.fail("sendMessage", faults.BLOCKED, always=True)
    async with looking(bot, "telegram", monkeypatch):
        await api.until(lambda: "an alert did not arrive" in caplog.text)
        await asyncio.sleep(0.2)
    assert api.count("sendMessage") == before + 1
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("warmline")]
    assert sum("an alert did not arrive" in line for line in ours) == 1
    assert not any(str(BEN.id) in line for line in ours)


async def test_forget_takes_the_yes_back(api, bot, tmp_path):
    await allowed(api, tmp_path)
    api.feed(text("/forget everything"))
    await api.until(lambda: rows(tmp_path, "SELECT * FROM alerts") == [])


@given(words=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_no_word_of_the_person_is_in_the_letter(tmp_path, words):
    now = datetime.now(UTC)
    who: dict[str, Any] = {
        "scope": Scope("telegram", "7"),
        "person": Person("telegram", "7", "Ann"),
    }
    async with await Store.open(folder=tmp_path, clock=lambda: now) as store:
        await store.set_carded(*RESPONDER)
        await store.forget("telegram", "7")
        await store.allow_alert("telegram", "7", *RESPONDER)
        chat = chat_on(FakeEngine(), store, responder=RESPONDER)
        message = said(f"{words}\n{DANGER}", sent_at=now - timedelta(seconds=1), **who)
        events = await answer(chat, message)
        chat.close()
        (letter,) = await store.take_letters("telegram")
    assert text_of(events).endswith(say("en", "alert.told")) or "联系人" in text_of(events)
    assert letter.facts == {
        "who": "telegram:7",
        "name": "Ann",
        "danger": "self",
        "at": message.sent_at.isoformat(),
    }


async def test_warmline_run_says_once_that_the_responder_is_not_known(
    api, tmp_path, monkeypatch, caplog
):
    @asynccontextmanager
    async def no_model(settings, model):
        yield FakeEngine()

    monkeypatch.setattr(wiring, "open_engine", no_model)
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path))
    config = load(None, {"WARMLINE_TELEGRAM_TOKEN": api.token})
    telegram = config.telegram.model_copy(update={"enabled": True, "base_url": api.base_url})
    http = config.http.model_copy(update={"enabled": False})
    safety = config.safety.model_copy(update={"responder": f"telegram:{BEN.id}"})
    config = config.model_copy(update={"telegram": telegram, "http": http, "safety": safety})
    running = asyncio.create_task(_serve(config, Model("tiny", "tiny")))
    try:
        await known(api)
        api.feed(text("/privacy alert"))  # by now there is somebody to be told
        await api.until(lambda: bool(api.messages(ANN.id)))
        assert api.texts(ANN.id) == [say("en", "alert.ask")]
    finally:
        running.cancel()
        await asyncio.wait({running})
    said_ = [one for one in caplog.messages if "the [safety] responder is not known yet" in one]
    assert len(said_) == 1
    assert str(BEN.id) not in said_[0]
