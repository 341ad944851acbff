"""Telegram and Discord in one process, on one database: built as `warmline run` builds them."""

from __future__ import annotations

import asyncio

import pytest

from bot.config import load
from bot.config_sections import AccessSettings
from bot.platforms import adapters_of
from bot.texts.sentences import say
from storage.store import Store
from tests.discord_server.people import ANN, BOT
from tests.discord_server.server import DiscordApi
from tests.fakes import REPLIES, FakeEngine
from tests.integration.discord.asking import ANSWER, all_words, by_slash, last_words, told
from tests.integration.running import companion_of
from tests.integration.telegram.processes import rows
from tests.telegram_server import people
from tests.telegram_server.messages import text
from tests.telegram_server.server import BotApi

pytestmark = pytest.mark.usefixtures("quick")

CONFIG = """
[http]
enabled = false
[telegram]
enabled = true
base_url = "{telegram}"
[discord]
enabled = true
api_base_url = "{discord}"
"""
WHERE = "SELECT platform, chat_id FROM conversations ORDER BY platform"


class Both:
    """What a test may look at."""

    def __init__(self, telegram: BotApi, discord: DiscordApi, engine: FakeEngine) -> None:
        self.telegram = telegram
        self.discord = discord
        self.engine = engine

    async def on_telegram(self, words: str) -> str:
        """Says it to the bot there, and gives its next message."""
        known = len(self.telegram.texts(people.ANN.id))
        self.telegram.feed(text(words, people.ANN))
        await self.telegram.until(lambda: len(self.telegram.texts(people.ANN.id)) > known)
        return self.telegram.texts(people.ANN.id)[known]

    async def on_discord(self, words: str) -> str:
        """The same there."""
        return (await told(self.discord, ANN, self.discord.dm(ANN), words)).content


@pytest.fixture
async def both(api, tmp_path):
    engine = FakeEngine()
    async with BotApi() as telegram, await Store.open(folder=tmp_path) as store:
        path = tmp_path / "config.toml"
        path.write_text(CONFIG.format(telegram=telegram.base_url, discord=api.base_url))
        tokens = {"WARMLINE_TELEGRAM_TOKEN": telegram.token, "WARMLINE_DISCORD_TOKEN": api.token}
        companion = companion_of(engine, store, AccessSettings(), "on", None)
        adapters = adapters_of(load(path, tokens), companion)
        assert [type(adapter).__name__ for adapter in adapters] == ["Telegram", "Discord"]
        running = [asyncio.create_task(adapter.run(companion.handle)) for adapter in adapters]
        try:
            await api.until(lambda: bool(api.sessions) and bool(api.commands))
            yield Both(telegram, api, engine)
            assert not any(task.done() for task in running)
        finally:
            companion.closing()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def test_both_answer_and_their_people_and_histories_are_apart(both, tmp_path):
    assert await both.on_telegram("I lost my keys") == ANSWER
    assert await both.on_discord("I moved to Rome") == ANSWER
    assert await both.on_telegram("again on telegram") == REPLIES["en"][1]
    assert await both.on_discord("again on discord") == REPLIES["en"][1]
    for prompt in both.engine.streamed:
        words, here = all_words(prompt), last_words(prompt)
        assert ("keys" in words) == ("keys" in here or "telegram" in here)
        assert ("Rome" in words) == ("Rome" in here or "discord" in here)
    assert rows(tmp_path, WHERE) == [
        ("discord", str(both.discord.dm(ANN).id)),
        ("telegram", str(people.ANN.id)),
    ]


async def test_what_is_erased_and_chosen_on_one_is_left_alone_on_the_other(both, tmp_path):
    await both.on_telegram("I lost my keys")
    await both.on_discord("I moved to Rome")
    await both.on_discord("/memory off")
    asked = await by_slash(both.discord, ANN, both.discord.general, "mood")
    assert say("en", "commands.mood_none") in asked.texts[0]
    assert "1 messages in the last 30 days" in await both.on_telegram("/mood")
    assert "Receipt" in await both.on_discord("/forget everything")
    assert rows(tmp_path, "SELECT text FROM turns WHERE state = 'answered'") == [
        ("I lost my keys",)
    ]
    assert await both.on_telegram("still there?") == REPLIES["en"][1]
    assert "I lost my keys" in all_words(both.engine.streamed[-1])


async def test_a_slow_answer_on_one_does_not_hold_up_the_other(both):
    never = asyncio.Event()
    both.engine.reply = lambda p: [never, "Late."] if "slow" in last_words(p) else ["Quick."]
    both.telegram.feed(text("a slow one", people.ANN))
    await both.engine.waiting.acquire()
    assert await both.on_discord("hello") == "Quick."
    both.discord.say(ANN, both.discord.general, f"{BOT.mention} another slow one")
    await both.engine.waiting.acquire()
    never.set()
    await both.telegram.until(lambda: both.telegram.texts(people.ANN.id) == ["Late."])


async def test_an_outage_of_one_is_no_outage_of_the_other(both):
    both.discord.fail("WS", "/gateway", always=True)
    both.discord.abort()
    assert await both.on_telegram("hello") == ANSWER
    both.discord.mend()
    assert await both.on_discord("hello") == ANSWER
