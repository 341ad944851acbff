"""An alert over Discord: allowed by a slash command that only the person sees, told privately."""

from __future__ import annotations

import asyncio

import pytest

from bot.safety import crisis_answer
from bot.texts.sentences import say
from tests.discord_server.people import ANN, BEN
from tests.integration.discord.asking import by_slash, pressed, told
from tests.integration.discord.running import warmline
from tests.integration.reaching import looking

pytestmark = pytest.mark.usefixtures("quick")

TOLD = f"{crisis_answer('en', '')}\n\n{say('en', 'alert.told')}"


@pytest.fixture
async def bot(api, tmp_path):
    """Warmline whose responder is Ben."""
    async with warmline(api, tmp_path, responder=("discord", str(BEN.id))) as running:
        yield running


async def test_from_a_slash_command_to_the_responders_direct_messages(api, bot, monkeypatch):
    nobody = await by_slash(api, ANN, api.general, "privacy", choice="alert", who="on")
    assert nobody.texts == [say("en", "alert.none")]
    await told(api, BEN, api.dm(BEN), "/language en")
    asked = await by_slash(api, ANN, api.general, "privacy", choice="alert", who="on")
    assert asked.is_ephemeral
    assert asked.texts == [say("en", "alert.ask")]
    answer = await pressed(api, ANN, asked.shown[0], "/privacy alert on yes")
    assert answer.texts[-1] == say("en", "alert.done")
    assert api.texts(api.general) == []
    async with looking(bot, "discord", monkeypatch):
        api.say(ANN, api.dm(ANN), "i want to die")
        await api.until(lambda: TOLD in api.texts(api.dm(ANN)))
        await api.until(lambda: len(api.texts(api.dm(BEN))) == 2)
        await asyncio.sleep(0.3)
    words = api.texts(api.dm(BEN))[1:]
    assert [f"discord:{ANN.id}" in one for one in words] == [True]
    ended = await by_slash(api, ANN, api.general, "privacy", choice="alert", who="off")
    assert ended.texts == [say("en", "alert.off")]
