"""A message says what it carries, so that a sticker is never taken for an empty text."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.discord.messages import HIDDEN
from tests.unit.adapters.discord.hearing import MENTION, OF_THE_BOT, incoming, reply_to
from tests.unit.adapters.discord.wire import ME, Json, message

AT = "2026-11-02T12:01:00.000000+00:00"
FILE: Json = {"id": "1", "filename": "f", "size": 1, "url": "", "proxy_url": ""}
STICKER: Json = {"id": "1", "name": "wave", "format_type": 1}


def snapshot(**fields: Any) -> Json:
    return {"message": message(**fields)}


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"attachments": [{**FILE, "content_type": "image/png"}]}, "photo", ""),
        ({"attachments": [{**FILE, "content_type": "video/mp4"}]}, "video", ""),
        ({"attachments": [{**FILE, "content_type": "audio/mpeg"}]}, "audio", ""),
        ({"attachments": [FILE]}, "document", ""),
        ({"attachments": [FILE], "content": "look"}, "document", "look"),
        ({"attachments": [FILE], "flags": 1 << 13}, "voice", ""),
        ({"sticker_items": [STICKER]}, "sticker", ""),
        ({"poll": {"question": {"text": "?"}, "answers": [], "expiry": AT}}, "poll", ""),
        ({"message_snapshots": [snapshot(content="news")]}, "text", "news"),
        ({"message_snapshots": [snapshot(content="", attachments=[FILE])]}, "document", ""),
        ({"message_snapshots": [snapshot(content="")]}, "forward", ""),
        ({"activity": {"type": 1, "party_id": "1"}}, "other", ""),
        ({}, "text", ""),
    ],
)
async def test_what_is_no_text_says_what_it_is(fields: Json, kind: str, text: str):
    said = incoming({"content": "", **fields}, server=False)
    assert (said.kind, said.text) == (kind, text)
    assert said.joins == (kind == "text" and text != "")


async def test_a_bare_mention_is_an_empty_text():
    said = incoming({**MENTION, "content": f"<@{ME}>"})
    assert (said.kind, said.text, said.joins) == ("text", "", False)


async def test_a_reply_whose_words_discord_hides_is_told_from_an_empty_one():
    assert incoming(reply_to(OF_THE_BOT, content="")).kind == HIDDEN
    assert incoming(reply_to(OF_THE_BOT, content="", sticker_items=[STICKER])).kind == "sticker"
