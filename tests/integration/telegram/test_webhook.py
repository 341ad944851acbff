"""Updates that are brought: only by Telegram, confirmed once they are written down."""

from __future__ import annotations

import asyncio
import io
import socket
import subprocess
from pathlib import Path

import aiohttp
import pytest

from adapters.base import AdapterError
from adapters.telegram.settings import Webhook
from storage.store import Store
from tests.integration.telegram.running import warmline
from tests.telegram_server import faults
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN, BEN

pytestmark = pytest.mark.usefixtures("quick")

ANSWER = "I hear you."
SECRET = "s-1_not-a-real-secret"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def hook(port: int) -> Webhook:
    return Webhook(f"http://127.0.0.1:{port}/telegram", SECRET, port=port)


async def post(url: str, body: bytes, secret: str = SECRET) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(body), headers={HEADER: secret}) as answer,
    ):
        assert not await answer.read()
        return answer.status


async def test_a_webhook_is_set_with_its_secret_and_answers(api, tmp_path, hook):
    async with warmline(api, tmp_path, webhook=hook) as bot:
        assert bot.started == ["@warmline_bot"]
        assert (api.webhook.url, api.webhook.secret) == (hook.url, SECRET)
        assert api.allowed_updates == [
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
        ]
        assert await api.push(text("hello")) == 200
        await api.until(lambda: api.texts(ANN.id) == [ANSWER])
        assert api.count("getUpdates") == 0
    assert api.webhook.url == hook.url  # Telegram keeps what comes while the bot is away


@pytest.mark.parametrize("secret", ["wrong", None, "ä", SECRET + "x"])
async def test_whoever_does_not_know_the_secret_is_refused(api, tmp_path, hook, secret):
    async with warmline(api, tmp_path, webhook=hook) as bot:
        assert await api.push(text("hello"), secret=secret) == 403
        assert await post(hook.url, b"not even JSON", secret="wrong") == 403
        assert await bot.store.people() == []
        assert api.texts(ANN.id) == []


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"{", b"\xff\xfe", b"[" * 100_000, b"{" + b" " * 5_000_000]
)
async def test_what_is_no_update_is_a_bad_request(api, tmp_path, hook, body):
    async with warmline(api, tmp_path, webhook=hook):
        assert await post(hook.url, body) == 400
        assert await api.push(text("hello")) == 200


async def test_another_path_and_another_method_are_not_found(api, tmp_path, hook):
    async with warmline(api, tmp_path, webhook=hook), aiohttp.ClientSession() as session:
        assert await post(hook.url + "/more", b"{}") == 404
        async with session.get(hook.url, headers={HEADER: SECRET}) as answer:
            assert answer.status == 404


async def test_a_proxy_may_cut_the_path(api, tmp_path, port):
    hook = Webhook("https://bot.example.org/somewhere/telegram", SECRET, port=port)
    async with warmline(api, tmp_path, webhook=hook):
        assert await api.push(text("hello"), url=f"http://127.0.0.1:{port}/telegram") == 200
        await api.until(lambda: api.texts(ANN.id) == [ANSWER])


async def test_a_second_delivery_is_answered_once(api, tmp_path, hook):
    update = {**text("hello"), "update_id": 700_000_001}
    async with warmline(api, tmp_path, webhook=hook) as bot:
        together = await asyncio.gather(*(api.push(update) for _ in range(5)))
        assert [*together, await api.push(update)] == [200] * 6
        await api.until(lambda: bool(api.texts(ANN.id)))
        await asyncio.sleep(0.2)
        assert api.texts(ANN.id) == [ANSWER]
        assert len(bot.engine.streamed) == 1
    async with warmline(api, tmp_path, webhook=hook) as bot:
        assert await api.push(update) == 200
        await asyncio.sleep(0.2)
        assert bot.engine.streamed == []


async def test_telegram_is_told_200_only_once_it_is_written_down(api, tmp_path, hook, monkeypatch):
    slow, begun, receive = asyncio.Event(), asyncio.Event(), Store.receive

    async def late(self, inbound):
        begun.set()
        await slow.wait()
        return await receive(self, inbound)

    monkeypatch.setattr(Store, "receive", late)
    update = {**text("hello"), "update_id": 700_000_001}
    async with warmline(api, tmp_path, webhook=hook) as bot:
        first = asyncio.create_task(api.push(update))
        await begun.wait()
        again = asyncio.create_task(api.push(update))  # Telegram has waited long enough
        await asyncio.sleep(0.3)
        assert not first.done()
        assert not again.done()
        slow.set()
        assert [await first, await again] == [200, 200]
        assert [known.messages for known in await bot.store.people()] == [1]
        await api.until(lambda: api.texts(ANN.id) == [ANSWER])


async def test_a_malformed_update_is_taken_and_the_next_is_answered(api, tmp_path, hook):
    async with warmline(api, tmp_path, webhook=hook):
        assert await post(hook.url, b'{"update_id": 7, "message": [1, 2]}') == 200
        assert await api.push(text("hello")) == 200
        await api.until(lambda: api.texts(ANN.id) == [ANSWER])


def certificate(folder: Path) -> tuple[Path, Path]:
    key, made = folder / "key.pem", folder / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run([*command.split(), *subject, *files], check=True, capture_output=True)
    return made, key


async def test_warmline_does_tls_itself_and_shows_telegram_its_certificate(api, tmp_path, port):
    made, key = certificate(tmp_path)
    hook = Webhook(
        f"https://127.0.0.1:{port}/telegram", SECRET, port=port, certificate=made, key=key
    )
    async with warmline(api, tmp_path, webhook=hook):
        assert api.webhook.certificate
        assert api.webhook.certificate.content == made.read_bytes()
        assert await api.push(text("hello")) == 200
        assert await api.push(text("hello"), secret="wrong") == 403
        await api.until(lambda: api.texts(ANN.id) == [ANSWER])


@pytest.mark.parametrize("spoilt", ["missing", "no certificate", "another's key"])
async def test_a_certificate_that_cannot_be_used_is_one_sentence(api, tmp_path, hook, spoilt):
    made, key = certificate(tmp_path)
    (tmp_path / "other").mkdir()
    if spoilt == "missing":
        made = tmp_path / "nowhere.pem"
    elif spoilt == "no certificate":
        made.write_text("hello")
    else:
        _, key = certificate(tmp_path / "other")
    broken = Webhook(hook.url, SECRET, port=hook.port, certificate=made, key=key)
    async with warmline(api, tmp_path, webhook=broken) as bot:
        error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert "webhook_cert and webhook_key cannot be used" in str(error)
    assert api.webhook.url == ""


async def test_a_taken_port_is_one_sentence(api, tmp_path, hook):
    with socket.create_server(("127.0.0.1", hook.port)):
        async with warmline(api, tmp_path, webhook=hook) as bot:
            error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert str(hook.port) in str(error)
    assert "webhook_port" in str(error)


async def test_a_refused_webhook_is_one_sentence(api, tmp_path, hook):
    why = "Bad Request: bad webhook: Failed to resolve host: Name or service not known"
    api.fail("setWebhook", faults.Error(400, why))
    async with warmline(api, tmp_path, webhook=hook) as bot:
        error = await bot.ended()
    assert isinstance(error, AdapterError)
    assert "failed to resolve host" in str(error)


async def test_a_webhook_is_set_once_telegram_can_be_reached(api, tmp_path, hook):
    soon = faults.Error(429, "Too Many Requests: retry after 1", {"retry_after": 0.05})
    api.fail("setWebhook", faults.Status(502), faults.DropBefore(), soon)
    async with warmline(api, tmp_path, webhook=hook) as bot:
        assert bot.started
        assert api.webhook.url == hook.url


async def test_no_secret_is_told_before_anything_is_opened(api, tmp_path):
    with pytest.raises(AdapterError, match="WARMLINE_TELEGRAM_WEBHOOK_SECRET"):
        async with warmline(api, tmp_path, webhook=Webhook("https://bot.example.org", "")):
            pass


async def test_polling_afterwards_takes_the_webhook_away(api, tmp_path, hook):
    async with warmline(api, tmp_path, webhook=hook):
        assert await api.push(text("hello")) == 200
        await api.until(lambda: api.texts(ANN.id) == [ANSWER])
    api.feed(text("hello", BEN))  # kept by Telegram meanwhile
    async with warmline(api, tmp_path):
        assert api.webhook.url == ""
        await api.until(lambda: api.texts(BEN.id) == [ANSWER])
