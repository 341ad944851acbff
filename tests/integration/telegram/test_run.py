"""`warmline run` as a whole process, with a toy model on a server: what it says and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from telegram import Bot

from tests.integration.engine import openai_server
from tests.integration.engine.openai_flavours import MODEL, VLLM
from tests.integration.engine.openai_server import OpenAIServer, serving
from tests.integration.telegram.processes import ROOT, killed, rows
from tests.telegram_server import faults
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN

WORDS = "My secret is a blue heron"
SETTINGS = """
[engine]
kind = "remote"
model = "{model}"
base_url = "{engine}"
[telegram]
enabled = true
base_url = "{telegram}"
[http]
enabled = false
[log]
level = "{level}"
"""


@pytest.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIServer]:
    monkeypatch.setattr(openai_server, "CONTEXT", 8192)  # our real prompts are longer than a toy's
    async with serving(replace(VLLM, max_model_len=8192)) as server:
        server.reply = ("It", " is", " here", ".")
        yield server


@asynccontextmanager
async def run(api, model, folder: Path, *, token: str = "", level: str = "debug"):
    """`warmline run` with these settings. Leaving kills it, if it has not ended."""
    file = folder / "config.toml"
    file.write_text(
        SETTINGS.format(model=MODEL, engine=model.url, telegram=api.base_url, level=level)
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WARMLINE_")}
    secret = {"WARMLINE_TELEGRAM_TOKEN": token or api.token, "WARMLINE_DATA_DIR": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--config", str(file)),
        env=kept | secret,
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        await killed(process)


async def ended(process: Process) -> tuple[int | None, str]:
    """Its exit status and all that it wrote."""
    said = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, "".join(stream.decode() for stream in said)


async def test_a_text_is_answered_and_no_log_holds_a_token_or_a_word(api, model, tmp_path):
    api.fail("getUpdates", faults.Status(502), faults.DropBefore())
    api.fail("sendMessage", faults.Error(400, "Bad Request: can't parse entities"))
    async with run(api, model, tmp_path) as process:
        api.feed(text(WORDS, ANN))
        api.feed({"message": {"message_id": 5, "text": WORDS}})  # malformed
        await api.until(lambda: api.texts(ANN.id) == ["It is here."], 30)
        await api.until(lambda: rows(tmp_path, "SELECT state FROM deliveries") == [("delivered",)])
        process.send_signal(signal.SIGTERM)
        status, log = await ended(process)
    assert status == 0
    assert "Bot started as @warmline_bot" in log
    assert "turn=1 platform=telegram" in log
    assert "cannot be reached" in log
    for secret in (api.token, api.token.split(":")[1], WORDS, "heron", "It is here"):
        assert secret not in log
    assert rows(tmp_path, "SELECT text, reply FROM turns") == [(WORDS, "It is here.")]


async def test_a_wrong_token_ends_the_process_with_one_sentence(api, model, tmp_path):
    wrong = "7000000001:AA-a-wrong-token"
    async with run(api, model, tmp_path, token=wrong, level="info") as process:
        status, log = await ended(process)
    assert status == 1
    assert "refuses the token" in log.splitlines()[-1]
    assert "Traceback" not in log
    assert wrong not in log


async def test_a_second_poller_ends_the_process_with_one_sentence(api, model, tmp_path):
    async with run(api, model, tmp_path) as process, Bot(api.token, base_url=api.base_url) as other:
        await api.until(lambda: api.polling, 30)
        theirs = asyncio.create_task(other.get_updates(timeout=20))
        status, log = await ended(process)
        assert status == 1
        assert "another program uses this Telegram token" in log.splitlines()[-1]
        assert "Traceback" not in log
        assert api.token not in log
        assert not theirs.done()
        api.feed(text("hello"))
        assert len(await theirs) == 1
