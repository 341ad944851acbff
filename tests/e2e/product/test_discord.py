"""`warmline run` on Discord and Telegram at once, with the real model and one database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.discord_server.people import ANN, BOT
from tests.discord_server.server import DiscordApi
from tests.e2e.product.program import started
from tests.telegram_server import people as telegram
from tests.telegram_server.messages import text
from tests.telegram_server.server import BotApi

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tiny_model")]

SECONDS = 120

CONFIG = """
[engine]
model = "tiny"
parallel = 2
[http]
enabled = false
[telegram]
enabled = true
base_url = "{telegram}"
[discord]
enabled = true
api_base_url = "{discord}"
[privacy]
mood_memory = "on"
history = "on"
[log]
level = "debug"
"""


async def test_both_platforms_are_answered_from_one_process(tmp_path: Path) -> None:
    async with BotApi() as bot_api, DiscordApi() as api:
        config = CONFIG.format(telegram=bot_api.base_url, discord=api.base_url)
        tokens = {
            "WARMLINE_TELEGRAM_TOKEN": bot_api.token,
            "WARMLINE_DISCORD_TOKEN": api.token,
        }
        with started(tmp_path, config, **tokens) as program:
            await api.until(lambda: bool(api.sessions), seconds=SECONDS)
            await bot_api.until(lambda: bot_api.polling, seconds=SECONDS)
            api.add_member(api.home, ANN)
            private = api.dm(ANN)
            api.say(ANN, private, "my dog died this morning")
            api.say(ANN, api.general, f"{BOT.mention} hello there")
            bot_api.feed(text("I got the job!", telegram.ANN))
            shown = lambda: api.texts(private) + api.texts(api.general)  # noqa: E731
            await api.until(
                lambda: _replies(tmp_path, "discord") <= set(shown()) and len(shown()) >= 2,
                seconds=SECONDS,
            )
            await bot_api.until(lambda: bool(bot_api.texts(telegram.ANN.id)), seconds=SECONDS)
            assert _replies(tmp_path, "telegram") <= set(bot_api.texts(telegram.ANN.id))
            asked = api.slash(ANN, api.general, "mood", {})
            await api.until(lambda: bool(asked.texts), seconds=SECONDS)
            assert asked.is_ephemeral
            log = program.end()
    kept = _rows(tmp_path, "select text, state, reply from turns where text not like '/%'")
    assert {(words, state) for words, state, _ in kept} == {
        ("my dog died this morning", "answered"),
        ("hello there", "answered"),
        ("I got the job!", "answered"),
    }
    people = _rows(tmp_path, "select platform from people order by platform")
    assert people == [("discord",), ("telegram",)]
    assert "on Discord" in log
    for secret in (api.token, bot_api.token, "my dog died", *(reply for _, _, reply in kept)):
        assert str(secret) not in log


def _replies(data: Path, platform: str) -> set[object]:
    """What was answered there; a "?" as long as something is not."""
    query = (
        "select case state when 'answered' then reply else '?' end from turns"
        f" join conversations on conversations.id = conversation_id where platform = '{platform}'"
    )
    return {reply for (reply,) in _rows(data, query)}


def _rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(data / "warmline.sqlite3") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found
