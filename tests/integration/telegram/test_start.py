"""A start: the token is checked, Telegram is waited for, a second poller ends it."""

from __future__ import annotations

import asyncio
import logging

import pytest
from telegram import Bot

from adapters.base import AdapterError
from bot.commands import GROUP_MENU, MENU
from tests.fakes import FakeEngine
from tests.integration.telegram.running import warmline
from tests.telegram_server import faults
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN

pytestmark = pytest.mark.usefixtures("quick")


@pytest.mark.parametrize("token", ["7000000001:AA-a-wrong-token", "nonsense"])
async def test_a_wrong_token_is_one_sentence_without_the_token(api, tmp_path, caplog, token):
    caplog.set_level(logging.DEBUG)
    async with warmline(api, tmp_path, token=token) as bot:
        error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert "refuses the token: compare WARMLINE_TELEGRAM_TOKEN" in str(error)
    assert token not in str(error)
    assert bot.started == []
    ours = [r for r in caplog.records if r.name.startswith(("adapters", "bot", "warmline"))]
    assert not any(token in record.getMessage() for record in ours)


async def test_no_token_is_told_before_anything_is_opened(api, tmp_path):
    with pytest.raises(AdapterError, match="WARMLINE_TELEGRAM_TOKEN"):
        async with warmline(api, tmp_path, token=""):
            pass
    assert api.calls == []


async def test_telegram_is_waited_for_at_the_start(api, tmp_path):
    away = [faults.DropBefore(), faults.Status(502), faults.Html(), faults.TooMany(0.05)]
    api.fail("getMe", *away)
    api.fail("deleteWebhook", *away)
    async with warmline(api, tmp_path) as bot:
        assert bot.started == ["@warmline_bot"]
        assert (api.count("getMe"), api.count("deleteWebhook")) == (5, 5)
        api.feed(text("hello"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])


async def test_a_stop_does_not_wait_for_telegram(api, tmp_path):
    api.fail("getMe", faults.DropBefore(), always=True)
    async with warmline(api, tmp_path, wait=False) as bot:
        await api.until(lambda: api.count("getMe") > 1)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 2
    assert bot.task
    assert bot.task.cancelled()


@pytest.mark.parametrize(("language", "other"), [("en", "zh"), ("zh", "en")])
async def test_the_commands_are_listed_in_both_languages_and_per_scope(
    api, tmp_path, language, other
):
    async with warmline(api, tmp_path, language=language):
        assert {key: tuple(names) for key, names in api.commands.items()} == {
            ("default", ""): MENU,
            ("default", other): MENU,
            ("all_group_chats", ""): GROUP_MENU,
            ("all_group_chats", other): GROUP_MENU,
            ("all_chat_administrators", ""): (*GROUP_MENU, "trend"),
            ("all_chat_administrators", other): (*GROUP_MENU, "trend"),
        }
        assert api.commands["default", ""]["help"] != api.commands["default", other]["help"]


async def test_without_its_command_lists_the_bot_works(api, tmp_path):
    api.fail("setMyCommands", faults.Error(400, "Bad Request: BOT_COMMAND_INVALID"), always=True)
    async with warmline(api, tmp_path) as bot:
        assert bot.started == ["@warmline_bot"]


async def test_a_second_poller_is_told_and_is_left_alone(api, tmp_path):
    async with warmline(api, tmp_path) as bot, Bot(api.token, base_url=api.base_url) as other:
        await api.until(lambda: api.polling)
        theirs = asyncio.create_task(other.get_updates(timeout=20))
        error = await bot.ended()
        assert isinstance(error, AdapterError)
        assert "another program uses this Telegram token" in str(error)
        assert api.polling
        assert not theirs.done()
        api.feed(text("hello"))
        assert len(await theirs) == 1


async def test_what_a_second_poller_cuts_off_is_answered_at_the_next_start(
    api, tmp_path, monkeypatch
):
    monkeypatch.setattr("adapters.telegram.adapter.GRACE_SECONDS", 0.1)
    async with warmline(api, tmp_path, FakeEngine(asyncio.Event(), "Never.")) as bot:
        api.feed(text("hello"))
        await bot.engine.waiting.acquire()
        await api.until(lambda: api.polling and not api.pending())
        api.fail("getUpdates", faults.Error(409, "Conflict: terminated by other getUpdates"))
        api.feed(text("/help"))
        assert isinstance(await bot.ended(), AdapterError)
    async with warmline(api, tmp_path):
        await api.until(lambda: "I hear you." in api.texts(ANN.id))


async def test_a_token_that_is_revoked_is_told(api, tmp_path, caplog):
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.polling)
        api.fail("getUpdates", faults.Error(401, "Unauthorized"))
        api.feed(text("hello"))
        error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert "no longer takes the token" in str(error)
    assert api.token not in caplog.text + str(error)
