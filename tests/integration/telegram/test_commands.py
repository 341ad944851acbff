"""Each command over Telegram, from the slash or the button to the rows."""

from __future__ import annotations

import json

import pytest

from bot.commands import MENU
from bot.texts.sentences import say
from tests.fakes import FakeEngine
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import warmline
from tests.telegram_server.messages import press, text
from tests.telegram_server.people import ANN, BEN, LI

pytestmark = pytest.mark.usefixtures("quick")

LABELS = "SELECT count(*) FROM labels"
ENDS = "SELECT state, failure FROM turns ORDER BY id"


async def asked(api, words, who=ANN):
    """Say it, and give the bot's next message."""
    known = len(api.messages(who.id))
    api.feed(text(words, who))
    await api.until(lambda: len(api.messages(who.id)) > known)
    return api.messages(who.id)[known]


async def pressed(api, card, command, who=ANN):
    assert command in [data for _, data in card.buttons]
    known = len(api.messages(who.id))
    api.feed(press(command, card.json(), who))
    await api.until(lambda: len(api.messages(who.id)) > known)
    return api.messages(who.id)[known]


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path, mood_memory="ask") as running:
        yield running


async def test_start_says_what_it_is_and_asks_for_consent(api, bot, tmp_path):
    card = await asked(api, "/start")
    assert "an AI companion" in card.text
    assert "not a person" in card.text
    assert [data for _, data in card.buttons] == ["/memory on", "/memory off"]
    thanks = await pressed(api, card, "/memory on")
    assert thanks.text == say("en", "memory.turned_on")
    assert await bot.store.mood_memory("telegram", str(ANN.id)) == "on"
    assert api.count("answerCallbackQuery") == 1
    assert rows(tmp_path, ENDS) == [("declined", "command")] * 2


async def test_a_no_is_kept_and_no_label_is_stored(api, bot, tmp_path):
    await pressed(api, await asked(api, "/start"), "/memory off")
    assert (await asked(api, "I lost my keys")).text == "I hear you."
    assert await bot.store.mood_memory("telegram", str(ANN.id)) == "off"
    assert rows(tmp_path, LABELS) == [(0,)]


async def test_who_was_not_asked_is_asked_after_the_first_answer_and_not_again(api, bot, tmp_path):
    await asked(api, "I lost my keys")
    await api.until(lambda: len(api.messages(ANN.id)) == 2)
    card = api.messages(ANN.id)[1]
    await pressed(api, card, "/memory on")
    await asked(api, "I found them")
    await api.until(lambda: rows(tmp_path, LABELS) == [(1,)])
    assert len(api.messages(ANN.id)) == 4


async def test_help_names_every_command(api, bot):
    words = (await asked(api, "/help")).text
    assert all(f"/{name}" in words for name in MENU)
    assert "/pair" not in words


async def test_language_is_chosen_by_a_button_and_kept(api, bot):
    card = await asked(api, "/language")
    told = await pressed(api, card, "/language zh")
    assert told.text == say("zh", "commands.language_set")
    assert (await bot.store.preferences("telegram", str(ANN.id))).language == "zh"
    assert (await asked(api, "/help")).text.startswith(say("zh", "commands.help"))


async def test_a_client_in_chinese_is_answered_in_chinese(api, bot):
    assert say("zh", "commands.start") in (await asked(api, "/start", LI)).text


async def test_memory_and_mood_tell_how_it_stands(api, bot, tmp_path):
    asks = say("en", "memory.ask", long=say("en", "memory.long"))
    assert asks in (await asked(api, "/memory")).text
    assert say("en", "commands.mood_none") in (await asked(api, "/mood")).text
    assert (await asked(api, "/memory on")).text == say("en", "memory.turned_on")
    for number in range(2):
        await asked(api, f"hello {number}")
    await api.until(lambda: rows(tmp_path, LABELS) == [(2,)])
    assert "2 messages in the last 7 days" in (await asked(api, "/mood 7")).text


async def test_privacy_says_what_is_kept(api, bot):
    words = (await asked(api, "/privacy")).text
    assert "Telegram carries our messages" in words
    assert "fake-1b" in words


async def test_export_brings_everything_as_files(api, bot):
    await asked(api, "I lost my keys")
    await asked(api, "My secret", BEN)
    api.feed(text("/export"))
    await api.until(lambda: sum(one.is_file for one in api.messages(ANN.id)) == 2)
    files = {one.document.name: one.document for one in api.messages(ANN.id) if one.is_file}
    kept = next(file.content for name, file in files.items() if name.endswith(".json"))
    read = next(file.content.decode() for name, file in files.items() if name.endswith(".md"))
    assert "I lost my keys" in json.dumps(json.loads(kept))
    assert "I hear you." in read
    assert "My secret" not in read + kept.decode()


async def test_forget_asks_once_and_then_erases(api, bot, tmp_path):
    await asked(api, "I lost my keys")
    await asked(api, "My secret", BEN)
    await api.until(lambda: len(api.messages(ANN.id)) == 2)  # the answer and the card
    card = await asked(api, "/forget")
    assert (await pressed(api, card, "/forget no")).text == say("en", "commands.forget_kept")
    assert "Receipt" in (await pressed(api, card, "/forget everything")).text
    assert [known.user_id for known in await bot.store.people()] == [str(BEN.id)]
    (texts,) = zip(*rows(tmp_path, "SELECT text FROM turns"), strict=True)
    assert texts == ("My secret",)
    assert "I lost my keys" not in "".join(
        message.content for message in (await _next_prompt(api, bot)).messages
    )


async def _next_prompt(api, bot):
    await asked(api, "hello")
    return bot.engine.streamed[-1]


async def test_retry_answers_the_last_message_anew(api, tmp_path):
    engine = FakeEngine(" First.")
    async with warmline(api, tmp_path, engine) as bot:
        nothing = await asked(api, "/retry")
        assert nothing.text == say("en", "commands.nothing_to_retry")
        assert (await asked(api, "I lost my keys")).text == "First."
        engine.reply = (" Second.",)
        assert (await asked(api, "/retry")).text == "Second."
        turn = await bot.store.last_answered("telegram", str(ANN.id), "", str(ANN.id))
        assert turn
        assert (turn.text, turn.reply) == ("I lost my keys", "Second.")


async def test_an_unknown_command_is_told_in_private(api, bot):
    assert (await asked(api, "/weather")).text == say("en", "commands.unknown")
