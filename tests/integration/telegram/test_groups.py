"""In groups the bot keeps quiet unless it is clearly spoken to."""

from __future__ import annotations

import asyncio

import pytest

from bot.texts.sentences import say
from tests.fakes import FakeEngine
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import Running, warmline
from tests.telegram_server import messages
from tests.telegram_server.messages import media, text
from tests.telegram_server.people import ANN, ANONYMOUS, BEN, BOT, FORUM, GROUP, OTHER_BOT, Json

pytestmark = pytest.mark.usefixtures("quick")

ANSWER = "I hear you."
SOMEBODY = {"message": messages.message(BEN, GROUP, text="I lost my keys")}
OURS = messages.message(BOT, GROUP, text="Hello, I'm Warmline")

SPOKEN_TO = {
    "a name in front": text("@warmline_bot I lost my keys", ANN, GROUP),
    "a name in the middle": text("I, @Warmline_Bot, lost my keys", ANN, GROUP),
    "a name at the end": text("I lost 🔑🔑 my keys @warmline_bot", ANN, GROUP),
    "a tap on the name": text("Warmline, I lost my keys", ANN, GROUP, tap=BOT),
    "a reply": text("I lost my keys", ANN, GROUP, reply_to=OURS),
    "a caption": media("photo", ANN, GROUP, "my keys @warmline_bot"),
    "words passed on": messages.forwarded("@warmline_bot my keys", ANN, GROUP, by=BEN),
    "a reply to somebody": text("@warmline_bot why?", ANN, GROUP, reply_to=SOMEBODY["message"]),
}

NOT_SPOKEN_TO = {
    "words": text("I lost my keys", ANN, GROUP),
    "another's name": text("@ben I lost my keys", ANN, GROUP),
    "a longer name": text("@warmline_bot_2 I lost my keys", ANN, GROUP),
    "a reply to somebody": text("I lost my keys", ANN, GROUP, reply_to=SOMEBODY["message"]),
    "a reply to us that calls another": text("@other_bot look", ANN, GROUP, reply_to=OURS),
    "an unknown command": text("/weather", ANN, GROUP),
    "another's command": text("/help@other_bot", ANN, GROUP),
    "the owner's command": text("/pair ABCD", ANN, GROUP),
    "a picture": media("photo", ANN, GROUP),
    "a sticker": media("sticker", ANN, GROUP),
    "another bot": text("@warmline_bot hello", OTHER_BOT, GROUP),
    "an unnamed admin": text("@warmline_bot hi", ANONYMOUS, GROUP, sender_chat=GROUP.json()),
    "the bot itself": text("@warmline_bot hello", BOT, GROUP),
    "somebody who came": messages.joined(BEN, GROUP),
    "the bot that came": messages.joined(BOT, GROUP),
    "somebody who left": messages.left(BEN, GROUP),
    "a new topic": messages.topic_created(FORUM.topic(7)),
    "a pinned message": {"message": messages.message(ANN, GROUP, pinned_message=OURS)},
    "a new title": {"message": messages.message(ANN, GROUP, new_chat_title="@warmline_bot")},
}


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path) as running:
        yield running


async def fed(bot: Running, update: Json) -> None:
    """Feed it, and wait until all that may come of it has come."""
    bot.api.feed(update)
    await bot.api.until(lambda: not bot.api.pending() and bot.api.polling)


async def heard(bot: Running) -> list[str]:
    """What the groups have heard, once a later message of Ben's in private is answered."""
    known = len(bot.api.texts(BEN.id))
    await fed(bot, text("hello", BEN))
    await bot.api.until(lambda: len(bot.api.texts(BEN.id)) > known)
    await asyncio.sleep(0.05)
    return [*bot.api.texts(GROUP.id), *bot.api.texts(FORUM.id)]


@pytest.mark.parametrize("update", SPOKEN_TO.values(), ids=SPOKEN_TO)
async def test_whoever_speaks_to_the_bot_is_answered_in_reply(api, bot, update):
    await fed(bot, update)
    (shown,) = await api.until(lambda: api.texts(GROUP.id) == [ANSWER] and api.messages(GROUP.id))
    assert shown.reply_parameters["message_id"] == update["message"]["message_id"]
    asked = bot.engine.streamed[0].messages[-2].content
    assert "keys" in asked
    assert "warmline_bot" not in asked.lower()


async def test_the_bot_keeps_quiet_where_it_is_not_spoken_to(bot, tmp_path):
    for what, update in NOT_SPOKEN_TO.items():
        await fed(bot, update)
        assert await heard(bot) == [], what
        assert rows(tmp_path, "SELECT user_id FROM people") == [(str(BEN.id),)], what


@pytest.mark.parametrize("words", ["/help", "/help@warmline_bot", "/HELP@Warmline_Bot"])
async def test_a_known_command_is_answered_with_and_without_the_name(api, bot, words):
    await fed(bot, text(words, ANN, GROUP))
    (answer,) = await api.until(lambda: api.texts(GROUP.id))
    assert "/privacy" in answer
    assert "/mood" not in answer


async def test_an_unknown_command_for_this_bot_is_told(api, bot):
    await fed(bot, text("/weather@warmline_bot", ANN, GROUP))
    await api.until(lambda: api.texts(GROUP.id) == [say("en", "commands.unknown")])


async def test_fault_14_the_reply_of_another_bot_never_wakes_the_bot(api, bot):
    await fed(bot, text("@warmline_bot hello", ANN, GROUP))
    await api.until(lambda: api.texts(GROUP.id) == [ANSWER])
    ours = api.messages(GROUP.id)[0].json()
    for _ in range(3):
        update = text("@warmline_bot and you?", OTHER_BOT, GROUP, reply_to=ours)
        await fed(bot, update)
    await fed(bot, messages.edited(update, "@warmline_bot well?"))
    assert await heard(bot) == [ANSWER]
    assert len(bot.engine.streamed) == 2


async def test_a_press_of_another_bot_and_a_post_in_a_channel_are_nothing(api, bot):
    api.feed(messages.channel_post("@warmline_bot hello"))
    assert api.withheld  # it was not even asked for
    await fed(bot, messages.press("/help", OURS, OTHER_BOT))
    assert await heard(bot) == []


async def test_an_album_without_words_gets_one_line(api, bot):
    for _ in range(3):
        await fed(bot, media("photo", ANN, media_group_id="77"))
    await fed(bot, media("video", ANN, media_group_id="77"))
    await heard(bot)
    assert api.texts(ANN.id) == [say("en", "turn.not_text")]


async def test_the_words_under_a_picture_of_an_album_are_answered(api, bot):
    await fed(bot, media("photo", ANN, media_group_id="78"))
    await fed(bot, media("photo", ANN, caption="my new cat", media_group_id="78"))
    await api.until(lambda: api.texts(ANN.id) == [say("en", "turn.not_text"), ANSWER])
    assert "my new cat" in bot.engine.streamed[0].messages[-2].content


async def test_what_is_not_text_gets_one_kind_line_each(api, bot):
    for number, kind in enumerate(("sticker", "voice", "poll", "location", "document"), 1):
        await fed(bot, media(kind, ANN))
        lines = [say("en", "turn.not_text")] * number
        await api.until(lambda lines=lines: api.texts(ANN.id) == lines)
    assert bot.engine.streamed == []


async def test_a_forwarded_text_is_read(api, bot):
    await fed(bot, messages.forwarded("My cat is ill", ANN, by=BEN))
    await api.until(lambda: api.texts(ANN.id) == [ANSWER])
    assert "My cat is ill" in bot.engine.streamed[0].messages[-2].content


async def test_fault_1_a_topic_is_answered_in_its_topic(api, bot):
    await fed(bot, text("@warmline_bot hello", ANN, FORUM.topic(7)))
    await fed(bot, text("/help", ANN, FORUM.topic(8)))
    await api.until(lambda: len(api.messages(FORUM.id)) == 2)
    assert {one.thread_id for one in api.messages(FORUM.id)} == {7, 8}


async def test_who_speaks_in_a_group_is_stored_as_themselves(api, tmp_path):
    async with warmline(api, tmp_path, FakeEngine("Hello.")) as bot:
        await fed(bot, text("@warmline_bot hello", ANN, GROUP))
        await fed(bot, text("@warmline_bot hello", BEN, GROUP))
        await api.until(lambda: api.texts(GROUP.id) == ["Hello.", "Hello."])
        assert {one.user_id for one in await bot.store.people()} == {str(ANN.id), str(BEN.id)}
