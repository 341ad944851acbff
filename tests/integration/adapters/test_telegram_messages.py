"""The updates that the tests build are what the real library reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from telegram import Update

from tests.telegram_server import messages
from tests.telegram_server.payloads import PAYLOADS
from tests.telegram_server.people import (
    ANN,
    ANONYMOUS,
    BASIC,
    BEN,
    BOT,
    CHANNEL,
    FORUM,
    GROUP,
    OTHER_BOT,
    Json,
    private,
)

FIRST = messages.text("👋 @warmline_bot /help@warmline_bot https://a.example", ANN, GROUP)
FIRST_MARKS = ["@warmline_bot", "/help@warmline_bot"]
UPDATES: list[tuple[Json, Callable[[Any], object]]] = [
    (FIRST, lambda it: [*it.message.parse_entities().values()][:2] == FIRST_MARKS),
    (messages.text("Hey Ann", BEN, GROUP, tap=ANN), lambda it: it.message.entities[0].user.id),
    (messages.edited(FIRST, "new"), lambda it: it.edited_message.text == "new"),
    (
        messages.text("why", reply_to=FIRST["message"], quote="hi"),
        lambda it: it.message.reply_to_message.from_user.id == ANN.id and it.message.quote.text,
    ),
    (
        messages.text("x", BEN, FORUM.topic(7)),
        lambda it: it.message.is_topic_message and it.message.reply_to_message.forum_topic_created,
    ),
    (messages.forwarded("old", by=BEN), lambda it: it.message.forward_origin.sender_user),
    (messages.forwarded("old"), lambda it: it.message.forward_origin.sender_user_name),
    (messages.channel_post("news"), lambda it: it.channel_post.sender_chat.id == CHANNEL.id),
    (messages.press("/help", FIRST["message"]), lambda it: it.callback_query.data == "/help"),
    *(
        (messages.bot_status(one, GROUP), lambda it: it.my_chat_member.new_chat_member.user.id)
        for one in ("creator", "administrator", "member", "restricted", "left", "kicked")
    ),
    (messages.migration(BASIC, GROUP)[0], lambda it: it.message.migrate_to_chat_id == GROUP.id),
    (messages.migration(BASIC, GROUP)[1], lambda it: it.message.migrate_from_chat_id == BASIC.id),
    (messages.joined(BOT), lambda it: it.message.new_chat_members[0].id == BOT.id),
    (messages.left(BEN), lambda it: it.message.left_chat_member.id == BEN.id),
    (messages.text("hi", OTHER_BOT, GROUP), lambda it: it.message.from_user.is_bot),
    (
        messages.text("hi", ANONYMOUS, GROUP, sender_chat=GROUP.json()),
        lambda it: it.message.sender_chat.id == GROUP.id,
    ),
    (messages.topic_created(FORUM.topic(7)), lambda it: it.message.forum_topic_created.name),
    (messages.topic_closed(FORUM.topic(7)), lambda it: it.message.forum_topic_closed),
    *((messages.media(kind), lambda it, k=kind: getattr(it.message, k)) for kind in PAYLOADS),
    (messages.media("photo", caption="@a_b_c"), lambda it: it.message.parse_caption_entities()),
    (messages.text("x", ANN, private(ANN).topic(3)), lambda it: it.message.message_thread_id == 3),
]


@pytest.mark.parametrize(("update", "holds"), UPDATES)
def test_the_library_reads_every_update(update, holds):
    read = Update.de_json({"update_id": 1, **update}, None)
    assert holds(read)
    assert not read.api_kwargs
