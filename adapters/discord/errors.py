"""What an error of discord.py says about the message that was to be sent, and how it is asked.

Knows: the library's tree, the errors of the HTTP client under it, Discord's own codes (from its
documentation, Opcodes and Status Codes). Does not know: what is done about it. Tree and meaning:

    RateLimited                                  NotSent
    HTTPException                                by Discord's code, else by the HTTP status
    InteractionResponded                         Rejected
    other DiscordExceptions                      NotSent: none of them comes from a sending call
    aiohttp.ClientError, OSError (time-outs)     NotSent or PerhapsSent: had anything left?
    RuntimeError (the client is closed)          NotSent
    ValueError, TypeError, KeyError (an answer that is no answer)  PerhapsSent
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import aiohttp
import discord

from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable

T = TypeVar("T")

INTERACTION_GONE = "interaction_gone"
"""The reason of Unreachable where an interaction can no longer be answered as one."""

_ACCOUNT_PAUSE_S = 30.0
"""After an error about the bot's whole account, which no waiting in one channel can mend."""

_FLOOD_PAUSE_S = 5.0
"""After a 429 that does not say how long; the library sits out the usual ones by itself."""

_FAILURES = (
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
)

# No byte of the request left this machine, or a proxy took none of it on.
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    RuntimeError,
)

_WAIT = {20016, 20028, 20029, 40003, 40004}
_UNREACHABLE = {
    10003: "channel_gone",
    10004: "server_gone",
    10013: "user_gone",
    10015: INTERACTION_GONE,
    10062: INTERACTION_GONE,
    40058: "no_text_channel",
    50001: "no_access",
    50007: "blocked",
    50008: "no_text_channel",
    50009: "no_rights",
    50013: "no_rights",
    50024: "no_text_channel",
    50027: INTERACTION_GONE,
    50083: "thread_archived",
    50278: "no_common_server",
    160005: "thread_locked",
}
_REJECTED = {
    10008: "message_gone",
    20009: "explicit",
    30046: "edits_used_up",
    40005: "too_large",
    40060: "acknowledged",
    40094: "follow_ups_used_up",
    50005: "not_ours",
    50006: "empty",
    50021: "reply_to_system",
    50045: "too_large",
    50109: "not_json",
    160002: "no_history",
    200000: "moderated",
    240000: "links",
}
_INVALID_FORM = 50035

_under_way: set[asyncio.Task[Any]] = set()
"""Calls that go on though nobody waits: the event loop alone would not keep them."""


async def asked(call: Callable[[], Awaitable[T]]) -> T:
    """What Discord answers to a call; a failure of the library's, translated.

    A cancelled call goes on by itself: the library, cancelled while it sits out a rate limit for
    all channels, would never lift it again.

    Raises:
        SendError: as `translate` says, or as the call itself raised it.
    """

    async def answer() -> T:
        return await call()

    task = asyncio.create_task(answer())
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    try:
        return await asyncio.shield(task)
    except _FAILURES as error:
        raise translate(error) from error


def translate(error: Exception) -> SendError:
    """What the error of a sending or editing call means. To be raised `from` that error."""
    match error:
        case discord.HTTPException():
            return _of_answer(error)
        case discord.RateLimited():
            return NotSent(error.retry_after)
        case discord.InteractionResponded():
            return Rejected("acknowledged")
        case discord.LoginFailure():
            return NotSent(_ACCOUNT_PAUSE_S)
        case discord.DiscordException():
            return NotSent()
        case _ if isinstance(error, _NEVER_LEFT):
            return NotSent()
        case _:
            return PerhapsSent()


def _of_answer(error: discord.HTTPException) -> SendError:
    if error.code in _WAIT:
        return NotSent(_retry_after(error))
    if reason := _UNREACHABLE.get(error.code):
        return Unreachable(reason)
    if reason := _REJECTED.get(error.code):
        return Rejected(reason)
    if error.code == _INVALID_FORM:
        return Rejected(_form_reason(error.text))
    match error.status:
        case 401:
            return NotSent(_ACCOUNT_PAUSE_S)
        case 403:
            return Unreachable("forbidden")
        case 413:
            return Rejected("too_large")
        case 429:
            return NotSent(_retry_after(error))
        case status if 400 <= status < 500:
            return Rejected("not_found" if status == 404 else "other")
        case _:
            return PerhapsSent()


def _form_reason(text: str) -> str:
    """Which field of the form is refused, as far as it matters."""
    if "message_reference" in text:
        return "reply_gone"
    return "too_long" if "or fewer in length" in text else "form"


def _retry_after(error: discord.HTTPException) -> float:
    with suppress(ValueError):
        return max(0.0, float(error.response.headers.get("Retry-After", _FLOOD_PAUSE_S)))
    return _FLOOD_PAUSE_S
