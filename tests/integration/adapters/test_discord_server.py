"""The tests' own Discord, asked over REST by the real library."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord_server.listener import Listener, listening
from tests.discord_server.people import ANN, APPLICATION_ID, BEN, BOT, HOOK
from tests.discord_server.places import Kind
from tests.discord_server.server import DiscordApi


@pytest.fixture
async def api() -> AsyncIterator[DiscordApi]:
    async with DiscordApi() as server:
        yield server


@pytest.fixture
async def bot(api: DiscordApi) -> AsyncIterator[Listener]:
    """Logged in, but not connected to the gateway."""
    async with Listener(api) as client:
        await client.login(api.token)
        yield client


async def refused(status: int, code: int, call: Coroutine[Any, Any, Any]) -> discord.HTTPException:
    with pytest.raises(discord.HTTPException) as caught:
        await call
    assert (caught.value.status, caught.value.code) == (status, code)
    return caught.value


def place(bot: Listener, channel_id: int) -> discord.PartialMessageable:
    return bot.get_partial_messageable(channel_id)


async def test_a_bot_knows_itself_and_a_wrong_token_is_refused(api, bot):
    assert (bot.user.id, bot.application_id) == (BOT.id, APPLICATION_ID)
    with pytest.raises(discord.LoginFailure):
        async with Listener(api) as stranger:
            await stranger.login("wrong")
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {api.token}"}) as session:
        for path, status in [("/nothing", 404), ("/users/@me", 200), ("/gateway", 200)]:
            async with session.get(api.base_url + path) as answer:
                assert answer.status == status
                assert int(answer.headers["X-RateLimit-Remaining"]) > 0 or status == 404
    assert api.calls_of("GET", "/nothing")[0].status == 404


async def test_two_clients_in_one_process_have_each_their_own_discord(api, bot):
    async with DiscordApi() as second, Listener(second) as other:
        await other.login(second.token)
        await place(other, second.general.id).send("there")
        await place(bot, api.general.id).send("here")
        assert (api.texts(api.general), second.texts(second.general)) == (["here"], ["there"])
    assert discord.http.Route.BASE == "https://discord.com/api/v10"


async def test_messages_are_kept_as_discord_keeps_them(api, bot):
    general = place(bot, api.general.id)
    sent = await general.send(" 👋 dear\n", nonce="a1", suppress_embeds=True)
    again = await general.send("👋 dear, again", nonce="a1")
    assert (again.id, api.texts(api.general)) == (sent.id, ["👋 dear"])
    await sent.edit(content="2")
    await sent.edit(content="3")
    kept = api.messages(api.general)[0]
    assert (kept.versions, kept.edits, kept.flags) == (["👋 dear", "2", "3"], 2, 4)
    reply = await general.send("yes", reference=sent)
    assert reply.reference
    assert isinstance(reply.reference.resolved, discord.Message)
    assert reply.reference.resolved.content == "3"
    await sent.delete()
    assert api.texts(api.general) == ["yes"]
    await refused(404, 10008, sent.edit(content="4"))
    await refused(400, 50035, general.send("x", reference=sent))
    lost = discord.MessageReference.from_message(sent, fail_if_not_exists=False)
    assert (await general.send("late", reference=lost)).reference is None
    theirs = api.say(ANN, api.general, "hello")
    await refused(403, 50005, general.get_partial_message(theirs.id).edit(content="x"))
    await refused(403, 50013, general.get_partial_message(theirs.id).delete())


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"content": ""}, 50006, None),
        ({"content": " \n"}, 50006, None),
        ({"content": "🙂" * 2001}, 50035, "content"),
        ({"content": "x", "nonce": "n" * 26}, 50035, "nonce"),
        ({"embed": discord.Embed(description="x" * 4097)}, 50035, "embeds"),
    ],
)
async def test_what_discord_refuses_to_send(api, bot, more, code, field):
    error = await refused(400, code, place(bot, api.general.id).send(**more))
    assert field is None or f"In {field}" in error.text
    assert api.texts(api.general) == []


async def test_the_longest_message_is_taken(api, bot):
    await place(bot, api.general.id).send("🙂" * 2000)
    assert len(api.texts(api.general)[0]) == 2000


async def test_files_come_and_go(api, bot):
    picture = discord.File(io.BytesIO(b"png"), "mood.png", description="a line")
    sent = await place(bot, api.general.id).send("Yours", file=picture)
    (kept,) = api.messages(api.general)[0].attachments
    assert (kept.name, kept.content, kept.media_type) == ("mood.png", b"png", "image/png")
    assert (await sent.attachments[0].read(), sent.attachments[0].description) == (b"png", "a line")
    await sent.edit(attachments=[*sent.attachments, discord.File(io.BytesIO(b"{}"), "me.json")])
    assert [one.name for one in api.messages(api.general)[0].attachments] == ["mood.png", "me.json"]
    big = discord.File(io.BytesIO(bytes(10 * 1024 * 1024 + 1)), "big.bin")
    await refused(413, 40005, place(bot, api.general.id).send(file=big))


async def test_history_is_read_page_by_page(api, bot):
    said = [api.say(ANN, api.general, f"{BOT.mention} {n}", ago=900 - n) for n in range(250)]
    general = place(bot, api.general.id)
    assert len([one async for one in general.history(limit=None)]) == 250
    after = discord.Object(said[100].id)
    found = [one async for one in general.history(limit=120, after=after, oldest_first=True)]
    assert [one.id for one in found] == [one.id for one in said[101:221]]
    before = [one.content async for one in general.history(limit=1, before=after)]
    assert before == [f"{BOT.mention} 99"]
    around = [one.id async for one in general.history(limit=3, around=after)]
    assert sorted(around) == [one.id for one in said[99:102]]
    assert abs(found[0].created_at.timestamp() - (discord.utils.utcnow().timestamp() - 799)) < 5


async def test_history_hides_the_words_that_are_not_for_the_bot(api, bot):
    api.say(ANN, api.general, "secret")
    api.say(ANN, api.general, f"{BOT.mention} hi")
    general = place(bot, api.general.id)
    assert [one.content async for one in general.history()] == [f"{BOT.mention} hi", ""]
    api.privileged.add("message_content")
    assert [one.content async for one in general.history()][1] == "secret"


@pytest.mark.parametrize(
    ("denied", "more", "status", "code"),
    [
        (["view_channel"], {}, 403, 50001),
        (["send_messages"], {}, 403, 50013),
        (["attach_files"], {"file": True}, 403, 50013),
        (["embed_links"], {"embed": discord.Embed(title="x")}, 403, 50013),
        (["read_message_history"], {"reply": True}, 400, 160002),
    ],
)
async def test_a_right_that_is_missing_is_named(api, bot, denied, more, status, code):
    api.deny(api.general, *denied)
    if more.get("file"):
        more = {"file": discord.File(io.BytesIO(b"x"), "x.txt")}
    if more.get("reply"):
        said = api.say(ANN, api.general, "hi")
        reference = discord.MessageReference(message_id=said.id, channel_id=api.general.id)
        more = {"reference": reference}
        assert [one async for one in place(bot, api.general.id).history()] == []
    await refused(status, code, place(bot, api.general.id).send("x", **more))
    api.allow(api.general, *denied)
    await place(bot, api.general.id).send("x")


async def test_threads_are_locked_archived_and_opened(api, bot):
    thread = api.add_thread(api.general, "talk")
    there = place(bot, thread.id)
    sent = await there.send("1")
    api.set_thread(thread, archived=True)
    await refused(400, 50083, sent.edit(content="2"))
    await there.send("opens it")
    assert not thread.archived
    api.set_thread(thread, locked=True)
    await refused(403, 160005, there.send("x"))
    await refused(403, 160005, sent.edit(content="2"))
    api.set_thread(thread, archived=True, locked=True)
    await refused(403, 50083, there.send("x"))
    api.set_thread(thread)
    api.deny(api.general, "send_messages_in_threads")
    await refused(403, 50013, there.send("x"))


async def test_direct_messages_and_people(api, bot):
    api.dm(ANN)
    ann = await bot.fetch_user(ANN.id)
    sent = await ann.send("hello")
    assert (sent.channel.recipient.id, api.texts(api.dm(ANN))) == (ANN.id, ["hello"])
    api.shut_dm(ANN)
    await refused(403, 50007, ann.send("x"))
    await refused(404, 10013, bot.fetch_user(5))
    home = await bot.fetch_guild(api.home.id)
    api.add_member(api.home, BEN, "System")
    assert (await home.fetch_member(BEN.id)).nick == "System"
    await refused(404, 10007, home.fetch_member(LOST))
    await refused(404, 10003, bot.fetch_channel(LOST))
    await refused(404, 10004, bot.fetch_guild(LOST))
    other = api.add_guild("Elsewhere", has_bot=False)
    await refused(403, 50001, bot.fetch_channel(next(iter(other.channels))))


LOST = 1100000000000009999


async def test_what_rings_a_bell(api, bot):
    general = place(bot, api.general.id)
    role = api.add_role(api.home, "team")
    api.say(ANN, api.general, "hi")
    words = f"@everyone {role.mention} {ANN.mention} `{BEN.mention}`"
    await general.send(words)
    assert api.messages(api.general)[-1].pings == [ANN.mention, role.mention, "@everyone"]
    await general.send(words, allowed_mentions=discord.AllowedMentions.none())
    quiet = api.messages(api.general)[-1]
    assert (quiet.pings, quiet.allowed_mentions) == ([], {"parse": []})


async def test_typing_reactions_and_threads_of_the_bot(api, bot):
    general = place(bot, api.general.id)
    async with general.typing():
        assert len(api.typing(api.general)) == 1
    said = api.say(HOOK, api.general, "news")
    message = general.get_partial_message(said.id)
    await message.add_reaction("🙂")
    assert said.reactions == {"🙂": [BOT.id]}
    home = await bot.fetch_guild(api.home.id)
    channel = await bot.fetch_channel(api.general.id)
    thread = await channel.create_thread(name="news", message=message)
    assert (thread.id, api.world.channels[thread.id].name) == (said.id, "news")
    await refused(400, 160004, channel.create_thread(name="news", message=message))
    forum = await bot.fetch_channel(api.add_channel(api.home, "ideas", Kind.FORUM).id)
    post = await forum.create_thread(name="one", content="first")
    assert api.texts(api.world.channels[post.thread.id]) == ["first"]
    assert {one.id for one in await home.active_threads()} == {thread.id, post.thread.id}
    api.set_thread(api.world.channels[thread.id], archived=True)
    assert [one.id async for one in channel.archived_threads()] == [thread.id]


async def test_a_closed_client_leaves_nothing_behind(api):
    async with listening(api):
        await api.until(lambda: api.sessions)
    # discord.py means 1000, but aiohttp lets the task that reads close first.
    assert api.connections[0].closed_with in (1000, 4000)
    assert api.sessions == []
