"""An interaction is acknowledged and answered; too late for that, it is answered elsewhere."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from adapters.channel import Channel
from adapters.discord.channel import DiscordChannel
from adapters.discord.responses import InteractionChannel
from adapters.messages import Button, Card, File
from adapters.outcome import NotSent, PerhapsSent, Rejected, Unreachable
from tests.unit.adapters.discord.wire import (
    ANNA,
    APPLICATION,
    DM,
    Reply,
    client,
    interaction,
    message,
)

HOOK = f"/webhooks/{APPLICATION}/secret"
ORIGINAL = f"{HOOK}/messages/@original"
RESPONSE = Reply(body=message(id="5000"))
UNHEARD = Reply(breaks=aiohttp.ConnectionTimeoutError())
LOST = Reply(breaks=aiohttp.ServerDisconnectedError())
EXPIRED = Reply(401, {"code": 50027, "message": "Invalid Webhook Token"})
UNKNOWN = Reply(404, {"code": 10062, "message": "Unknown interaction"})
UNKNOWN_HOOK = Reply(404, {"code": 10015, "message": "Unknown Webhook"})
UNKNOWN_MESSAGE = Reply(404, {"code": 10008, "message": "Unknown Message"})
ACKNOWLEDGED = Reply(400, {"code": 40060, "message": "already"})
CARD = Card("May I?", ((Button("Yes", "/memory on"),),))
FILE = File("mood.png", b"PNG", "image/png", "How it was")


PRIVATE_CHAT = Reply(body={"id": str(DM), "type": 1, "recipients": []})
OPENING = ("POST", "/users/@me/channels")


class Opened:
    """A channel for an interaction, whose fallback is the person's private chat."""

    def __init__(self, *replies: Reply, ephemeral: bool = True) -> None:
        bot, self.wire = client()
        self.wire.replies = list(replies)
        self.fallbacks = 0

        async def fallback() -> Channel:
            self.fallbacks += 1
            return DiscordChannel(await bot.create_dm(discord.Object(ANNA)), "edit")

        self.channel = InteractionChannel(interaction(bot), "edit", fallback, ephemeral=ephemeral)

    def asked(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.wire.requests]


@pytest.mark.parametrize(("ephemeral", "data"), [(True, {"flags": 64}), (False, None)])
async def test_it_is_acknowledged_as_being_thought_about(
    ephemeral: bool, data: dict[str, int] | None
):
    opened = Opened(ephemeral=ephemeral)
    await opened.channel.acknowledge()
    (request,) = opened.wire.requests
    assert request.path == "/interactions/6000/secret/callback"
    assert request.body["type"] == 5
    assert request.body.get("data") == data


@pytest.mark.parametrize("answers", [(LOST,), (LOST, ACKNOWLEDGED), (LOST, LOST)])
async def test_an_acknowledgement_that_is_lost_is_repeated_and_no_more(answers: tuple[Reply, ...]):
    opened = Opened(*answers)
    await opened.channel.acknowledge()
    assert len(opened.wire.requests) == 2
    await opened.channel.create("hello")
    assert opened.asked()[2] == ("PATCH", ORIGINAL)


async def test_where_no_answer_comes_thinking_is_taken_away():
    opened = Opened()
    await opened.channel.acknowledge()
    await opened.channel.put_away()
    assert opened.asked()[1:] == [("DELETE", ORIGINAL)]


@pytest.mark.parametrize("refusal", [UNKNOWN, ACKNOWLEDGED])
async def test_what_may_be_another_ones_is_not_taken_away(refusal: Reply):
    opened = Opened(refusal)
    await opened.channel.acknowledge()
    await opened.channel.put_away()
    assert len(opened.asked()) == 1


async def test_an_answer_is_never_taken_away():
    opened = Opened(Reply(), RESPONSE)
    await opened.channel.acknowledge()
    await opened.channel.create("hello")
    await opened.channel.put_away()
    assert opened.asked()[1:] == [("PATCH", ORIGINAL)]


async def test_the_response_comes_first_and_follow_ups_after_it():
    opened = Opened(RESPONSE, Reply(body=message(id="5001")), ephemeral=True)
    assert await opened.channel.create("[one](https://a.example) @here") == "5000"
    assert await opened.channel.create("two") == "5001"
    first, second = opened.wire.requests
    assert (first.method, first.path) == ("PATCH", ORIGINAL)
    assert first.body["content"] == "one (https://a.example) ＠here"
    assert first.body["allowed_mentions"] == {"parse": []}
    assert (second.method, second.path) == ("POST", HOOK)
    assert second.body["content"] == "two"
    assert second.body["allowed_mentions"] == {"parse": []}
    assert second.body["flags"] == 64 | 4


async def test_edits_and_removals_find_their_message():
    opened = Opened(RESPONSE, Reply(body=message(id="5001")))
    await opened.channel.create("one")
    await opened.channel.create("two")
    await opened.channel.edit("5000", "one!")
    await opened.channel.edit("5001", "two!")
    await opened.channel.remove("5001")
    await opened.channel.remove("5000")
    assert opened.asked()[2:] == [
        ("PATCH", ORIGINAL),
        ("PATCH", f"{HOOK}/messages/5001"),
        ("DELETE", f"{HOOK}/messages/5001"),
        ("DELETE", ORIGINAL),
    ]


async def test_cards_and_files_take_the_response_too():
    opened = Opened(RESPONSE)
    await opened.channel.card(CARD)
    await opened.channel.file(FILE)
    card, file = opened.wire.requests
    assert card.path == ORIGINAL
    (row,) = card.body["components"]
    assert row["components"][0]["custom_id"] == "say:/memory on"
    assert file.path == HOOK
    assert file.files == ("mood.png",)
    assert file.body["content"] == "How it was"
    opened = Opened(RESPONSE)
    await opened.channel.file(FILE)
    assert opened.wire.requests[0].files == ("mood.png",)


async def test_a_response_whose_answer_is_lost_may_be_said_again():
    opened = Opened(LOST)
    with pytest.raises(NotSent):
        await opened.channel.create("hello")
    await opened.channel.create("hello")
    assert opened.asked() == [("PATCH", ORIGINAL)] * 2


@pytest.mark.parametrize("trouble", [LOST, Reply(502, "bad gateway")])
async def test_a_follow_up_whose_answer_is_lost_is_never_said_again(
    trouble: Reply, monkeypatch: pytest.MonkeyPatch
):
    async def at_once(seconds: float) -> None:
        """The library waits before it would try again."""

    monkeypatch.setattr("discord.webhook.async_.asyncio.sleep", at_once)
    opened = Opened(RESPONSE, trouble)
    await opened.channel.create("one")
    with pytest.raises(PerhapsSent):
        await opened.channel.create("two")
    assert opened.asked() == [("PATCH", ORIGINAL), ("POST", HOOK)]


async def test_a_follow_up_that_came_too_fast_is_said_again():
    flood = Reply(429, {"retry_after": 0.0}, {"Via": "1.1 google"})
    opened = Opened(RESPONSE, flood)
    await opened.channel.create("one")
    await opened.channel.create("two")
    assert opened.asked()[1:] == [("POST", HOOK)] * 2


async def test_a_response_that_the_person_put_away_is_said_anew():
    opened = Opened(UNKNOWN_MESSAGE)
    await opened.channel.create("hello")
    assert opened.asked() == [("PATCH", ORIGINAL), ("POST", HOOK)]


@pytest.mark.parametrize("gone", [EXPIRED, UNKNOWN_HOOK])
async def test_fault_11_an_expired_token_leads_to_the_private_chat_and_is_tried_once(gone: Reply):
    opened = Opened(gone)
    sent = await opened.channel.create("hello")
    await opened.channel.edit(sent, "hello!")
    await opened.channel.card(CARD)
    await opened.channel.file(FILE)
    await opened.channel.remove(sent)
    there = f"/channels/{DM}/messages"
    assert opened.asked() == [
        ("PATCH", ORIGINAL),
        OPENING,
        ("POST", there),
        ("PATCH", f"{there}/{sent}"),
        ("POST", there),
        ("POST", there),
        ("DELETE", f"{there}/{sent}"),
    ]
    assert opened.fallbacks == 1


async def test_fault_11_an_acknowledgement_that_came_too_late_loses_no_answer():
    opened = Opened(UNKNOWN)
    await opened.channel.acknowledge()
    await opened.channel.create("hello")
    assert opened.asked()[1:] == [OPENING, ("POST", f"/channels/{DM}/messages")]


async def test_a_token_that_expires_while_an_answer_is_written_lets_it_be_written_anew():
    opened = Opened(RESPONSE, EXPIRED, PRIVATE_CHAT, UNKNOWN_MESSAGE)
    sent = await opened.channel.create("…")
    with pytest.raises(Rejected, match="message_gone"):
        await opened.channel.edit(sent, "hello")  # an ephemeral message is in no channel
    await opened.channel.create("hello")
    assert opened.asked()[-1] == ("POST", f"/channels/{DM}/messages")


async def test_where_the_private_chat_is_shut_nobody_is_reached():
    shut = Reply(403, {"code": 50007, "message": "Cannot send messages to this user"})
    opened = Opened(EXPIRED, PRIVATE_CHAT, shut)
    with pytest.raises(Unreachable, match="blocked"):
        await opened.channel.create("hello")
    assert len(opened.wire.requests) == 3


async def test_a_fallback_that_cannot_be_reached_is_asked_again():
    opened = Opened(EXPIRED, UNHEARD)
    with pytest.raises(NotSent):
        await opened.channel.create("hello")
    await opened.channel.create("hello")
    assert opened.fallbacks == 2
    assert [path for _, path in opened.asked()][1:] == [
        "/users/@me/channels",
        "/users/@me/channels",
        f"/channels/{DM}/messages",
    ]


async def test_other_refusals_stay_with_the_interaction():
    opened = Opened(Reply(400, {"code": 200000, "message": "no"}))
    with pytest.raises(Rejected, match="moderated"):
        await opened.channel.create("hello")
    assert opened.fallbacks == 0


async def test_typing_is_discords_own_and_drafts_are_not():
    opened = Opened()
    await opened.channel.typing()
    with pytest.raises(Rejected):
        await opened.channel.draft("hel")
    assert opened.wire.requests == []


async def test_a_file_that_may_not_be_sent_is_said_so_and_the_chat_is_not_given_up():
    forbidden = Reply(403, {"code": 50013, "message": "Missing Permissions"})
    opened = Opened(forbidden)
    with pytest.raises(Rejected, match="no_rights"):
        await opened.channel.file(FILE)
