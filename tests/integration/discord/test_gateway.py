"""A connection that is lost, in every way there is: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping

import pytest

from adapters.discord import adapter, client
from tests.discord_server import faults
from tests.discord_server.people import ANN, BEN, BOT, HOOK, OTHER_BOT, Person
from tests.discord_server.server import DiscordApi
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER, last_words
from tests.integration.discord.library import hurry
from tests.integration.discord.running import warmline

pytestmark = pytest.mark.usefixtures("quick", "any_words")

HISTORY = "/channels/{channel}/messages"

Way = Callable[[DiscordApi], None]


def closed_with(code: int) -> Way:
    return lambda api: api.close(code)


def lose_sessions(api: DiscordApi) -> None:
    """The line is cut, and Discord forgets the session: the RESUME is told op 9."""
    api.abort()
    api.forget_sessions()


RESUMED: Mapping[str, Way] = {
    "op 7": lambda api: api.reconnect(),
    "op 9, resumable": lambda api: api.invalidate(resumable=True),
    "cut": lambda api: api.abort(),
    **{f"close {code}": closed_with(code) for code in (1000, 4000, 4009)},
}
RENEWED: Mapping[str, Way] = {
    "op 9, not resumable": lambda api: api.invalidate(resumable=False),
    "no JSON": lambda api: api.frame("{"),
    "no object": lambda api: api.frame("[]"),
    "no zlib": lambda api: api.frame(b"nonsense\x00\x00\xff\xff"),
    "an unknown session": lose_sessions,
}


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    hurry(monkeypatch)


@pytest.mark.parametrize("way", RESUMED)
async def test_a_session_goes_on_and_tells_what_was_missed(api, tmp_path, way):
    private = api.dm(ANN)
    async with warmline(api, tmp_path, catch_up_minutes=0) as bot:
        await answered(api, private, "one")
        RESUMED[way](api)
        api.say(ANN, private, "two")
        await api.until(lambda: api.texts(private) == [ANSWER] * 2)
        await api.until(lambda: bool(api.sessions))
        await answered(api, private, "three")
        assert [session.resumes for session in api.sessions] == [1]
        assert words(bot) == ["one", "two", "three"]


@pytest.mark.parametrize("way", RENEWED)
async def test_what_a_new_session_missed_is_found(api, tmp_path, way):
    private = api.dm(ANN)
    async with warmline(api, tmp_path) as bot:
        await answered(api, private, "one")
        await answered(api, api.general, f"{BOT.mention} two")
        RENEWED[way](api)
        api.say(ANN, private, "three")
        api.say(BEN, api.general, f"{BOT.mention} four")
        api.say(BEN, api.general, "not for the bot")
        await api.until(lambda: api.texts(private) == [ANSWER] * 2)
        await api.until(lambda: api.texts(api.general) == [ANSWER] * 2)
        await api.until(lambda: bool(api.sessions))
        await answered(api, private, "five")
        assert sorted(words(bot)) == ["five", "four", "one", "three", "two"]


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_happens_to_the_line_every_message_is_answered_once(api, tmp_path, seed):
    chance = random.Random(seed)
    ways = list({**RESUMED, **RENEWED}.values())
    private = api.dm(ANN)
    async with warmline(api, tmp_path) as bot:
        await answered(api, private, "hello")
        await answered(api, api.general, f"{BOT.mention} hello")
        for number in range(20):
            chance.choice(ways)(api)
            await asyncio.sleep(chance.choice([0, 0.02, 0.1]))
            person = Person(1100000000000001000 + number, f"person{number}")
            api.say(person, api.general, f"{BOT.mention} message {number}")
            if chance.random() < 0.3:
                api.repeat()
        await api.until(lambda: api.texts(api.general) == [ANSWER] * 21, 20)
        await still(api)
        assert api.texts(api.general) == [ANSWER] * 21
        said = ["hello", "hello", *(f"message {number}" for number in range(20))]
        assert sorted(words(bot)) == sorted(said)


@pytest.mark.parametrize("way", ["op 7", "no JSON", "op 9, not resumable"])
async def test_an_answer_that_is_being_written_goes_on_in_its_message(api, tmp_path, way):
    going = asyncio.Event()
    private = api.dm(ANN)
    async with warmline(api, tmp_path, FakeEngine(" It will pass. Rest", going, " now.")) as bot:
        api.say(ANN, private, "one")
        await bot.engine.waiting.acquire()
        await api.until(lambda: bool(api.messages(private)))
        (shown,) = api.messages(private)
        {**RESUMED, **RENEWED}[way](api)
        await api.until(lambda: len(api.connections) == 2 and bool(api.sessions))
        going.set()
        await api.until(lambda: api.texts(private) == ["It will pass. Rest now."])
        await still(api)
        assert [message.id for message in api.messages(private)] == [shown.id]
        assert words(bot) == ["one"]


async def test_after_a_resume_nothing_is_looked_for(api, tmp_path):
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        await answered(api, private, "one")
        looked = api.count("GET", HISTORY)
        api.reconnect()
        await answered(api, private, "two")
        assert api.count("GET", HISTORY) == looked


async def test_silence_is_noticed(api, tmp_path, monkeypatch):
    wanted = client.options
    monkeypatch.setattr(
        adapter, "options", lambda settings: wanted(settings) | {"heartbeat_timeout": 0.6}
    )
    api.gateway.heartbeat_ms = 150
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        await answered(api, private, "one")
        api.silence()
        api.say(ANN, private, "two")
        await api.until(lambda: api.texts(private) == [ANSWER] * 2)
        assert len(api.connections) == 2


async def test_a_gateway_that_is_away_for_a_while_is_waited_for(api, tmp_path):
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        await answered(api, private, "one")
        api.fail("WS", "/gateway", *[faults.DropBefore(), faults.Status(503)] * 3)
        api.abort()
        api.say(ANN, private, "two")
        await api.until(lambda: api.texts(private) == [ANSWER] * 2)
        await still(api)
        assert api.texts(private) == [ANSWER] * 2


async def test_discord_that_is_away_altogether_is_waited_for(api, tmp_path):
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        await answered(api, private, "one")
        api.fail("*", "", faults.Status(503), always=True)
        api.frame("{")
        api.say(ANN, private, "two")
        await api.until(lambda: api.count("GET", "/gateway/bot") > 3)
        api.mend()
        await api.until(lambda: api.texts(private) == [ANSWER] * 2)


async def test_a_message_that_comes_twice_is_answered_once(api, tmp_path):
    private = api.dm(ANN)
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        api.say(ANN, private, "one")
        api.repeat()
        await bot.engine.waiting.acquire()
        api.repeat()
        going.set()
        await api.until(lambda: api.texts(private) == [ANSWER])
        api.repeat()
        await still(api)
        assert api.texts(private) == [ANSWER]
        assert words(bot) == ["one"]


async def test_a_new_session_does_not_answer_again_what_is_being_answered(api, tmp_path):
    private = api.dm(ANN)
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        api.say(ANN, private, "one")
        await bot.engine.waiting.acquire()
        looked = api.count("GET", HISTORY)
        api.invalidate(resumable=False)
        await api.until(lambda: api.count("GET", HISTORY) > looked)
        going.set()
        await api.until(lambda: api.texts(private) == [ANSWER])
        await still(api)
        assert api.texts(private) == [ANSWER]
        assert words(bot) == ["one"]


async def test_an_event_that_cannot_be_read_costs_that_event_alone(api, tmp_path, caplog):
    private = api.dm(ANN)
    async with warmline(api, tmp_path):
        await answered(api, private, "one")
        for name in ("MESSAGE_CREATE", "GUILD_CREATE", "INTERACTION_CREATE", "CHANNEL_UPDATE"):
            api.dispatch(name, {"content": "a secret", "id": "what?"})
        api.dispatch("NEVER_HEARD_OF", {})
        await answered(api, private, "two")
        assert len(api.connections) == 1
    assert "a MESSAGE_CREATE of Discord's cannot be read" in caplog.text
    assert "secret" not in caplog.text


async def test_a_broken_frame_is_logged_by_its_kind_alone(api, tmp_path, caplog):
    async with warmline(api, tmp_path):
        api.frame('{"a secret"')
        await api.until(lambda: len(api.connections) == 2 and bool(api.sessions))
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    ours = [record for record in told if record.name.startswith("adapters")]
    assert [record.levelno for record in ours] == [logging.ERROR]
    assert "JSONDecodeError" in ours[0].message
    assert "secret" not in caplog.text


async def test_a_server_that_is_away_for_a_while_keeps_its_answers(api, tmp_path):
    going = asyncio.Event()
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        api.say(ANN, api.general, f"{BOT.mention} one")
        await bot.engine.waiting.acquire()
        api.outage(api.home)
        api.recover(api.home)
        going.set()
        await api.until(lambda: api.texts(api.general) == [ANSWER])


async def test_quick_messages_of_one_person_are_taken_in_their_order(api, tmp_path):
    private = api.dm(ANN)
    said = [f"message {number}" for number in range(12)]
    async with warmline(api, tmp_path, chat={"patience": 0.5}) as bot:
        for text in said:
            api.say(ANN, private, text)
        await api.until(lambda: api.texts(private) == [ANSWER])
        assert words(bot) == ["\n".join(said)]


@pytest.mark.parametrize("who", [OTHER_BOT, HOOK])
async def test_fault_14_a_reply_ping_of_another_bot_never_wakes_it(api, tmp_path, who):
    private = api.dm(ANN)
    async with warmline(api, tmp_path) as bot:
        await answered(api, api.general, f"{BOT.mention} one")
        (mine,) = api.messages(api.general)
        api.say(who, api.general, "And how are you?", reply_to=mine)
        api.say(who, api.general, f"{BOT.mention} hello")
        api.invalidate(resumable=False)  # found once more, in the history
        looked = api.count("GET", HISTORY)
        await api.until(lambda: api.count("GET", HISTORY) > looked)
        await answered(api, private, "two")
        assert words(bot) == ["one", "two"]
        assert api.texts(api.general) == [ANSWER]


async def answered(api, channel, text):
    """Ann says something there and is answered."""
    known = api.texts(channel)
    api.say(ANN, channel, text)
    await api.until(lambda: api.texts(channel) == [*known, ANSWER])


async def still(api):
    """Nothing more comes of what was said: a moment without a message."""
    calls = -1
    while calls != api.count("POST", HISTORY):
        calls = api.count("POST", HISTORY)
        await asyncio.sleep(0.15)


def words(bot):
    """What the model was asked to answer, message by message."""
    return [last_words(prompt).rpartition(": ")[2] for prompt in bot.engine.streamed]
