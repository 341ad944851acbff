"""What a death of the process, or a bad line, costs: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from adapters.discord import adapter
from bot.texts.sentences import say
from tests.discord_server import faults
from tests.discord_server.people import ANN, BEN, BOT
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER
from tests.integration.discord.library import hurry
from tests.integration.discord.processes import killed, process, rows
from tests.integration.discord.running import warmline

pytestmark = pytest.mark.usefixtures("quick")

MESSAGES, MESSAGE = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
STATES = "SELECT state FROM turns ORDER BY id"
DELIVERIES = "SELECT state, sent FROM deliveries ORDER BY turn_id"
DOUBT = say("en", "turn.perhaps_sent")


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    hurry(monkeypatch)
    monkeypatch.setattr("adapters.discord.channel._PAUSE_SECONDS", 0.05)


async def test_a_message_received_before_a_kill_is_answered_once(api, tmp_path):
    private = api.dm(ANN)
    async with process(api, tmp_path, None) as first:
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: rows(tmp_path, STATES) == [("answering",)])
        await killed(first)
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.texts(private) == [ANSWER])
        await still(api)
        assert api.texts(private) == [ANSWER]
        assert len(bot.engine.streamed) == 1
    async with warmline(api, tmp_path) as bot:
        await still(api)
        assert (bot.engine.streamed, api.texts(private)) == ([], [ANSWER])


@pytest.mark.parametrize("where", ["private", "thread"])
async def test_an_answer_that_had_begun_to_show_goes_on_in_the_same_message(api, tmp_path, where):
    place = {
        "private": api.dm(ANN),
        "thread": api.add_thread(api.general, "keys"),
    }[where]
    async with process(api, tmp_path, " It will pass. Rest", None) as first:
        said = api.say(ANN, place, f"{BOT.mention} I lost my keys")
        await api.until(lambda: bool(api.messages(place)))
        (shown,) = api.messages(place)
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("open", f'["{shown.id}"]')])
        await killed(first)
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(place) == [ANSWER])
        await still(api)
        (mine,) = api.messages(place)
        assert (mine.id, mine.replied) == (shown.id, said)


async def test_words_that_were_perhaps_sent_are_doubted_in_one_line(api, tmp_path):
    private = api.dm(ANN)
    api.fail("POST", MESSAGES, faults.Slow(60))  # they are there, and nobody learns of it
    async with process(api, tmp_path, " I hear you.", stream="off") as first:
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: api.texts(private) == [ANSWER])
        await killed(first)
    assert rows(tmp_path, DELIVERIES) == [("creating", "[]")]
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: api.texts(private) == [ANSWER, DOUBT])
        assert bot.engine.streamed == []
    async with warmline(api, tmp_path):
        await still(api)
        assert api.texts(private) == [ANSWER, DOUBT]


async def test_a_placeholder_that_was_perhaps_sent_costs_nothing(api, tmp_path):
    private = api.dm(ANN)
    api.fail("POST", MESSAGES, faults.Slow(60))
    async with process(api, tmp_path, " I hear you. Go", None) as first:
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: api.texts(private) == ["…"])
        await killed(first)
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(private) == ["…", ANSWER])
        await still(api)
        assert api.texts(private) == ["…", ANSWER]


async def test_an_answer_that_was_written_and_never_sent_is_sent(api, tmp_path):
    private = api.dm(ANN)
    api.fail("POST", MESSAGES, faults.DropBefore(), always=True)
    async with process(api, tmp_path, " I hear you.") as first:
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: rows(tmp_path, STATES) == [("answered",)])
        await killed(first)
    api.mend()
    async with warmline(api, tmp_path) as bot:
        await api.until(lambda: len(api.texts(private)) == 1)
        await still(api)
        assert api.texts(private) in ([ANSWER], [DOUBT])  # the line was cut with the call under way
        assert bot.engine.streamed == []


async def test_a_fixed_answer_in_a_crisis_is_rather_said_twice_than_not_at_all(api, tmp_path):
    private = api.dm(ANN)
    api.fail("POST", MESSAGES, faults.Slow(60, acts_late=True))
    async with process(api, tmp_path, None) as first:
        api.say(ANN, private, "I want to kill myself")
        await api.until(lambda: api.count("POST", MESSAGES) == 1)
        await killed(first)
    assert rows(tmp_path, DELIVERIES) == [("creating", "[]")]
    async with warmline(api, tmp_path):
        await api.until(lambda: len(api.texts(private)) == 1)
        assert "findahelpline.com" in api.texts(private)[0]


@pytest.mark.parametrize("fault", [faults.Slow(60, acts_late=True), faults.TooMany(3600)])
async def test_a_personal_command_that_a_kill_cut_off_is_never_answered_for_all_to_see(
    api, tmp_path, fault
):
    private = api.dm(ANN)
    api.fail("PATCH", "/webhooks", fault)
    async with process(api, tmp_path, None) as first:
        api.slash(ANN, api.general, "privacy")
        await api.until(lambda: api.count("PATCH", "/webhooks") == 1)
        await killed(first)
    api.mend()
    async with warmline(api, tmp_path):
        await api.until(lambda: len(api.texts(private)) == 1)
        await still(api)
    async with warmline(api, tmp_path):
        await still(api)
        assert (len(api.texts(private)), api.texts(api.general)) == (1, [])


async def test_an_orderly_stop_lets_a_running_answer_end(api, tmp_path):
    going, private = asyncio.Event(), api.dm(ANN)
    async with warmline(api, tmp_path, FakeEngine(" I hear you. Go", going, " on.")) as bot:
        api.say(ANN, private, "I lost my keys")
        await bot.engine.waiting.acquire()
        asyncio.get_running_loop().call_later(0.3, going.set)
    assert api.texts(private) == ["I hear you. Go on."]


async def test_an_orderly_stop_keeps_what_was_shown_and_finishes_what_was_not(
    api, tmp_path, monkeypatch
):
    monkeypatch.setattr(adapter, "GRACE_SECONDS", 0.2)
    engine = FakeEngine()
    engine.reply = lambda prompt: (
        [" I hear you. Go", asyncio.Event()]
        if "keys" in prompt.messages[-2].content
        else [asyncio.Event()]
    )
    ann, ben = api.dm(ANN), api.dm(BEN)
    async with warmline(api, tmp_path, engine):
        api.say(ANN, ann, "I lost my keys")
        api.say(BEN, ben, "My cat is ill")
        await engine.waiting.acquire()
        await engine.waiting.acquire()
    async with warmline(api, tmp_path, FakeEngine(" Poor cat.")):
        await api.until(lambda: api.texts(ben) == ["Poor cat."])
        await api.until(lambda: api.texts(ann) == ["I hear you."])


async def test_what_is_left_waits_while_its_channel_cannot_be_asked_for(api, tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.discord.answers._FIRST_PAUSE", 0.05)
    private = api.dm(ANN)
    async with process(api, tmp_path, None) as first:
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: rows(tmp_path, STATES) == [("answering",)])
        await killed(first)
    way = f"/channels/{private.id}"
    spoilt = [faults.Status(503), faults.DropBefore(), faults.DropAfter(), faults.Status(401)]
    api.fail("GET", way, *spoilt, when=lambda call: call.path == way)
    monkeypatch.setattr("adapters.discord.errors._ACCOUNT_PAUSE_S", 0.05)
    async with warmline(api, tmp_path):
        await api.until(lambda: api.texts(private) == [ANSWER])


@pytest.mark.parametrize(
    "fault",
    [
        faults.Status(502),
        faults.Status(503),
        faults.DropBefore(),
        faults.DropAfter(),
        faults.TooMany(0.2),
        faults.TooMany(0.2, is_global=True),
        faults.Slow(0.4),
        faults.Slow(0.4, acts_late=True),
    ],
)
async def test_a_bad_line_neither_loses_nor_doubles_an_answer(api, tmp_path, fault):
    private = api.dm(ANN)
    api.fail("POST", MESSAGES, fault)
    api.fail("PATCH", MESSAGE, fault)
    async with warmline(api, tmp_path, FakeEngine(" I hear you.", " Go on.")) as bot:
        api.say(ANN, private, "I lost my keys")
        await api.until(lambda: api.texts(private) == ["I hear you. Go on."])
        api.say(ANN, api.general, f"{BOT.mention} I lost my keys")
        await api.until(lambda: api.texts(api.general) == ["I hear you. Go on."])
        await still(api)
        assert api.texts(private) == api.texts(api.general) == ["I hear you. Go on."]
        assert len(bot.engine.streamed) == 2


@pytest.mark.parametrize("fault", [faults.DropBefore(), faults.DropAfter(), faults.Status(503)])
async def test_a_long_answer_survives_a_line_that_is_bad_every_other_time(api, tmp_path, fault):
    turns = itertools.count()
    api.fail("*", "/messages", fault, always=True, when=lambda call: next(turns) % 2 == 0)
    said = [f"word{number}" for number in range(500)]
    private = api.dm(ANN)
    async with warmline(api, tmp_path, FakeEngine(*(f" {word}" for word in said))):
        api.say(ANN, private, "Tell me everything")
        await api.until(lambda: " ".join(api.texts(private)).split() == said, 20)
        await still(api)
        assert " ".join(api.texts(private)).split() == said


async def still(api):
    """Nothing more comes of what was said: a moment without a call."""
    calls = -1
    while calls != api.count("*", "/messages"):
        calls = api.count("*", "/messages")
        await asyncio.sleep(0.15)
