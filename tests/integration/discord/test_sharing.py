"""Sharing over Discord: the other is mentioned, the answers are for the person alone."""

from __future__ import annotations

import pytest

from adapters.messages import Person, Scope
from bot.texts.sentences import say
from tests.discord_server.people import ANN, BEN, BOT
from tests.fakes import felt
from tests.integration.discord.asking import by_slash, pressed, told
from tests.integration.discord.running import Running, warmline

pytestmark = pytest.mark.usefixtures("quick")

BEN_ID = f"discord:{BEN.id}"
ASKED = say("en", "share.ask", who=BEN_ID, command=BEN_ID)
DONE = say("en", "share.done", who=BEN_ID, command=BEN_ID)


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path) as running:
        yield running


async def grants(bot: Running) -> list[tuple[str, str]]:
    given = await bot.store.grants_of("discord", str(ANN.id))
    return [(one.platform, one.user_id) for one in given]


async def test_a_slash_command_with_a_mention_asks_by_a_card_for_the_person_alone(api, bot):
    asked = await by_slash(api, ANN, api.general, "privacy", choice="share", who=BEN.mention)
    assert asked.is_ephemeral
    assert asked.texts[0].startswith(ASKED)
    assert await grants(bot) == []
    answer = await pressed(api, ANN, asked.shown[0], f"/privacy share {BEN_ID} yes")
    assert answer.texts[-1] == DONE
    assert answer.is_ephemeral
    assert await grants(bot) == [("discord", str(BEN.id))]
    assert api.texts(api.general) == []
    ended = await by_slash(api, ANN, api.general, "privacy", choice="unshare", who=BEN.mention)
    assert ended.texts == [say("en", "share.ended", who=BEN_ID)]
    assert await grants(bot) == []


async def test_in_private_it_can_be_typed_with_a_mention(api, bot):
    private = api.dm(ANN)
    assert (await told(api, ANN, private, f"/privacy share {BEN.mention}")).content.startswith(
        ASKED
    )
    typed = await told(api, ANN, private, f"/privacy share {BEN.mention} yes")
    assert typed.content == DONE
    assert await grants(bot) == [("discord", str(BEN.id))]


async def test_in_a_channel_nothing_is_shared_in_front_of_others(api, bot):
    words = f"{BOT.mention} /privacy share {BEN.mention} yes"
    refused = await told(api, ANN, api.general, words)
    assert refused.content == say("en", "commands.private_only", command="privacy share")
    assert await grants(bot) == []


async def test_the_one_who_was_mentioned_asks_in_private_and_the_other_is_told(api, bot):
    for days_ago in range(1, 7):
        await felt(
            bot.store,
            -0.5,
            days_ago=days_ago,
            scope=Scope("discord", str(api.dm(ANN).id)),
            person=Person("discord", str(ANN.id), "Ann"),
        )
    private, ann = api.dm(BEN), f"discord:{ANN.id}"
    closed = say("en", "share.person_closed", person=ann, me=BEN_ID)
    for who in (ann, ANN.mention):
        assert (await told(api, BEN, private, f"/trend person {who}")).content == closed
    await told(api, ANN, api.dm(ANN), f"/privacy share {BEN.mention} yes")
    for who in (ann, ANN.mention):
        seen = await told(api, BEN, private, f"/trend person {who}")
        assert "-0.50" in seen.content
    assert [one.what for one in await bot.store.looks()] == ["person 30"] * 2
    assert len(await bot.store.take_letters("discord")) == 1  # of one day, and one who looked
