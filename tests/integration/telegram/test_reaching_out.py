"""Writing first on Telegram, from the command to the chat: in time, once, as long as wished.

The loop, the store and the library are the real ones.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import File, Scope
from adapters.outcome import NotSent, Unreachable
from bot import reaching_out, wiring
from bot.cli.serve import _serve
from bot.config import load
from bot.models import Model
from bot.texts.sentences import say
from storage.store import Store
from tests.fakes import FakeEngine
from tests.integration.reaching import come_due, looking, noon_zone
from tests.integration.telegram.processes import killed, process, rows
from tests.integration.telegram.running import warmline
from tests.telegram_server import faults
from tests.telegram_server.messages import press, text
from tests.telegram_server.people import ANN

pytestmark = pytest.mark.usefixtures("quick")

ASKED = {say("en", f"checkin.ask_{n}") for n in (1, 2, 3, 4)}
LAST = say("en", "checkin.last")
DELIVERIES = "SELECT state FROM deliveries"
CHECKINS = "SELECT minute, zone, unanswered FROM checkins"
MINE = Scope("telegram", str(ANN.id))


def asked(api):
    """The check-ins that stand in Ann's chat."""
    return [one for one in api.texts(ANN.id) if one.split("\n")[0] in ASKED]


async def wanted(api, bot):
    """Ann asks to be asked."""
    api.feed(text(f"/checkin daily 12:00 {noon_zone()}"))
    await api.until(lambda: "12:00" in "".join(api.texts(ANN.id)))
    assert await bot.store.checkin("telegram", str(ANN.id))


async def due(api, bot, number=1):
    """It comes due, and so many stand there."""
    await come_due(bot.store, "telegram", ANN.id)
    await api.until(lambda: len(asked(api)) == number)


async def over(bot):
    """Wait until there is no check-in any more."""
    async with asyncio.timeout(10):
        while await bot.store.checkin("telegram", str(ANN.id)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def moved_on(bot):
    """Wait until it is due another day."""
    async with asyncio.timeout(10):
        while True:
            known = await bot.store.checkin("telegram", str(ANN.id))
            if known.next_at > datetime.now(UTC):
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path) as running:
        yield running


async def test_a_zone_is_pressed_and_the_check_in_arrives_once(api, bot, monkeypatch, tmp_path):
    api.feed(text("/checkin 12:00"))
    await api.until(lambda: bool(api.messages(ANN.id)))
    (card,) = api.messages(ANN.id)
    (command,) = [data for _, data in card.buttons if "Sydney" in data]
    api.feed(press(command, card.json()))
    await api.until(lambda: rows(tmp_path, CHECKINS) == [(720, "Australia/Sydney", 0)])
    await bot.store.set_zone("telegram", str(ANN.id), noon_zone())
    api.feed(text("/checkin 12:00"))  # the zone is known, and not asked for again
    await api.until(lambda: rows(tmp_path, CHECKINS) == [(720, noon_zone(), 0)])
    async with looking(bot, "telegram", monkeypatch):
        await due(api, bot)
        await asyncio.sleep(0.3)
        assert len(asked(api)) == 1
    assert rows(tmp_path, CHECKINS) == [(720, noon_zone(), 1)]


async def test_it_ends_after_two_unanswered(api, bot, monkeypatch):
    await wanted(api, bot)
    async with looking(bot, "telegram", monkeypatch):
        await due(api, bot)
        await due(api, bot, 2)
        assert [LAST in one for one in asked(api)] == [False, True]
        await come_due(bot.store, "telegram", ANN.id)
        await over(bot)
        assert len(asked(api)) == 2


async def test_a_message_of_the_person_begins_the_count_anew(api, bot, monkeypatch, tmp_path):
    await wanted(api, bot)
    async with looking(bot, "telegram", monkeypatch):
        for number in (1, 2, 3, 4):
            await due(api, bot, number)
            api.feed(text("quite well, thank you"))
            await api.until(lambda: rows(tmp_path, CHECKINS)[0][2] == 0)
    assert not any(LAST in one for one in asked(api))


async def test_it_survives_a_kill_of_the_process(api, tmp_path, monkeypatch):
    async with process(api, tmp_path) as first:
        api.feed(text(f"/checkin daily 12:00 {noon_zone()}"))
        await api.until(lambda: rows(tmp_path, DELIVERIES) == [("delivered",)])
        await killed(first)
    async with warmline(api, tmp_path) as bot, looking(bot, "telegram", monkeypatch):
        await due(api, bot)


async def test_whoever_blocked_the_bot_is_not_written_to_again(api, bot, monkeypatch):
    await wanted(api, bot)
    api.fail("sendMessage", faults.BLOCKED, always=True)
    before = api.count("sendMessage")
    async with looking(bot, "telegram", monkeypatch):
        await come_due(bot.store, "telegram", ANN.id)
        await over(bot)
    assert api.count("sendMessage") == before + 1


async def test_forget_deletes_it_with_everything_else(api, bot, monkeypatch, tmp_path):
    await wanted(api, bot)
    api.feed(text("/forget everything"))
    await api.until(lambda: rows(tmp_path, CHECKINS) == [])
    async with looking(bot, "telegram", monkeypatch):
        await asyncio.sleep(0.2)
    assert asked(api) == []


async def test_one_that_would_come_more_than_two_hours_late_is_left_out(api, bot, monkeypatch):
    await wanted(api, bot)
    await come_due(bot.store, "telegram", ANN.id, timedelta(hours=2, seconds=1))
    async with looking(bot, "telegram", monkeypatch):
        await moved_on(bot)
    assert asked(api) == []


async def test_what_surely_was_not_sent_is_tried_again(api, bot, monkeypatch, tmp_path):
    await wanted(api, bot)
    full = faults.Error(429, "Too Many Requests: retry after 1", {"retry_after": 1})
    api.fail("sendMessage", full)
    async with looking(bot, "telegram", monkeypatch):
        await due(api, bot)
        await asyncio.sleep(0.2)
    assert len(asked(api)) == 1
    assert rows(tmp_path, CHECKINS)[0][2] == 1


@pytest.mark.parametrize(
    ("fault", "there"), [(faults.DropAfter(), 1), (faults.DropBefore(), 0), (faults.Status(502), 0)]
)
async def test_what_perhaps_was_sent_is_not_sent_again(api, bot, monkeypatch, fault, there):
    await wanted(api, bot)
    before = api.count("sendMessage")
    api.fail("sendMessage", fault)
    async with looking(bot, "telegram", monkeypatch):
        await come_due(bot.store, "telegram", ANN.id)
        await moved_on(bot)
        await api.until(lambda: api.count("sendMessage") == before + 1)
        await asyncio.sleep(0.2)
    assert (api.count("sendMessage"), len(asked(api))) == (before + 1, there)


async def test_somebody_is_told_that_their_mood_was_looked_at(api, bot, monkeypatch):
    await wanted(api, bot)
    await bot.store.set_language("telegram", str(ANN.id), "en")
    await bot.store.note_look(
        "owner", "person 30", f"telegram:{ANN.id}", platform="telegram", user_id=str(ANN.id)
    )
    async with looking(bot, "telegram", monkeypatch):
        await api.until(lambda: "whoever runs me looked at" in api.texts(ANN.id)[-1])
        await asyncio.sleep(0.2)
    assert len(api.texts(ANN.id)) == 2


async def test_long_words_and_a_file_reach_a_person_in_order(api, bot):
    words = "word " * 1000
    file = File("trend.png", b"\x89PNG", "image/png", "A picture.")
    await bot.adapter.reach(MINE, words, file)
    shown = api.messages(ANN.id)
    assert " ".join(one.text for one in shown[:-1]).split() == words.split()
    assert len(shown) == 3
    assert (shown[-1].text, shown[-1].document.content) == ("A picture.", b"\x89PNG")


async def test_whoever_never_was_there_cannot_be_reached(api, bot):
    with pytest.raises(Unreachable):
        await bot.adapter.reach(Scope("telegram", "nobody"), "hello")


async def test_nobody_is_reached_before_it_runs_nor_after(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        assert bot.adapter.can_reach
    assert not bot.adapter.can_reach
    with pytest.raises(NotSent):
        await bot.adapter.reach(MINE, "hello")


async def test_a_stop_lets_what_is_being_sent_arrive(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        api.fail("sendMessage", faults.Slow(0.4, acts_late=True))
        reaching = asyncio.create_task(bot.adapter.reach(MINE, "hello"))
        await api.until(lambda: api.count("sendMessage") == 1)
    await reaching
    assert api.texts(ANN.id) == ["hello"]


async def test_warmline_run_looks_by_itself(api, tmp_path, monkeypatch):
    @asynccontextmanager
    async def no_model(settings, model):
        yield FakeEngine()

    monkeypatch.setattr(wiring, "open_engine", no_model)
    monkeypatch.setattr(reaching_out, "LOOK", timedelta(milliseconds=30))
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path))
    settings = load(None, {"WARMLINE_TELEGRAM_TOKEN": api.token})
    telegram = settings.telegram.model_copy(update={"enabled": True, "base_url": api.base_url})
    http = settings.http.model_copy(update={"enabled": False})
    settings = settings.model_copy(update={"telegram": telegram, "http": http})
    running = asyncio.create_task(_serve(settings, Model("tiny", "tiny")))
    try:
        api.feed(text(f"/checkin daily 12:00 {noon_zone()}"))
        await api.until(lambda: "12:00" in "".join(api.texts(ANN.id)))
        async with await Store.open(folder=tmp_path) as store:
            await come_due(store, "telegram", ANN.id)
        await api.until(lambda: len(asked(api)) == 1)
    finally:
        running.cancel()
        await asyncio.wait({running})
