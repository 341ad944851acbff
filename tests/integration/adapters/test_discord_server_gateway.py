"""The tests' own Discord, heard over its gateway by the real library."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
import pytest

from tests.discord_server.connections import Op
from tests.discord_server.listener import listening
from tests.discord_server.people import ANN, BEN, BOT, HOOK, OTHER_BOT
from tests.discord_server.places import Kind
from tests.discord_server.server import DiscordApi


@pytest.fixture
async def api() -> AsyncIterator[DiscordApi]:
    async with DiscordApi() as server:
        yield server


async def test_a_bot_is_told_where_it_is(api):
    forum = api.add_channel(api.home, "ideas", Kind.FORUM)
    voice = api.add_channel(api.home, "lounge", Kind.VOICE)
    thread = api.add_thread(api.general, "talk")
    api.add_guild("Elsewhere", has_bot=False)
    async with listening(api) as bot:
        (home,) = bot.guilds
        assert home.self_role
        assert home.self_role.id == api.home.bot_role.id
        kinds = {one.id: type(one) for one in [*home.channels, *home.threads]}
        assert kinds[forum.id] is discord.ForumChannel
        assert kinds[voice.id] is discord.VoiceChannel
        assert kinds[thread.id] is discord.Thread
        assert [one.id for one in home.members] == [BOT.id]
        session = api.sessions[0]
        assert session.identify["intents"] == discord.Intents.default().value
        assert api.connections[0].query["compress"] in ("zlib-stream", "zstd-stream")
        assert session.names == ["READY", "GUILD_CREATE"]
        await api.until(lambda: api.connections[0].received[0]["op"] == Op.HEARTBEAT)


async def test_words_come_only_where_they_are_for_the_bot(api):
    async with listening(api) as bot:
        own = await bot.get_partial_messageable(api.general.id).send("I am here")
        mine = api.messages(api.general)[0]
        api.say(ANN, api.general, "secret", files={"a.png": b"x"})
        api.say(ANN, api.general, f"{BOT.mention} hi", files={"a.png": b"x"})
        api.say(BEN, api.general, "yes", reply_to=mine)
        api.say(BEN, api.general, "quietly", reply_to=mine, ping=False)
        api.say(ANN, api.general, f"{api.home.bot_role.mention} you")
        api.say(ANN, api.dm(ANN), "hello")
        await api.until(lambda: len(bot.heard) == 7)
        assert bot.words == [own.content, "", f"{BOT.mention} hi", "yes", "", "", "hello"]
        _, hidden, named, reply, _, role, direct = bot.heard
        assert (len(hidden.attachments), len(named.attachments)) == (0, 1)
        assert await named.attachments[0].read() == b"x"
        assert bot.user in named.mentions
        assert bot.user in reply.mentions
        assert reply.reference
        assert reply.reference.message_id == mine.id
        assert role.role_mentions == [bot.guilds[0].self_role]
        assert direct.guild is None
        assert isinstance(direct.channel, discord.DMChannel)


async def test_who_writes_is_told_apart(api):
    async with listening(api) as bot:
        api.add_member(api.home, BEN, "Moderator")
        for who in (BEN, OTHER_BOT, HOOK):
            api.say(who, api.general, f"{BOT.mention} hi")
        api.say(ANN, api.general, kind=7)
        api.stick(ANN, api.dm(ANN))
        api.forward(ANN, api.dm(ANN), api.say(BEN, api.dm(BEN), "told"))
        api.ask(ANN, api.dm(ANN), "Tea?", "Yes", "No")
        await api.until(lambda: len(bot.heard) == 8)
        person, robot, hook, joined, sticker, _, forwarded, poll = bot.heard
        assert (person.author.display_name, person.author.bot) == ("Moderator", False)
        assert (robot.author.bot, robot.webhook_id, hook.webhook_id) == (True, None, HOOK.id)
        assert joined.type is discord.MessageType.new_member
        assert [one.name for one in sticker.stickers] == ["Wave"]
        assert (forwarded.content, forwarded.message_snapshots[0].content) == ("", "told")
        assert poll.poll
        assert poll.poll.question == "Tea?"


async def test_threads_posts_and_voice_chats_are_heard(api):
    forum = api.add_channel(api.home, "ideas", Kind.FORUM)
    voice = api.add_channel(api.home, "lounge", Kind.VOICE)
    async with listening(api) as bot:
        post = api.add_post(forum, ANN, "An idea", f"{BOT.mention} look")
        thread = api.add_thread(api.general, "talk", of=api.say(ANN, api.general, "start"))
        old = api.add_thread(api.general, "old")
        api.set_thread(old, archived=True)
        for where in (post.channel, thread, old, voice):
            api.say(ANN, where, f"{BOT.mention} hi")
        await api.until(lambda: len(bot.heard) == 6)
        shown = [(type(one.channel), one.channel.id) for one in bot.heard]
        assert shown[0] == shown[2] == (discord.Thread, post.id)
        assert shown[3:] == [
            (discord.Thread, thread.id),
            (discord.Thread, old.id),
            (discord.VoiceChannel, voice.id),
        ]


async def test_changes_are_heard_and_what_is_not_seen_is_not(api):
    async with listening(api) as bot:
        said = api.say(ANN, api.general, f"{BOT.mention} hi")
        api.edit(said, f"{BOT.mention} hello")
        api.react(BEN, said, "🙂")
        api.start_typing(BEN, api.general)
        api.remove(said)
        api.deny(api.general, "view_channel")
        api.say(ANN, api.general, f"{BOT.mention} unseen")
        api.purge([api.say(ANN, api.dm(ANN), "x"), api.say(ANN, api.dm(ANN), "y")])
        api.outage(api.home)
        api.recover(api.home)
        api.kick(api.home)
        await api.until(lambda: not bot.guilds)
        assert bot.words[0] == f"{BOT.mention} hi"
        assert len(bot.words) == 3
    assert api.gateway.sessions.open[0].names[2:] == [
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_REACTION_ADD",
        "TYPING_START",
        "MESSAGE_DELETE",
        "CHANNEL_UPDATE",
        "MESSAGE_CREATE",
        "MESSAGE_CREATE",
        "MESSAGE_DELETE_BULK",
        "GUILD_DELETE",
        "GUILD_CREATE",
        "GUILD_DELETE",
    ]


async def test_members_are_fetched_over_the_gateway(api):
    api.privileged.add("members")
    intents = discord.Intents.default()
    intents.members = True
    api.add_member(api.home, BEN, "Benny")
    async with listening(api, intents=intents, chunk_guilds_at_startup=False) as bot:
        found = await bot.guilds[0].query_members("be")
        assert [one.nick for one in found] == ["Benny"]
        assert len(await bot.guilds[0].chunk()) == 3
