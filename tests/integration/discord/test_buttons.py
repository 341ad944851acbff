"""Buttons: they say their command for whoever presses, whenever that is."""

from __future__ import annotations

import asyncio

import pytest

from bot.command import Facts
from bot.consent import card as first_card
from bot.texts.sentences import say
from storage.records import Preferences
from tests.discord_server.people import ANN, BEN, BOT, LI
from tests.fakes import FakeEngine
from tests.integration.discord.asking import ANSWER, by_slash, is_whole, pressed, told
from tests.integration.discord.running import warmline
from tests.integration.telegram.processes import rows

pytestmark = pytest.mark.usefixtures("quick")

LABELS = "SELECT count(*) FROM labels"
TEXTS = "SELECT text FROM turns"
YES, NO = "/memory on", "/memory off"


def commands_of(message):
    return [custom_id.removeprefix("say:") for _, custom_id in message.buttons]


async def greeted(api, who=ANN):
    """The card that follows the first answer in private."""
    private = api.dm(who)
    api.say(who, private, "I lost my keys")
    await api.until(lambda: len(api.messages(private)) == 2 and ANSWER in api.texts(private))
    return api.messages(private)[1]


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path, mood_memory="ask") as running:
        yield running


async def chosen(bot, who=ANN):
    return await bot.store.mood_memory("discord", str(who.id))


async def test_the_first_private_answer_is_followed_by_the_question_whether_to_remember(
    api, bot, tmp_path
):
    card = await greeted(api)
    assert card.content == first_card("en", Preferences(), Facts("tiny")).text
    assert commands_of(card) == [YES, NO]
    assert rows(tmp_path, LABELS) == [(0,)]
    thanks = await pressed(api, ANN, card, YES)
    assert thanks.texts == [say("en", "memory.turned_on")]
    assert await chosen(bot) == "on"
    await told(api, ANN, api.dm(ANN), "I found them")
    await api.until(lambda: rows(tmp_path, LABELS) == [(1,)])


async def test_a_no_is_kept_and_the_question_does_not_come_again(api, bot, tmp_path):
    await pressed(api, ANN, await greeted(api), NO)
    assert await chosen(bot) == "off"
    await told(api, ANN, api.dm(ANN), "I found them")
    await by_slash(api, ANN, api.dm(ANN), "help")
    assert len([one for one in api.messages(api.dm(ANN)) if one.buttons]) == 1
    assert rows(tmp_path, LABELS) == [(0,)]


async def test_a_first_contact_by_slash_is_asked_the_same(api, bot):
    asked = api.slash(LI, api.dm(LI), "chat", {"text": "我丢了钥匙"})
    await api.until(lambda: len(asked.shown) == 2 and is_whole(asked.texts))
    assert commands_of(asked.shown[1]) == [YES, NO]
    assert asked.shown[1].content == first_card("zh", Preferences(), Facts("tiny")).text


async def test_in_a_server_nobody_is_asked_before_all(api, bot):
    await told(api, ANN, api.general, f"{BOT.mention} I lost my keys")
    await by_slash(api, ANN, api.general, "chat")
    assert not any(one.buttons for one in api.messages(api.general))
    alone = await by_slash(api, ANN, api.general, "memory")
    assert (alone.is_ephemeral, commands_of(alone.shown[0])) == (True, [YES, NO])
    await pressed(api, ANN, alone.shown[0], YES)
    assert await chosen(bot) == "on"


async def test_a_button_still_works_after_a_restart_and_in_an_old_message(api, tmp_path):
    async with warmline(api, tmp_path, mood_memory="ask"):
        card = await greeted(api)
    api.advance(40 * 24 * 3600)
    async with warmline(api, tmp_path, mood_memory="ask") as bot:
        thanks = await pressed(api, ANN, card, YES)
        assert thanks.texts == [say("en", "memory.turned_on")]
        assert await chosen(bot) == "on"


async def test_a_press_by_another_person_acts_for_that_person_and_is_seen_by_them_alone(api, bot):
    card = await told(api, ANN, api.general, f"{BOT.mention} /language")
    other = await pressed(api, BEN, card, "/language zh")
    assert other.texts == [say("zh", "commands.language_set")]
    assert (other.is_ephemeral, other.shown[0].seen_by) == (True, BEN)
    assert (await bot.store.preferences("discord", str(BEN.id))).language == "zh"
    assert (await bot.store.preferences("discord", str(ANN.id))).language == ""
    own = await pressed(api, ANN, card, "/language en")
    assert own.is_ephemeral
    assert api.messages(api.general) == [card]


async def test_a_double_press_does_no_harm(api, bot, tmp_path):
    card = await greeted(api)
    both = [api.press(ANN, card, f"say:{YES}") for _ in range(2)]
    await api.until(lambda: all(is_whole(one.texts) for one in both))
    assert [one.texts for one in both] == [[say("en", "memory.turned_on")]] * 2
    await pressed(api, ANN, card, NO)
    assert await chosen(bot) == "off"


async def test_forget_erases_by_a_button_and_a_second_press_finds_nothing(api, bot, tmp_path):
    await told(api, ANN, api.general, f"{BOT.mention} I lost my keys")
    await told(api, BEN, api.general, f"{BOT.mention} my secret")
    question = await by_slash(api, ANN, api.general, "forget")
    card = question.shown[0]
    assert {"/forget everything", "/forget no"} <= {*commands_of(card)}
    kept = await pressed(api, ANN, card, "/forget no")
    assert kept.texts == [say("en", "commands.forget_kept")]
    receipt = await pressed(api, ANN, card, "/forget everything")
    assert (receipt.is_ephemeral, "Receipt" in receipt.texts[0]) == (True, True)
    assert rows(tmp_path, TEXTS) == [("my secret",)]
    again = await pressed(api, ANN, card, "/forget everything")
    assert "Receipt" in again.texts[0]
    assert [known.user_id for known in await bot.store.people()] == [str(BEN.id)]


async def test_a_press_is_acknowledged_at_once_and_a_late_one_is_answered_elsewhere(
    api, bot, monkeypatch
):
    card = await greeted(api)
    going, choices = asyncio.Event(), bot.store.preferences

    async def slow(*person):
        await going.wait()
        return await choices(*person)

    monkeypatch.setattr(bot.store, "preferences", slow)
    asked = api.press(ANN, card, f"say:{YES}")
    await api.until(lambda: asked.deferred)
    api.advance(15 * 60 + 1)
    going.set()
    thanks = say("en", "memory.turned_on")
    await api.until(lambda: api.texts(api.dm(ANN))[-1:] == [thanks])
    api.press(ANN, card, f"say:{NO}", ago=4)
    await api.until(lambda: api.texts(api.dm(ANN))[-1:] == [say("en", "memory.turned_off")])
    assert len(api.texts(api.dm(ANN))) == 4


async def test_what_is_no_button_of_ours_is_left_alone(api, tmp_path):
    async with warmline(api, tmp_path, FakeEngine()):
        card = await told(api, ANN, api.general, f"{BOT.mention} /language")
        card.components[0]["components"][0]["custom_id"] = "another:bot"
        asked = api.press(ANN, card, "another:bot")
        await pressed(api, ANN, card, "/language zh")
        assert not asked.answer
