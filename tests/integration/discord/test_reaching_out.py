"""Writing first on Discord: in direct messages, once, also where it was asked for in a server.

The loop, the store and the library are the real ones.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import File, Scope
from adapters.outcome import NotSent, Unreachable
from bot.texts.sentences import say
from tests.discord_server import faults
from tests.discord_server.people import ANN
from tests.integration.discord.asking import by_slash, pressed
from tests.integration.discord.library import hurry
from tests.integration.discord.processes import killed, process, rows
from tests.integration.discord.running import warmline
from tests.integration.reaching import come_due, looking, noon_zone

pytestmark = pytest.mark.usefixtures("quick")

MESSAGES = "/channels/{channel}/messages"
ASKED = {say("en", f"checkin.ask_{n}") for n in (1, 2, 3, 4)}
LAST = say("en", "checkin.last")
CHECKINS = "SELECT minute, zone, unanswered FROM checkins"
STATES = "SELECT state FROM turns"
MINE = Scope("discord", str(ANN.id))


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    hurry(monkeypatch)
    monkeypatch.setattr("adapters.discord.channel._PAUSE_SECONDS", 0.05)


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path) as running:
        yield running


def asked(api):
    """The check-ins that stand in Ann's direct messages."""
    return [one for one in api.texts(api.dm(ANN)) if one.split("\n")[0] in ASKED]


async def wanted(api, where=None):
    """Ann asks to be asked."""
    answer = await by_slash(
        api, ANN, where or api.dm(ANN), "checkin", when="12:00", zone=noon_zone()
    )
    assert "12:00" in answer.texts[0]


async def due(api, bot, number=1):
    """It comes due, and so many stand there."""
    await come_due(bot.store, "discord", ANN.id)
    await api.until(lambda: len(asked(api)) == number)


async def over(bot):
    """Wait until there is no check-in any more."""
    async with asyncio.timeout(10):
        while await bot.store.checkin("discord", str(ANN.id)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_asked_for_in_a_server_it_comes_in_private_once(api, bot, monkeypatch, tmp_path):
    await wanted(api, api.general)
    async with looking(bot, "discord", monkeypatch):
        await due(api, bot)
        await asyncio.sleep(0.3)
    assert (len(asked(api)), api.texts(api.general)) == (1, [])
    assert rows(tmp_path, CHECKINS) == [(720, noon_zone(), 1)]


async def test_the_zone_can_be_pressed_and_the_end_as_well(api, bot, tmp_path):
    private = api.dm(ANN)
    await by_slash(api, ANN, private, "checkin", when="8 pm")
    card = api.messages(private)[-1]
    await pressed(api, ANN, card, "/checkin daily 20:00 Europe/Berlin")
    assert rows(tmp_path, CHECKINS) == [(1200, "Europe/Berlin", 0)]
    await by_slash(api, ANN, private, "checkin", when="off")
    assert rows(tmp_path, CHECKINS) == []


async def test_it_ends_after_two_unanswered_and_a_message_begins_anew(api, bot, monkeypatch):
    await wanted(api)
    async with looking(bot, "discord", monkeypatch):
        await due(api, bot)
        await due(api, bot, 2)
        api.say(ANN, api.dm(ANN), "quite well, thank you")
        await api.until(lambda: "I hear you." in api.texts(api.dm(ANN)))
        await due(api, bot, 3)
        await due(api, bot, 4)
        assert [LAST in one for one in asked(api)] == [False, True] * 2
        await come_due(bot.store, "discord", ANN.id)
        await over(bot)
    assert len(asked(api)) == 4


async def test_it_survives_a_kill_of_the_process(api, tmp_path, monkeypatch):
    async with process(api, tmp_path) as first:
        api.slash(ANN, api.dm(ANN), "checkin", {"when": "12:00", "zone": noon_zone()})
        await api.until(lambda: "12:00" in "".join(api.texts(api.dm(ANN))))
        await api.until(lambda: rows(tmp_path, STATES) == [("declined",)])
        await killed(first)
    async with warmline(api, tmp_path) as bot, looking(bot, "discord", monkeypatch):
        await due(api, bot)


async def test_whoever_takes_no_direct_messages_is_not_written_to_again(api, bot, monkeypatch):
    await wanted(api, api.general)
    api.shut_dm(ANN)
    async with looking(bot, "discord", monkeypatch):
        await come_due(bot.store, "discord", ANN.id)
        await over(bot)
    assert api.count("POST", MESSAGES) == 1


async def test_forget_deletes_it(api, bot, tmp_path):
    await wanted(api)
    api.say(ANN, api.dm(ANN), "/forget everything")
    await api.until(lambda: rows(tmp_path, CHECKINS) == [])


async def test_a_lost_answer_makes_no_second_message(api, bot, monkeypatch):
    await wanted(api)
    api.fail("POST", MESSAGES, faults.DropAfter())
    async with looking(bot, "discord", monkeypatch):
        await due(api, bot)
        await asyncio.sleep(0.3)
    assert len(asked(api)) == 1


@pytest.mark.parametrize("fault", [faults.Status(502), faults.DropBefore(), faults.DropAfter()])
async def test_a_private_chat_that_cannot_be_opened_now_is_tried_again(
    api, bot, monkeypatch, fault
):
    await wanted(api, api.general)
    api.fail("POST", "/users/@me/channels", *[fault] * 6)
    async with looking(bot, "discord", monkeypatch):
        await due(api, bot)
        await asyncio.sleep(0.2)
    assert len(asked(api)) == 1
    assert (await bot.store.checkin("discord", str(ANN.id))).unanswered == 1


async def test_one_that_would_come_too_late_is_left_out(api, bot, monkeypatch):
    await wanted(api)
    await come_due(bot.store, "discord", ANN.id, timedelta(hours=2, seconds=1))
    async with looking(bot, "discord", monkeypatch):
        async with asyncio.timeout(10):
            while True:
                known = await bot.store.checkin("discord", str(ANN.id))
                if known.next_at > datetime.now(UTC):
                    break
                await asyncio.sleep(0.02)
    assert asked(api) == []


async def test_long_words_and_a_file_reach_a_person_in_order(api, bot):
    words = "word " * 700
    await bot.adapter.reach(MINE, words, File("trend.png", b"\x89PNG", "image/png", "A picture."))
    *texts, caption = api.texts(api.dm(ANN))
    assert " ".join(texts).split() == words.split()
    assert (len(texts), caption) == (2, "A picture.")


@pytest.mark.parametrize("user_id", ["nobody", "1100000000000000999"])
async def test_whoever_is_not_there_cannot_be_reached(api, bot, user_id):
    with pytest.raises(Unreachable):
        await bot.adapter.reach(Scope("discord", user_id), "hello")


async def test_nobody_is_reached_once_it_stopped(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        assert bot.adapter.can_reach
    assert not bot.adapter.can_reach
    with pytest.raises(NotSent):
        await bot.adapter.reach(MINE, "hello")
