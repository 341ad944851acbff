"""Slash commands and buttons in the tests' own Discord, through the real library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.discord_server.interactions import Answer
from tests.discord_server.listener import Listener, listening
from tests.discord_server.people import ANN, BEN, LI
from tests.discord_server.server import DiscordApi

WORDS = {"chat": "聊天", "Talk with me": "和我聊天"}


class Translator(app_commands.Translator):
    async def translate(self, string, locale, context):
        return WORDS.get(str(string)) if locale is discord.Locale.chinese else None


@pytest.fixture
async def api() -> AsyncIterator[DiscordApi]:
    async with DiscordApi() as server:
        yield server


@pytest.fixture
async def bot(api: DiscordApi) -> AsyncIterator[Listener]:
    """A bot with a few commands, synced."""
    async with listening(api) as client:

        @client.tree.command(description="Talk with me")
        @app_commands.allowed_installs(guilds=True, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        async def chat(interaction: discord.Interaction[Any], words: str) -> None:
            await interaction.response.defer(ephemeral=words == "secretly")
            if not words.startswith("wait"):
                await interaction.edit_original_response(content=f"You said {words}")

        group = app_commands.Group(
            name="trend",
            description="Moods",
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )

        @group.command(description="Of the server")
        async def server(
            interaction: discord.Interaction[Any],
            days: int,
            channel: discord.TextChannel | None = None,
        ) -> None:
            where = channel.mention if channel else "everywhere"
            await interaction.response.send_message(f"{days} days, {where}", ephemeral=True)

        client.tree.add_command(group)
        await client.tree.set_translator(Translator())
        await client.tree.sync()
        yield client


async def test_commands_are_kept_with_their_translations(api, bot):
    chat = api.commands[0]["chat"]
    assert chat["name_localizations"] == {"zh-CN": "聊天"}
    assert chat["description_localizations"] == {"zh-CN": "和我聊天"}
    assert (chat["integration_types"], chat["contexts"]) == ([0, 1], [0, 1, 2])
    assert api.commands[0]["trend"]["default_member_permissions"] == "32"
    before = chat["id"]
    await bot.tree.sync()
    assert (api.commands[0]["chat"]["id"], api.syncs) == (before, 2)
    assert [one.name for one in await bot.tree.fetch_commands()] == ["chat", "trend"]
    bot.tree.copy_global_to(guild=discord.Object(api.home.id))
    await bot.tree.sync(guild=discord.Object(api.home.id))
    assert set(api.commands[api.home.id]) == {"chat", "trend"}


@pytest.mark.parametrize(
    "more",
    [{"name": "Chat"}, {"name": "two words"}, {"description": "x" * 101}, {"description": ""}],
)
async def test_a_command_that_discord_refuses(api, bot, more):
    body = [{"name": "chat", "description": "x", "type": 1, **more}]
    with pytest.raises(discord.HTTPException) as caught:
        await bot.http.bulk_upsert_global_commands(bot.application_id, body)
    assert caught.value.code == 50035
    body = [{"name": "chat", "description": "x", "name_localizations": {"zh": "x"}}]
    with pytest.raises(discord.HTTPException):
        await bot.http.bulk_upsert_global_commands(bot.application_id, body)
    assert api.syncs == 1


async def test_an_answer_is_deferred_then_given(api, bot):
    used = api.slash(ANN, api.general, "chat", {"words": "hi"})
    await api.until(lambda: used.texts == ["You said hi"])
    assert (used.answer, used.is_ephemeral) == (Answer.DEFERRED, False)
    assert api.texts(api.general) == ["You said hi"]
    assert api.messages(api.general)[0].edits == 0
    await bot.used[-1].followup.send("and more", ephemeral=True)
    await bot.used[-1].followup.send("in the open")
    assert used.texts == ["You said hi", "and more", "in the open"]
    assert api.texts(api.general) == ["You said hi", "in the open"]
    shown = bot.used[-1].message or bot.heard[-1]
    assert shown.interaction_metadata.user.id == ANN.id
    await bot.used[-1].delete_original_response()
    assert used.texts == ["and more", "in the open"]


async def test_only_the_person_sees_an_ephemeral_answer(api, bot):
    used = api.slash(LI, api.general, "chat", {"words": "secretly"})
    await api.until(lambda: used.texts == ["You said secretly"])
    assert (used.is_ephemeral, api.texts(api.general), bot.heard) == (True, [], [])
    assert bot.used[-1].locale is discord.Locale.chinese
    assert used.original.seen_by == LI


async def test_the_first_message_after_a_defer_takes_its_place(api, bot):
    used = api.slash(ANN, api.general, "chat", {"words": "wait"})
    await api.until(lambda: used.answer)
    assert (used.texts, api.texts(api.general)) == ([], [])
    await bot.used[-1].followup.send("at last", ephemeral=True)
    assert (used.texts, used.is_ephemeral) == (["at last"], False)


async def test_three_seconds_and_fifteen_minutes(api, bot):
    used = api.slash(ANN, api.general, "chat", {"words": "wait"})
    await api.until(lambda: used.answer and bot.used[-1].response.is_done())
    with pytest.raises(discord.InteractionResponded):
        await bot.used[-1].response.defer()
    bot.used[-1].response._response_type = None  # so that discord.py asks
    with pytest.raises(discord.HTTPException) as caught:
        await bot.used[-1].response.defer()
    assert caught.value.code == 40060
    api.advance(14 * 60)
    await bot.used[-1].edit_original_response(content="in time")
    api.advance(2 * 60)
    with pytest.raises(discord.HTTPException) as caught:
        await bot.used[-1].followup.send("too late")
    assert (caught.value.status, caught.value.code) == (401, 50027)

    late = api.slash(ANN, api.general, "chat", {"words": "wait"}, ago=4)
    await api.until(lambda: api.calls_of("POST", f"/interactions/{late.id}"))
    await api.until(lambda: api.calls_of("POST", f"/interactions/{late.id}")[0].status)
    assert api.calls_of("POST", f"/interactions/{late.id}")[0].status == 404
    assert (late.answer, late.texts) == (Answer.NONE, [])


async def test_rights_of_people_and_places(api, bot):
    with pytest.raises(AssertionError, match="isn't registered"):
        api.slash(ANN, api.general, "mood")
    with pytest.raises(AssertionError, match="isn't shown"):
        api.slash(BEN, api.general, "trend server", {"days": 7})
    with pytest.raises(AssertionError, match="isn't for here"):
        api.slash(ANN, api.dm(ANN), "trend server", {"days": 7})
    with pytest.raises(AssertionError, match="must be given"):
        api.slash(ANN, api.general, "chat")
    used = api.slash(ANN, api.general, "trend server", {"days": 7, "channel": api.general})
    await api.until(lambda: used.texts == [f"7 days, {api.general.mention}"])
    api.add_member(api.home, BEN, roles=[api.add_role(api.home, "staff", ["manage_guild"])])
    used = api.slash(BEN, api.general, "trend server", {"days": 1})
    await api.until(lambda: used.texts == ["1 days, everywhere"])


async def test_commands_work_where_the_bot_is_not(api, bot):
    other = api.add_guild("Elsewhere", has_bot=False)
    places = [api.dm(ANN), api.private_chat(ANN, BEN), next(iter(other.channels.values()))]
    for where in places:
        user_install = where is not places[0]
        used = api.slash(ANN, where, "chat", {"words": "hi"}, user_install=user_install)
        await api.until(lambda used=used: used.texts == ["You said hi"])
    assert api.texts(places[2]) == ["You said hi"]
    for _ in range(5):
        await bot.used[-1].followup.send("more")
    with pytest.raises(discord.HTTPException) as caught:
        await bot.used[-1].followup.send("more")
    assert caught.value.code == 40094


class Choice(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Yes", custom_id="mood:on")
    async def yes(
        self, interaction: discord.Interaction[Any], button: discord.ui.Button[Any]
    ) -> None:
        await interaction.response.edit_message(content="Thanks", view=None)

    @discord.ui.button(label="No", custom_id="mood:off")
    async def no(
        self, interaction: discord.Interaction[Any], button: discord.ui.Button[Any]
    ) -> None:
        await interaction.response.send_message("All right", ephemeral=True)


async def test_buttons_work_after_a_restart(api):
    async with listening(api) as bot:
        await bot.get_partial_messageable(api.general.id).send("May I?", view=Choice())
    card = api.messages(api.general)[0]
    assert card.buttons == [("Yes", "mood:on"), ("No", "mood:off")]
    async with listening(api) as bot:
        bot.add_view(Choice())
        first = api.press(BEN, card, "mood:off")
        await api.until(lambda: first.texts == ["All right"])
        second = api.press(ANN, card, "mood:on")
        await api.until(lambda: card.content == "Thanks")
        assert (second.answer, second.original, card.buttons) == (Answer.UPDATE, card, [])
        with pytest.raises(AssertionError, match="no 'mood:on'"):
            api.press(ANN, card, "mood:on")
