"""What the errors of the real library say about a message: sent, not sent, nobody knows, never."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

import aiohttp
import discord
import pytest
from yarl import URL

from adapters.discord.errors import asked, translate
from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable
from tests.unit.adapters.discord.wire import CHANNEL, Reply, client


def same(left: SendError, right: SendError) -> bool:
    return type(left) is type(right) and vars(left) == vars(right) and str(left) == str(right)


def refusal(status: int, code: int = 0, text: str = "no", **more: Any) -> Reply:
    return Reply(status, {"code": code, "message": text, **more})


async def meaning(reply: Reply) -> SendError:
    """What comes of it when Discord answers a send like this."""
    bot, wire = client()
    wire.replies = [reply] * 5
    channel = bot.get_channel(CHANNEL)
    assert isinstance(channel, discord.TextChannel)
    with pytest.raises(SendError) as caught:
        await asked(lambda: channel.send("hello"))
    assert caught.value.__cause__ is not None
    return caught.value


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (refusal(404, 10003), Unreachable("channel_gone")),
        (refusal(404, 10004), Unreachable("server_gone")),
        (refusal(404, 10013), Unreachable("user_gone")),
        (refusal(403, 50001), Unreachable("no_access")),
        (refusal(403, 50007), Unreachable("blocked")),
        (refusal(403, 50278), Unreachable("no_common_server")),
        (refusal(403, 50013), Unreachable("no_rights")),
        (refusal(400, 50083), Unreachable("thread_archived")),
        (refusal(403, 160005), Unreachable("thread_locked")),
        (refusal(400, 50008), Unreachable("no_text_channel")),
        (refusal(400, 40058), Unreachable("no_text_channel")),
        (refusal(403, 1), Unreachable("forbidden")),
        (refusal(404, 10015), Unreachable("interaction_gone")),
        (refusal(404, 10062), Unreachable("interaction_gone")),
        (refusal(401, 50027), Unreachable("interaction_gone")),
        (refusal(404, 10008), Rejected("message_gone")),
        (refusal(403, 50005), Rejected("not_ours")),
        (refusal(400, 50006), Rejected("empty")),
        (refusal(400, 40060), Rejected("acknowledged")),
        (refusal(400, 160002), Rejected("no_history")),
        (refusal(400, 200000), Rejected("moderated")),
        (refusal(429, 30046), Rejected("edits_used_up")),
        (refusal(413, 40005), Rejected("too_large")),
        (Reply(413, "too large"), Rejected("too_large")),
        (refusal(400), Rejected("other")),
        (Reply(404, "no such page"), Rejected("not_found")),
        (refusal(401), NotSent(30)),
        (Reply(429, "banned", {"Retry-After": "7.5"}), NotSent(7.5)),
        (Reply(429, "banned", {"Retry-After": "Mon, 1 Jan"}), NotSent(5)),
        (Reply(429, "banned"), NotSent(5)),
        (Reply(400, {"code": 20028, "message": "slow"}, {"Retry-After": "2"}), NotSent(2)),
        (refusal(503), PerhapsSent()),
        (Reply(200, "<h1>Welcome to the hotel</h1>"), PerhapsSent()),
        (Reply(200, {"id": "1"}), PerhapsSent()),
        (Reply(200, ["no message"]), PerhapsSent()),
    ],
)
async def test_an_answer_says_what_became_of_the_message(reply: Reply, expected: SendError):
    assert same(await meaning(reply), expected)


@pytest.mark.parametrize(
    ("field", "words", "reason"),
    [
        ("message_reference", "Unknown message", "reply_gone"),
        ("content", "Must be 2000 or fewer in length.", "too_long"),
        ("components", "Value is required", "form"),
    ],
)
async def test_a_refused_form_says_which_field(field: str, words: str, reason: str):
    errors = {field: {"_errors": [{"code": "X", "message": words}]}}
    found = await meaning(refusal(400, 50035, "Invalid Form Body", errors=errors))
    assert same(found, Rejected(reason))


async def test_a_server_error_that_stays_is_perhaps_sent(monkeypatch: pytest.MonkeyPatch):
    async def at_once(seconds: float) -> None:
        """The library waits between its tries."""

    monkeypatch.setattr("discord.http.asyncio.sleep", at_once)
    assert same(await meaning(refusal(502)), PerhapsSent())


KEY: Any = aiohttp.client_reqrep.ConnectionKey("h", 1, True, True, None, None, None)
REQUEST = aiohttp.RequestInfo(URL("https://h"), "POST", {}, URL("https://h"))  # type: ignore[arg-type]
REFUSED = OSError(errno.ECONNREFUSED, "refused")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aiohttp.ClientConnectorError(KEY, REFUSED), NotSent()),
        (aiohttp.ClientProxyConnectionError(KEY, REFUSED), NotSent()),
        (aiohttp.ClientConnectorDNSError(KEY, REFUSED), NotSent()),
        (aiohttp.ClientHttpProxyError(REQUEST, ()), NotSent()),
        (aiohttp.ConnectionTimeoutError(), NotSent()),
        (aiohttp.InvalidURL("x"), NotSent()),
        (RuntimeError("Session is closed"), NotSent()),
        (aiohttp.ServerDisconnectedError(), PerhapsSent()),
        (aiohttp.ClientPayloadError(), PerhapsSent()),
        (aiohttp.SocketTimeoutError(), PerhapsSent()),
        (ConnectionResetError(errno.ECONNRESET, "reset"), PerhapsSent()),
        (BrokenPipeError(), PerhapsSent()),
        (TimeoutError(), PerhapsSent()),
    ],
)
async def test_a_lost_connection_is_not_sent_only_when_nothing_had_left(
    error: Exception, expected: SendError
):
    assert same(await meaning(Reply(breaks=error)), expected)


def every(base: type[Exception]) -> set[type[Exception]]:
    return {base}.union(*(every(sub) for sub in base.__subclasses__()))


def test_every_error_of_the_library_has_been_looked_at():
    """An error that the library learns counts as not sent until somebody looks at it."""
    ours = {kind for kind in every(discord.DiscordException) if ".ext." not in kind.__module__}
    names = {kind.__name__ for kind in ours if "app_commands" not in kind.__module__}
    assert names == {
        "DiscordException",
        "ClientException",
        "ConnectionClosed",
        "DiscordServerError",
        "FFmpegProcessError",
        "Forbidden",
        "GatewayNotFound",
        "HTTPException",
        "InteractionResponded",
        "InvalidData",
        "LoginFailure",
        "MissingApplicationID",
        "NotFound",
        "OggError",
        "OpusError",
        "OpusNotLoaded",
        "PrivilegedIntentsRequired",
        "RateLimited",
    }


def test_errors_that_are_no_answers_were_not_sent():
    assert same(translate(discord.RateLimited(61.5)), NotSent(61.5))
    assert same(translate(discord.LoginFailure("x")), NotSent(30))
    assert same(translate(discord.GatewayNotFound()), NotSent())


async def test_an_interaction_answered_twice_is_acknowledged():
    bot, _ = client()
    error = discord.InteractionResponded(bot)  # type: ignore[arg-type]
    assert same(translate(error), Rejected("acknowledged"))


async def test_a_call_that_nobody_waits_for_any_more_goes_on():
    """The library, cancelled in a rate limit for all channels, would never send again."""
    bot, wire = client()
    wire.replies = [
        Reply(429, {"retry_after": 0.01, "global": True}, {"Via": "1.1 google"}),
    ]
    channel = bot.get_channel(CHANNEL)
    assert isinstance(channel, discord.TextChannel)
    first = asyncio.create_task(asked(lambda: channel.send("hello")))
    while bot.http._global_over.is_set():  # noqa: ASYNC110 - the library clears it
        await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    async with asyncio.timeout(1):
        await asked(lambda: channel.send("hello again"))
    assert bot.http._global_over.is_set()


async def test_what_is_no_failure_of_the_library_comes_through():
    async def broken() -> None:
        raise AssertionError("a mistake of ours")

    with pytest.raises(AssertionError):
        await asked(broken)
