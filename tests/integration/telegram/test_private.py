"""A private chat, from the text to the row in the memory."""

from __future__ import annotations

from tests.integration.telegram.running import warmline
from tests.telegram_server.messages import text
from tests.telegram_server.people import ANN
from tests.telegram_server.server import BotApi


async def test_a_text_is_answered_and_kept(tmp_path):
    async with BotApi() as api, warmline(api, tmp_path) as bot:
        assert bot.started == ["@warmline_bot"]
        api.feed(text("I lost my keys", ANN))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        people = await bot.store.people()
        assert [(p.platform, p.user_id, p.messages) for p in people] == [("telegram", "101", 1)]


async def test_help_is_answered(tmp_path):
    async with BotApi() as api, warmline(api, tmp_path):
        api.feed(text("/help", ANN))
        await api.until(lambda: len(api.texts(ANN.id)) == 1)
        assert "/forget" in api.texts(ANN.id)[0]
