"""Direct messages and servers, from the text to the row in the memory."""

from __future__ import annotations

from tests.discord_server.people import ANN, BOT
from tests.discord_server.server import DiscordApi
from tests.integration.discord.running import warmline


async def test_a_direct_message_is_answered_and_kept(tmp_path):
    async with DiscordApi() as api, warmline(api, tmp_path) as bot:
        private = api.dm(ANN)
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: api.texts(private)[-1:] == ["I hear you."])
        people = await bot.store.people()
        assert [(p.platform, p.user_id, p.messages) for p in people] == [
            ("discord", str(ANN.id), 1)
        ]


async def test_a_mention_is_answered_and_other_words_are_not(tmp_path):
    async with DiscordApi() as api, warmline(api, tmp_path) as bot:
        api.add_member(api.home, ANN)
        api.say(ANN, api.general, "not for you")
        api.say(ANN, api.general, f"{BOT.mention} I lost my keys")
        await api.until(lambda: "I hear you." in api.texts(api.general))
        assert len(bot.engine.streamed) == 1


async def test_help_by_a_slash_command(tmp_path):
    async with DiscordApi() as api, warmline(api, tmp_path):
        api.add_member(api.home, ANN)
        asked = api.slash(ANN, api.general, "help", {})
        await api.until(lambda: bool(asked.texts) and "/forget" in asked.texts[0])
        assert asked.is_ephemeral
