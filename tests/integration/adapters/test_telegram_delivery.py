"""How the tests' own Bot API server hands updates over, and goes wrong when it is told to."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TimedOut
from telegram.ext import Updater

from tests.telegram_server import faults, messages
from tests.telegram_server.people import ANN, BEN, Json
from tests.telegram_server.server import BotApi


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the library warns at every 429."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with bot_of(api) as it:
        yield it


def bot_of(api: BotApi) -> Bot:
    return Bot(api.token, base_url=api.base_url, base_file_url=api.base_file_url)


async def test_an_offset_confirms_and_a_limit_holds(api, bot):
    first, second = api.feed(messages.text("one")), api.feed(messages.text("two"))
    assert [one.update_id for one in await bot.get_updates(limit=1)] == [first]
    assert (api.confirmed, len(api.pending())) == (0, 2)
    (left,) = await bot.get_updates(offset=second)
    assert (left.message.text, api.confirmed) == ("two", first)
    again = api.feed({**messages.text("twice"), "update_id": first})
    assert [one.update_id for one in await bot.get_updates(offset=second)] == [second, again]
    await bot.get_updates(offset=second + 1)
    assert api.pending() == []


async def test_a_long_poll_waits_and_only_asked_kinds_come(api, bot):
    poll = asyncio.create_task(bot.get_updates(timeout=20, allowed_updates=["message"]))
    await api.until(lambda: api.polling)
    api.feed(messages.channel_post("news"))
    api.feed(messages.text("hello"))
    (update,) = await poll
    assert (update.message.text, api.allowed_updates) == ("hello", ["message"])
    assert [set(one) for one in api.withheld] == [{"update_id", "channel_post"}]
    assert api.calls_of("getUpdates")[0].params["timeout"] == 20


async def test_a_second_poll_and_a_webhook_end_the_first(api, bot):
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await api.until(lambda: api.polling)
    async with bot_of(api) as other:
        second = asyncio.create_task(other.get_updates(timeout=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await first
        await api.until(lambda: api.polling)
        await bot.set_webhook("https://bot.example/hook", secret_token="s-1")
        with pytest.raises(Conflict, match="terminated by setWebhook"):
            await second
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "https://bot.example/hook"
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("https://bot.example/hook", secret_token="no good")
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_the_library_polls_confirms_and_stops(api, bot):
    queue: asyncio.Queue[Any] = asyncio.Queue()
    async with Updater(bot, queue) as updater:
        await updater.start_polling()
        last = [api.feed(messages.text(words)) for words in ("one", "two")][-1]
        assert (await queue.get()).message.text == "one"
        await api.until(lambda: api.confirmed == last)
        await updater.stop()
    assert api.count("deleteWebhook") == 1


def certificate(folder: Path) -> tuple[Path, Path]:
    key, crt = folder / "key.pem", folder / "crt.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(crt)]
    subprocess.run([*command.split(), *subject, *files], check=True, capture_output=True)
    return key, crt


@pytest.mark.parametrize("tls", [False, True])
async def test_an_update_is_pushed_with_the_secret(api, bot, tmp_path, tls):
    came: list[Json] = []

    async def hook(request: web.Request) -> web.Response:
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != "s-1":
            return web.Response(status=403)
        came.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    context, trusted = None, None
    if tls:
        key, trusted = certificate(tmp_path)
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(trusted, key)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}/hook"
    await bot.set_webhook(url, secret_token="s-1", certificate=trusted)
    try:
        assert await api.push(messages.text("hi"), secret="wrong") == 403
        assert await api.push(messages.text("hi"), secret=None) == 403
        assert (api.confirmed, await api.push(messages.text("hi"))) == (0, 200)
        assert api.confirmed == came[0]["update_id"]
    finally:
        await runner.cleanup()


async def test_each_fault_spoils_one_call(api, bot):
    async def send() -> None:
        await bot.send_message(ANN.id, "x", read_timeout=0.1)

    for fault, error, done in [
        (faults.Status(502), NetworkError, 0),
        (faults.Status(500, "<p>"), NetworkError, 0),
        (faults.DropBefore(), NetworkError, 0),
        (faults.DropAfter(), NetworkError, 1),
        (faults.Slow(0.2), TimedOut, 1),
        (faults.Slow(0.2, acts_late=True), TimedOut, 0),
        (faults.BLOCKED, Forbidden, 0),
        (faults.TooMany(0.01), RetryAfter, 0),
    ]:
        before = len(api.texts(ANN.id))
        api.fail("sendMessage", fault)
        with pytest.raises(error):
            await send()
        assert len(api.texts(ANN.id)) - before == done, fault
    await api.until(lambda: len(api.texts(ANN.id)) == 3)
    api.fail("*", faults.DropBefore(), always=True, when=lambda params: "chat_id" in params)
    for _ in range(2):
        with pytest.raises(NetworkError):
            await send()
    await bot.get_me()
    api.mend()
    await send()
    assert len(api.texts(ANN.id)) == 4


async def test_a_page_instead_of_json_is_no_answer(api, bot):
    api.fail("sendMessage", faults.Html())
    with pytest.raises(Exception, match="Invalid server response"):
        await bot.send_message(ANN.id, "x")


async def test_flood_control_counts_who_does_not_wait(api, bot):
    api.flood(0.3, retry_after=0.1)
    sent = await bot.send_message(ANN.id, "x")
    await bot.send_message(BEN.id, "x")
    with pytest.raises(RetryAfter):
        await sent.edit_text("y")
    api.flood(0)
    api.fail("editMessageText", faults.TooMany(30))
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("y", BEN.id, api.messages(BEN.id)[0].message_id)
    with pytest.raises(RetryAfter, match="0:00:30"):
        await bot.send_message(BEN.id, "early")
    assert api.violations == 2


async def test_a_wait_in_vain_shows_the_state(api, bot):
    await bot.send_message(ANN.id, "Hello")
    with pytest.raises(AssertionError, match=r"chat 101: \['Hello'\]\n.*getMe"):
        await api.until(lambda: False, seconds=0.05)
