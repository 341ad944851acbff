"""Fault 9: what was said while the bot was away, found after a restart."""

from __future__ import annotations

import asyncio

import pytest

from adapters.discord import client
from bot.texts.sentences import say
from tests.discord_server import faults
from tests.discord_server.people import ANN, BEN, BOT, HOOK, LI, OTHER_BOT
from tests.discord_server.places import Kind
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER, by_slash, last_words
from tests.integration.discord.library import hurry
from tests.integration.discord.processes import rows
from tests.integration.discord.running import warmline

pytestmark = pytest.mark.usefixtures("quick", "any_words")

HISTORY = "/channels/{channel}/messages"
STALE = say("en", "turn.stale")
MINUTES, HOURS = 60, 3600
CONVERSATIONS = "SELECT chat_id, thread_id FROM conversations"


async def test_fault_9_what_was_said_meanwhile_is_answered_once_wherever_the_bot_is_known(
    api, tmp_path
):
    forum = api.add_channel(api.home, "help", Kind.FORUM)
    places = {
        "private": api.dm(ANN),
        "channel": api.general,
        "thread": api.add_thread(api.general, "keys"),
        "voice": api.add_channel(api.home, "talking", Kind.VOICE),
        "post": api.add_post(forum, ANN, "Keys", "Where are they?").channel,
    }
    await known(api, tmp_path, *places.values())
    for name, place in places.items():
        api.say(ANN, place, f"{BOT.mention} {name}", ago=MINUTES)
        if name != "private":
            api.say(ANN, place, "not for the bot", ago=30)
    async with warmline(api, tmp_path) as bot:
        for place in places.values():
            await api.until(lambda place=place: since(api, place) == [ANSWER])
        await still(api)
        assert sorted(words(bot)) == sorted(places)
        for place in places.values():
            mine = api.messages(place)[1]
            assert mine.replied is not None
            assert mine.replied.content.startswith(BOT.mention)
    said = api.count("POST", HISTORY)
    async with warmline(api, tmp_path) as bot:
        await looked_at(api, api.general)
        await still(api)
        assert (words(bot), api.count("POST", HISTORY)) == ([], said)


async def test_fault_9_what_is_old_gets_one_honest_line(api, tmp_path):
    private = api.dm(ANN)
    await known(api, tmp_path, private, api.general)
    for number in range(5):
        api.say(ANN, private, f"message {number}", ago=2 * HOURS)
    api.say(BEN, api.general, f"{BOT.mention} my cat is ill", ago=2 * HOURS)
    api.say(LI, api.general, f"{BOT.mention} and mine is well", ago=MINUTES)
    async with warmline(api, tmp_path, chat={"patience": 0.3}) as bot:
        await api.until(lambda: since(api, private) == [STALE])
        await api.until(lambda: sorted(since(api, api.general)) == sorted([STALE, ANSWER]))
        await still(api)
        assert words(bot) == ["and mine is well"]
    async with warmline(api, tmp_path):
        await looked_at(api, private)
        await still(api)
        assert since(api, private) == [STALE]


async def test_fault_9_what_is_older_than_the_limit_is_left_alone(api, tmp_path):
    await known(api, tmp_path, api.general)
    api.say(ANN, api.general, f"{BOT.mention} long ago", ago=2 * HOURS)
    api.say(ANN, api.general, f"{BOT.mention} just now", ago=MINUTES)
    async with warmline(api, tmp_path, catch_up_minutes=30) as bot:
        await api.until(lambda: since(api, api.general) == [ANSWER])
        await still(api)
        assert words(bot) == ["just now"]


async def test_without_minutes_nothing_is_looked_for(api, tmp_path):
    private = api.dm(ANN)
    await known(api, tmp_path, private)
    api.say(ANN, private, "missed", ago=MINUTES)
    looked = api.count("GET", HISTORY)
    async with warmline(api, tmp_path, catch_up_minutes=0) as bot:
        api.say(ANN, private, "heard")
        await api.until(lambda: since(api, private) == [ANSWER])
        assert (words(bot), api.count("GET", HISTORY)) == (["heard"], looked)


async def test_fault_9_of_many_in_one_channel_the_latest_are_answered(api, tmp_path):
    await known(api, tmp_path, api.general)
    for number in range(6):
        who = (ANN, BEN)[number % 2]
        api.say(who, api.general, f"{BOT.mention} message {number}", ago=60 - number)
    async with warmline(api, tmp_path, catch_up_most=2) as bot:
        await api.until(lambda: len(words(bot)) == 2)
        await still(api)
        assert words(bot) == ["message 4", "message 5"]


async def test_fault_9_a_mention_is_found_among_many_words_of_others(api, tmp_path):
    await known(api, tmp_path, api.general)
    api.say(ANN, api.general, f"{BOT.mention} I lost my keys", ago=MINUTES)
    for number in range(150):
        api.say(BEN, api.general, f"message {number}", ago=50 - number / 10)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: words(bot) == ["I lost my keys"])


async def test_the_look_into_a_channel_ends_somewhere(api, tmp_path):
    await known(api, tmp_path, api.general)
    api.say(ANN, api.general, f"{BOT.mention} I lost my keys", ago=MINUTES)
    for number in range(500):
        api.say(BEN, api.general, f"message {number}", ago=59 - number / 10)
    looked = api.count("GET", HISTORY)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.count("GET", HISTORY) == looked + 3)
        await still(api)
        assert (words(bot), api.count("GET", HISTORY)) == ([], looked + 3)


async def test_fault_9_a_message_of_the_first_moment_hides_nothing(api, tmp_path, monkeypatch):
    private = api.dm(ANN)
    await known(api, tmp_path, private)
    monkeypatch.setattr(client, "GUILDS_SECONDS", 0.5)
    api.say(ANN, private, "missed", ago=10 * MINUTES)
    async with warmline(api, tmp_path, wait=False) as bot:
        await api.until(lambda: bool(api.sessions))
        api.say(ANN, private, "heard")
        await api.until(lambda: words(bot) == ["heard"])
        await api.until(lambda: words(bot) == ["heard", "missed"])


async def test_places_where_nobody_spoke_to_the_bot_are_not_looked_at(api, tmp_path):
    other = api.add_channel(api.home, "other")
    await known(api, tmp_path, api.general)
    api.say(ANN, other, f"{BOT.mention} hello", ago=MINUTES)
    api.say(ANN, api.general, f"{BOT.mention} one", ago=MINUTES)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: words(bot) == ["one"])
        await still(api)
        assert not any(str(other.id) in call.path for call in api.calls_of("GET", HISTORY))


async def test_fault_14_other_bots_and_webhooks_are_passed_over(api, tmp_path):
    await known(api, tmp_path, api.general)
    (mine,) = api.messages(api.general)
    api.say(OTHER_BOT, api.general, "and you?", reply_to=mine, ago=MINUTES)
    api.say(HOOK, api.general, f"{BOT.mention} news", reply_to=mine, ago=MINUTES)
    api.say(ANN, api.general, "and you?", reply_to=mine, ago=30)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: len(words(bot)) == 1)
        await still(api)
        assert words(bot) == ["and you?"]
        assert api.messages(api.general)[-1].replied.author is ANN


async def test_a_place_that_is_gone_or_shut_does_not_hide_the_others(api, tmp_path):
    gone, shut = api.add_channel(api.home, "gone"), api.add_channel(api.home, "shut")
    thread, private = api.add_thread(api.general, "keys"), api.dm(ANN)
    await known(api, tmp_path, private, gone, shut, thread)
    for place in (private, gone, shut, thread):
        api.say(ANN, place, f"{BOT.mention} hello", ago=MINUTES)
    api.delete_channel(gone)
    api.delete_channel(thread)
    api.deny(shut, "view_channel")
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: since(api, private) == [ANSWER])
        await still(api)
        assert words(bot) == ["hello"]


async def test_without_the_right_to_read_back_there_is_nothing_to_find(api, tmp_path):
    await known(api, tmp_path, api.general)
    api.say(ANN, api.general, f"{BOT.mention} missed", ago=MINUTES)
    api.deny(api.general, "read_message_history")
    async with warmline(api, tmp_path) as bot:
        await looked_at(api, api.general)
        api.say(ANN, api.general, f"{BOT.mention} heard")
        await api.until(lambda: since(api, api.general) == [ANSWER])
        assert words(bot) == ["heard"]


@pytest.mark.parametrize(
    "fault", [faults.DropBefore(), faults.DropAfter(), faults.Status(502), faults.TooMany(0.1)]
)
async def test_a_history_that_cannot_be_asked_for_at_once_is_asked_for_again(
    api, tmp_path, monkeypatch, fault
):
    hurry(monkeypatch)
    monkeypatch.setattr("adapters.discord.catch_up._PAUSE_SECONDS", 0.05)
    private = api.dm(ANN)
    await known(api, tmp_path, private)
    api.say(ANN, private, "I lost my keys", ago=MINUTES)
    api.fail("GET", HISTORY, fault, fault)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: since(api, private) == [ANSWER])
        assert words(bot) == ["I lost my keys"]


async def test_an_archived_thread_is_looked_at_as_well(api, tmp_path):
    thread = api.add_thread(api.general, "keys")
    await known(api, tmp_path, thread)
    api.say(ANN, thread, f"{BOT.mention} I lost my keys", ago=MINUTES)
    api.set_thread(thread, archived=True)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: since(api, thread) == [ANSWER])
        assert words(bot) == ["I lost my keys"]


async def test_a_slash_command_as_the_last_word_hides_nothing(api, tmp_path):
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        api.say(ANN, private, "hello")
        await api.until(lambda: api.texts(private) == [ANSWER])
        await by_slash(api, ANN, private, "help")
    api.say(ANN, private, "I lost my keys")
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: words(bot) == ["I lost my keys"])


async def test_a_thread_of_which_nobody_told_is_the_same_conversation_after_a_restart(
    api, tmp_path
):
    place = {"guild": api.home, "parent": api.general, "owner_id": ANN.id}
    thread = api.world.add(Kind.PUBLIC_THREAD, "keys", **place)
    async with warmline(api, tmp_path):
        del api.home.channels[thread.id]  # as the gateway tells of the server
        api.invalidate(resumable=False)
        await api.until(lambda: len(api.connections) == 2 and bool(api.sessions))
        api.home.channels[thread.id] = thread
        api.say(ANN, thread, f"{BOT.mention} I lost my keys")
        await api.until(lambda: api.texts(thread) == [ANSWER])
    async with warmline(api, tmp_path) as bot:
        await looked_at(api, thread)
        await still(api)
        assert words(bot) == []
        assert rows(tmp_path, CONVERSATIONS) == [(str(api.general.id), str(thread.id))]


async def test_what_was_edited_meanwhile_is_not_answered_again(api, tmp_path):
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        said = api.say(ANN, private, "I lost my keys")
        await api.until(lambda: api.texts(private) == [ANSWER])
    api.edit(said, "I found my keys")
    async with warmline(api, tmp_path) as bot:
        await looked_at(api, private)
        await still(api)
        assert words(bot) == []


async def known(api, folder, *places):
    """The bot was spoken to in these places, hours before it went away."""
    async with warmline(api, folder, FakeEngine(" I hear you.")):
        for place in places:
            was = api.count("GET", HISTORY)
            api.say(ANN, place, f"{BOT.mention} hello", ago=5 * HOURS)
            await api.until(lambda place=place: len(api.texts(place)) == 1)
            assert api.count("GET", HISTORY) == was


def since(api, place):
    """What the bot said there since it was `known`."""
    return api.texts(place)[1:]


async def looked_at(api, place):
    """Wait until the bot has read back in a place, since its last start."""

    def reads():
        starts = [n for n, call in enumerate(api.calls) if call.fits("GET", "/users/@me")]
        calls = api.calls[starts[-1] :]
        return any(call.fits("GET", HISTORY) and call.id("channel") == place.id for call in calls)

    await api.until(reads)


async def still(api):
    """Nothing more comes of what was said: a moment without a message."""
    calls = -1
    while calls != api.count("*", HISTORY):
        calls = api.count("*", HISTORY)
        await asyncio.sleep(0.15)


def words(bot):
    """What the model was asked to answer, message by message."""
    return [last_words(prompt).rpartition(": ")[2] for prompt in bot.engine.streamed]
