"""The tests' own Bot API server, asked by the real library over its socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx
import pytest
from telegram import Bot, BotCommandScopeAllPrivateChats, MessageEntity, ReplyParameters
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Markup
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from tests.telegram_server import messages
from tests.telegram_server.people import ANN, BASIC, BEN, BOT, FORUM, GROUP, private
from tests.telegram_server.server import BotApi


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


def bot_of(api: BotApi, token: str = "") -> Bot:
    return Bot(token or api.token, base_url=api.base_url, base_file_url=api.base_file_url)


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with bot_of(api) as it:
        yield it


async def refused(kind: type[TelegramError], why: str, call: Coroutine[Any, Any, Any]) -> None:
    with pytest.raises(kind) as caught:
        await call
    assert type(caught.value) is kind
    assert why.casefold() in str(caught.value).casefold()


async def test_a_bot_knows_itself_and_a_wrong_token_is_refused(api, bot):
    assert (bot.id, bot.username, bot.first_name) == (BOT.id, "warmline_bot", "Warmline")
    for token in ("7000000001:wrong", "no-token"):
        with pytest.raises(InvalidToken):
            async with bot_of(api, token):
                pass
    async with httpx.AsyncClient() as client:
        statuses = [
            (await client.get(f"{api.base_url}{token}/{method}")).status_code
            for token, method in [("1:x", "getMe"), ("x", "getMe"), (api.token, "x")]
        ]
        asked = await client.post(f"{api.base_url}{api.token}/sendMessage", json={"chat_id": 5})
    assert statuses == [401, 404, 404]
    assert asked.json()["description"] == "Bad Request: message text is empty"


async def test_texts_are_kept_as_telegram_keeps_them(api, bot):
    bold = MessageEntity("bold", 3, 5)
    sent = await bot.send_message(ANN.id, " 👋 dear\n", entities=[bold], reply_markup=keys("/a"))
    assert (sent.text, sent.parse_entities()) == ("👋 dear", {sent.entities[0]: " dear"})
    await sent.edit_text("2", reply_markup=keys("/a"))
    await sent.edit_reply_markup(None)
    assert api.messages(ANN.id)[0].edits == 2
    await refused(BadRequest, "is not modified", sent.edit_text("2\n "))
    second = await bot.send_message(ANN.id, "true", reply_parameters=ReplyParameters(sent.id))
    assert second.reply_to_message.text == "2"
    await sent.delete()
    assert api.texts(ANN.id) == ["true"]
    await refused(BadRequest, "message to edit not found", sent.edit_text("3"))
    await refused(BadRequest, "message to delete not found", sent.delete())


def keys(data: str) -> Markup:
    return Markup([[Button("Press", callback_data=data)]])


@pytest.mark.parametrize(
    ("text", "more", "why"),
    [
        ("", {}, "message text is empty"),
        (" \n ", {}, "text must be non-empty"),
        ("🙂" * 2049, {}, "message is too long"),
        ("ab", {"entities": [MessageEntity("bold", 1, 2)]}, "ends after the end of the text"),
        ("🙂", {"entities": [MessageEntity("bold", 1, 1)]}, "begins in a middle of a UTF-16"),
        ("🙂", {"entities": [MessageEntity("bold", 0, 1)]}, "ends in a middle of a UTF-16"),
        ("a", {"entities": [MessageEntity("wavy", 0, 1)]}, "can't parse MessageEntity"),
        ("a", {"reply_parameters": ReplyParameters(4)}, "message to be replied not found"),
        ("a", {"message_thread_id": 9}, "message thread not found"),
        ("a", {"reply_markup": keys("x" * 65)}, "BUTTON_DATA_INVALID"),
        ("a", {"parse_mode": "HTML"}, "unsupported parse_mode"),
    ],
)
async def test_what_telegram_refuses_to_send(api, bot, text, more, why):
    await refused(BadRequest, why, bot.send_message(ANN.id, text, **more))
    assert api.texts(ANN.id) == []


async def test_a_reply_may_lose_what_it_replies_to(api, bot):
    lost = ReplyParameters(4, allow_sending_without_reply=True)
    sent = await bot.send_message(ANN.id, "🙂" * 2048, reply_parameters=lost)
    assert sent.reply_to_message is None


async def test_topics_are_echoed_and_can_be_lost(api, bot):
    topic = FORUM.topic(7)
    api.feed(messages.topic_created(topic))
    sent = await bot.send_message(FORUM.id, "here", message_thread_id=7)
    assert (sent.message_thread_id, sent.is_topic_message) == (7, True)
    api.feed(messages.topic_closed(topic))
    await refused(BadRequest, "TOPIC_CLOSED", bot.send_message(FORUM.id, "x", message_thread_id=7))
    api.lose_topic(topic)
    await refused(
        BadRequest, "message thread not found", bot.send_message(FORUM.id, "x", message_thread_id=7)
    )
    api.know(GROUP)
    assert (await bot.send_message(GROUP.id, "x", message_thread_id=7)).message_thread_id is None


async def test_drafts_actions_files_and_presses(api, bot):
    await bot.send_message_draft(ANN.id, 3, "")
    await bot.send_message_draft(ANN.id, 3, "Hel")
    assert api.drafts == [(ANN.id, 3, ""), (ANN.id, 3, "Hel")]
    await refused(BadRequest, "private chats", bot.send_message_draft(GROUP.id, 3, "Hel"))
    await bot.send_chat_action(ANN.id, "typing")
    assert api.actions == [(ANN.id, None, "typing")]
    sent = await bot.send_document(ANN.id, b"{}", filename="me.json", caption="Yours")
    picture = await bot.send_photo(ANN.id, b"png", filename="mood.png")
    assert (sent.document.file_name, sent.caption, len(picture.photo)) == ("me.json", "Yours", 1)
    found = api.messages(ANN.id)[0].document
    assert found is not None
    assert (found.name, found.content, found.media_type) == ("me.json", b"{}", "application/json")
    assert api.texts(ANN.id) == []
    await refused(BadRequest, "there is no text", sent.edit_text("x"))

    card = await bot.send_message(ANN.id, "Choose", reply_markup=keys("/language zh"))
    shown = api.messages(ANN.id)[-1]
    assert shown.buttons == [("Press", "/language zh")]
    api.feed(messages.press("/language zh", shown.json()))
    (update,) = await bot.get_updates()
    assert update.callback_query.message == card
    assert await update.callback_query.answer()
    await refused(BadRequest, "query is too old", bot.answer_callback_query("1"))


async def test_commands_chats_and_members(api, bot):
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("help", "帮助")], scope=scope, language_code="zh")
    assert api.commands["all_private_chats", "zh"] == {"help": "帮助"}
    assert [one.command for one in await bot.get_my_commands(scope, "zh")] == ["help"]
    assert await bot.get_my_commands() == ()
    assert await bot.delete_my_commands(scope, "zh")
    await refused(BadRequest, "BOT_COMMAND_INVALID", bot.set_my_commands([("Help!", "x")]))
    assert await bot.set_my_description("d")
    assert await bot.set_my_short_description("d")
    api.know(GROUP)
    api.put_member(GROUP.id, BEN, "creator")
    api.put_member(GROUP.id, ANN, "administrator")
    assert (await bot.get_chat(GROUP.id)).title == "Group"
    admins = await bot.get_chat_administrators(GROUP.id)
    assert [one.user.id for one in admins] == [BEN.id, ANN.id]
    assert (await bot.get_chat_member(GROUP.id, 5)).status == "member"
    assert await bot.leave_chat(GROUP.id)
    await refused(Forbidden, "not a member of the supergroup", bot.send_message(GROUP.id, "x"))


async def test_a_chat_that_shuts_the_bot_out_says_why(api, bot):
    api.feed(messages.bot_status("kicked", private(ANN)))
    await refused(Forbidden, "blocked by the user", bot.send_message(ANN.id, "x"))
    api.feed(messages.bot_status("member", private(ANN), old="kicked"))
    await bot.send_message(ANN.id, "x")
    api.feed(messages.bot_status("restricted", GROUP))
    await refused(BadRequest, "not enough rights", bot.send_message(GROUP.id, "x"))
    for update in messages.migration(BASIC, GROUP):
        api.feed(update)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(BASIC.id, "x")
    assert caught.value.new_chat_id == GROUP.id
