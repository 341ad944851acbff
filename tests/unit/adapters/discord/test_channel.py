"""A Discord channel takes an answer: once, quietly, and as well as its rights allow."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import pytest

from adapters.discord import channel as under_test
from adapters.discord.channel import DiscordChannel
from adapters.messages import Button, Card, File
from adapters.outcome import NotSent, PerhapsSent, Rejected, Unreachable
from tests.unit.adapters.discord.wire import CHANNEL, Reply, Request, Wire, client

LOST = Reply(breaks=aiohttp.ServerDisconnectedError())
UNHEARD = Reply(breaks=aiohttp.ConnectionTimeoutError())
PATH = f"/channels/{CHANNEL}/messages"
CARD = Card("May I?", ((Button("Yes", "/memory on"), Button("No", "/memory off")),))
FILE = File("mood.png", b"PNG", "image/png", "How it was")


def refused(status: int, code: int) -> Reply:
    return Reply(status, {"code": code, "message": "no"})


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "_PAUSE_SECONDS", 0.0)


def opened(*replies: Reply, reply_to: int | None = None) -> tuple[DiscordChannel, Wire]:
    bot, wire = client()
    wire.replies = list(replies)
    return DiscordChannel(bot.get_partial_messageable(CHANNEL), "edit", reply_to), wire


def only(wire: Wire) -> Request:
    (request,) = wire.requests
    return request


async def test_a_message_calls_nobody_and_shows_no_previews():
    channel, wire = opened()
    assert await channel.create("see [this](https://a.example) @everyone") == "9000"
    request = only(wire)
    assert (request.method, request.path) == ("POST", PATH)
    assert request.body["content"] == "see this (https://a.example) ＠everyone"
    assert request.body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert request.body["flags"] == 4
    assert request.body["enforce_nonce"] is True
    assert 0 < len(request.body["nonce"]) <= 25
    assert "message_reference" not in request.body


async def test_the_first_message_replies_and_survives_what_it_replies_to():
    channel, wire = opened(reply_to=4000)
    await channel.create("one")
    await channel.create("two")
    first, second = wire.requests
    reference = first.body["message_reference"]
    assert reference["message_id"] == 4000
    assert reference["fail_if_not_exists"] is False
    assert "message_reference" not in second.body
    assert first.body["nonce"] != second.body["nonce"]


async def test_an_edit_and_a_removal_name_their_message():
    channel, wire = opened()
    await channel.edit("4001", "[now](https://a.example)")
    await channel.remove("4001")
    edit, removal = wire.requests
    assert (edit.method, edit.path) == ("PATCH", f"{PATH}/4001")
    assert edit.body["content"] == "now (https://a.example)"
    assert edit.body["allowed_mentions"] == {"parse": []}
    assert (removal.method, removal.path) == ("DELETE", f"{PATH}/4001")


async def test_a_creation_whose_answer_is_lost_is_repeated_under_the_same_nonce():
    channel, wire = opened(LOST)
    assert await channel.create("hello") == "9000"
    first, second = wire.requests
    assert first == second
    assert first.body["nonce"]


async def test_a_creation_that_is_lost_twice_is_perhaps_sent():
    channel, wire = opened(LOST, LOST)
    with pytest.raises(PerhapsSent):
        await channel.create("hello")
    assert len(wire.requests) == 2


async def test_a_second_try_that_never_left_says_nothing_of_the_first():
    channel, _ = opened(LOST, UNHEARD)
    with pytest.raises(PerhapsSent):
        await channel.create("hello")


async def test_what_never_left_is_left_to_the_caller():
    channel, wire = opened(UNHEARD)
    with pytest.raises(NotSent):
        await channel.create("hello")
    assert len(wire.requests) == 1


async def test_after_a_while_a_nonce_is_not_relied_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(under_test, "_NONCE_SECONDS", -1.0)
    channel, wire = opened(LOST)
    with pytest.raises(PerhapsSent):
        await channel.create("hello")
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        refused(400, 160002),
        refused(400, 50021),
        Reply(
            400,
            {
                "code": 50035,
                "message": "Invalid Form Body",
                "errors": {"message_reference": {"_errors": [{"code": "X", "message": "no"}]}},
            },
        ),
    ],
)
async def test_where_it_may_not_reply_it_says_the_same_without(refusal: Reply):
    channel, wire = opened(refusal, reply_to=4000)
    assert await channel.create("hello")
    first, second = wire.requests
    assert "message_reference" in first.body
    assert "message_reference" not in second.body
    assert second.body["content"] == "hello"


async def test_a_refusal_that_has_nothing_to_do_with_the_reply_stays():
    channel, wire = opened(refused(400, 200000), reply_to=4000)
    with pytest.raises(Rejected, match="moderated"):
        await channel.create("hello")
    assert len(wire.requests) == 1
    channel, wire = opened(refused(400, 160002))
    with pytest.raises(Rejected, match="no_history"):
        await channel.create("hello")
    assert len(wire.requests) == 1


async def test_without_the_right_to_write_nobody_is_reached_and_it_is_tried_once():
    channel, wire = opened(refused(403, 50013), reply_to=4000)
    with pytest.raises(Unreachable, match="no_rights"):
        await channel.create("hello")
    assert len(wire.requests) == 1


async def test_without_the_right_to_attach_only_the_file_is_refused():
    channel, wire = opened(refused(403, 50013))
    with pytest.raises(Rejected, match="no_rights"):
        await channel.file(FILE)
    assert len(wire.requests) == 1
    channel, _ = opened(refused(403, 50001))
    with pytest.raises(Unreachable, match="no_access"):
        await channel.file(FILE)


async def test_an_archived_thread_takes_no_edits_but_a_new_message():
    channel, _ = opened(refused(400, 50083), refused(400, 50083), refused(403, 50083))
    with pytest.raises(Rejected, match="thread_archived"):
        await channel.edit("4001", "hello")
    with pytest.raises(Rejected, match="thread_archived"):
        await channel.remove("4001")
    with pytest.raises(Unreachable, match="thread_archived"):
        await channel.create("hello")


async def test_a_cards_buttons_say_their_commands_and_nothing_is_kept_of_them():
    bot, wire = client()
    channel = DiscordChannel(bot.get_partial_messageable(CHANNEL), "edit")
    await channel.card(CARD)
    body = only(wire).body
    assert body["content"] == "May I?"
    (row,) = body["components"]
    buttons = [(button["label"], button["custom_id"]) for button in row["components"]]
    assert buttons == [("Yes", "say:/memory on"), ("No", "say:/memory off")]
    store: Any = bot._connection._view_store
    assert not store._views
    assert not bot.persistent_views


async def test_a_file_goes_out_whole_at_the_second_try_too():
    channel, wire = opened(LOST)
    await channel.file(FILE)
    first, second = wire.requests
    assert first.files == second.files == ("mood.png",)
    assert second.body["content"] == "How it was"
    assert second.body["attachments"] == [{"id": 0, "filename": "mood.png"}]
    assert second.body["enforce_nonce"] is True


async def test_typing_is_shown_and_drafts_are_not():
    channel, wire = opened()
    await channel.typing()
    assert only(wire).path == f"/channels/{CHANNEL}/typing"
    with pytest.raises(Rejected):
        await channel.draft("hel")


async def test_any_place_of_the_library_that_takes_messages_will_do():
    bot, wire = client()
    place = bot.get_channel(CHANNEL)
    assert isinstance(place, discord.TextChannel)
    channel = DiscordChannel(place, "off")
    assert channel.manner == "off"
    assert channel.limits.max_characters == 2000
    sent = await channel.create("hello")
    await channel.edit(sent, "hello!")
    assert [request.method for request in wire.requests] == ["POST", "PATCH"]
