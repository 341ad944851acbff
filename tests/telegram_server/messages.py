"""Builds the updates that Telegram sends, as whole JSON, without `update_id`.

Ids of messages rise through the whole run of the tests, so that no two are alike. Knows no server:
`BotApi.feed` and `BotApi.push` deliver what is built here.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Mapping
from typing import Any

from tests.telegram_server.payloads import PAYLOADS
from tests.telegram_server.people import (
    ANN,
    BOT,
    CHANNEL,
    GROUP,
    Json,
    Person,
    Place,
    member,
    private,
)
from tests.telegram_server.texts import units

_numbers = itertools.count(1)
_MARKS = {
    "mention": re.compile(r"(?<![\w@])@\w{3,32}"),
    "bot_command": re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?"),
    "url": re.compile(r"https?://\S+"),
}


def entities_of(words: str, tap: Person | None = None) -> list[Json]:
    """Mentions, commands and links. `tap`: the person's first name in the words is a mention."""
    spans = [
        ({"type": kind}, found.start(), found.end())
        for kind, mark in _MARKS.items()
        for found in mark.finditer(words)
    ]
    if tap:
        start = words.index(tap.first_name)
        mention: Json = {"type": "text_mention", "user": tap.json()}
        spans.append((mention, start, start + len(tap.first_name)))
    return [
        {**kind, "offset": units(words[:start]), "length": units(words[start:end])}
        for kind, start, end in sorted(spans, key=lambda span: span[1])
    ]


def message(
    who: Person | None,
    where: Place | None = None,
    *,
    reply_to: Mapping[str, Any] | None = None,
    quote: str = "",
    message_id: int | None = None,
    date: int | None = None,
    **content: object,
) -> Json:
    """A Message. `reply_to`: another's JSON; `quote`: the part of it chosen by hand.

    In a topic a message that replies to nobody names the topic's first message there, as Telegram
    does.
    """
    where = where or private(who or ANN)
    found: Json = {"message_id": next(_numbers) if message_id is None else message_id}
    if who:
        found["from"] = who.json()
    found |= {"chat": where.json(), "date": int(time.time()) if date is None else date}
    if where.thread:
        found |= {"message_thread_id": where.thread, "is_topic_message": True}
        reply_to = reply_to or _first_of_topic(where, found["date"])
    if reply_to:
        found["reply_to_message"] = {k: v for k, v in reply_to.items() if k != "reply_to_message"}
    if quote:
        found["quote"] = {"text": quote, "position": 0, "is_manual": True}
    return found | content


def _first_of_topic(where: Place, date: int) -> Json:
    return {
        "message_id": where.thread,
        "from": ANN.json(),
        "chat": where.json(),
        "date": date,
        "message_thread_id": where.thread,
        "is_topic_message": True,
        "forum_topic_created": {"name": f"Topic {where.thread}", "icon_color": 7322096},
    }


def text(
    words: str,
    who: Person = ANN,
    where: Place | None = None,
    *,
    tap: Person | None = None,
    **more: Any,
) -> Json:
    """A text message: in the person's private chat unless `where` says otherwise."""
    marks = entities_of(words, tap)
    content = {"text": words} | ({"entities": marks} if marks else {})
    return {"message": message(who, where, **content | more)}


def edited(update: Mapping[str, Any], words: str, *, tap: Person | None = None) -> Json:
    """The same message, with new words."""
    changed = {k: v for k, v in update["message"].items() if k not in ("text", "entities")}
    marks = entities_of(words, tap)
    changed |= {"text": words, "edit_date": int(time.time())}
    return {"edited_message": changed | ({"entities": marks} if marks else {})}


def media(
    kind: str, who: Person = ANN, where: Place | None = None, caption: str = "", **more: Any
) -> Json:
    """What is not text: a kind of `payloads.PAYLOADS`, with or without a caption."""
    content = dict(PAYLOADS[kind])
    if caption:
        marks = entities_of(caption)
        content |= {"caption": caption} | ({"caption_entities": marks} if marks else {})
    return {"message": message(who, where, **content | more)}


def forwarded(
    words: str, who: Person = ANN, where: Place | None = None, *, by: Person | str = "", **more: Any
) -> Json:
    """Somebody's words, passed on. `by`: who wrote them, or the name of one who hides."""
    date = int(time.time()) - 3600
    origin: Json = {"type": "hidden_user", "date": date, "sender_user_name": by or "Somebody"}
    if isinstance(by, Person):
        origin = {"type": "user", "date": date, "sender_user": by.json()}
    return text(words, who, where, forward_origin=origin, **more)


def channel_post(words: str, where: Place = CHANNEL) -> Json:
    return {"channel_post": message(None, where, text=words, sender_chat=where.json())}


def press(data: str, on: Mapping[str, Any], who: Person = ANN) -> Json:
    """A press of a button. `on`: the message's JSON, as `Message.json()` gives it."""
    query_id = f"4380{next(_numbers):014}"
    chat = str(on["chat"]["id"])
    query = {"id": query_id, "from": who.json(), "message": dict(on), "data": data}
    return {"callback_query": {**query, "chat_instance": chat}}


def bot_status(
    new: str,
    where: Place,
    *,
    old: str = "member",
    by: Person = ANN,
    **rights: Any,
) -> Json:
    """my_chat_member: the bot joins, leaves, is blocked ("kicked" in a private chat), restricted.

    `rights` of a restricted bot: `can_send_messages=True`, and so on.
    """
    change = {"chat": where.json(), "from": by.json(), "date": int(time.time())}
    before, after = member(BOT, old), member(BOT, new, **rights)
    return {"my_chat_member": {**change, "old_chat_member": before, "new_chat_member": after}}


def migration(old: Place, new: Place, by: Person = ANN) -> tuple[Json, Json]:
    """The two service messages of a group that becomes a supergroup: in the old, in the new."""
    leaving = message(by, old, migrate_to_chat_id=new.id)
    coming = message(by, new, migrate_from_chat_id=old.id)
    return {"message": leaving}, {"message": coming}


def joined(newcomer: Person, where: Place = GROUP, by: Person = ANN) -> Json:
    one = newcomer.json()
    found = message(by, where, new_chat_members=[one], new_chat_member=one)
    return {"message": found | {"new_chat_participant": one}}


def left(leaver: Person, where: Place = GROUP) -> Json:
    return {"message": message(leaver, where, left_chat_member=leaver.json())}


def topic_created(where: Place, who: Person = ANN) -> Json:
    """`where`: the topic, as `FORUM.topic(7)` gives it."""
    first = _first_of_topic(where, int(time.time()))
    return {"message": first | {"from": who.json()}}


def topic_closed(where: Place, who: Person = ANN) -> Json:
    return {"message": message(who, where, forum_topic_closed={})}
