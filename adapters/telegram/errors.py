"""What an error of python-telegram-bot says about the message that was to be sent.

Knows: the library's tree, the httpx error behind it, and the descriptions that the Bot API server
writes (read in its source: telegram-bot-api 10.0, Client.cpp, `fail_query_with_error`, and TDLib).
Does not know: what is done about it. Tree and meaning:

    RetryAfter, ChatMigrated, Conflict           NotSent
    InvalidToken                                 NotSent; Rejected where only the method is unknown
    Forbidden                                    Unreachable
    BadRequest                                   Unreachable or Rejected, by its description
    NetworkError, TimedOut                       NotSent or PerhapsSent, by the cause
    TelegramError (an answer that is no answer)  PerhapsSent
"""

from __future__ import annotations

import re
import warnings
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable

_ACCOUNT_PAUSE_S = 30.0
"""After an error about the bot's whole account, which no waiting in one chat can mend."""

_FLOOD_PAUSE_S = 1.0
"""After a 429 that does not say how long."""

# No byte of the request left this machine, or a proxy took none of it on.
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# Fragments of a description in lower case, the most particular first.
_UNREACHABLE = (
    ("blocked by the user", "blocked"),
    ("user_is_blocked", "blocked"),
    ("deactivated", "deactivated"),
    ("was kicked", "kicked"),
    ("user_banned_in_channel", "kicked"),
    ("not a member", "not_member"),
    ("not in the chat", "not_member"),
    ("can't initiate conversation", "never_started"),
    ("can't send messages to bots", "is_bot"),
    ("can't send messages to the bot", "is_bot"),
    ("chat was deleted", "chat_gone"),
    ("chat not found", "chat_gone"),
    ("upgraded to a supergroup", "chat_gone"),
    ("peer_id_invalid", "chat_gone"),
    ("channel_private", "chat_gone"),
    ("channel_invalid", "chat_gone"),
    ("chat_id_invalid", "chat_gone"),
    ("user not found", "chat_gone"),
    ("message thread not found", "topic_gone"),
    ("topic_deleted", "topic_gone"),
    ("topic_id_invalid", "topic_gone"),
    ("topic_closed", "topic_closed"),
    ("chat_restricted", "no_rights"),
    ("chat_write_forbidden", "no_rights"),
    ("chat_send_plain_forbidden", "no_rights"),
    ("chat_guest_send_forbidden", "no_rights"),
    ("chat_admin_required", "no_rights"),
    ("have no rights to send", "no_rights"),
    ("have no write access", "no_rights"),
    ("need administrator rights", "no_rights"),
    ("not enough rights to send text messages", "no_rights"),
    ("payment_required", "costs_money"),
    ("premium_required", "no_rights"),
)
_REJECTED = (
    ("is not modified", "unchanged"),
    ("message_not_modified", "unchanged"),
    ("can't parse entities", "entities"),
    ("can't parse messageentity", "entities"),
    ("entity_", "entities"),
    ("entities_", "entities"),
    ("reply markup is too long", "buttons"),
    ("button_", "buttons"),
    ("is too long", "too_long"),
    ("_too_long", "too_long"),
    ("to be replied not found", "reply_gone"),
    ("message to edit not found", "message_gone"),
    ("message can't be edited", "message_gone"),
    ("message_id_invalid", "message_gone"),
    ("message not found", "message_gone"),
    ("query is too old", "press_gone"),
    ("is empty", "empty"),
    ("must be non-empty", "empty"),
    ("not enough rights", "no_rights"),
    ("_forbidden", "no_rights"),
    ("too big", "too_large"),
    ("entity too large", "too_large"),
)


def translate(error: TelegramError) -> SendError:
    """What the error of a sending or editing method means. To be raised `from` that error."""
    text = error.message.lower()
    match error:
        case RetryAfter():
            return NotSent(asked_seconds(error))
        case ChatMigrated():
            return NotSent()  # the same goes to `new_chat_id`
        case Conflict():
            return NotSent(_ACCOUNT_PAUSE_S)
        case EndPointNotFound():
            return Rejected("no_method")
        case InvalidToken():
            return Rejected("no_method") if is_unknown_method(error) else NotSent(_ACCOUNT_PAUSE_S)
        case Forbidden():
            return Unreachable(_code(text, _UNREACHABLE) or "forbidden")
        case BadRequest():
            reason = _code(text, _UNREACHABLE)
            return Unreachable(reason) if reason else Rejected(_code(text, _REJECTED) or "other")
        case NetworkError():
            return _of_network(error, text)
        case _:
            return PerhapsSent()


def is_unchanged(error: TelegramError) -> bool:
    """An edit that changes nothing: the message already reads so, which is a success."""
    return _is_rejected(error, "unchanged")


def is_entities(error: TelegramError) -> bool:
    """The formatting is refused, not the words: send them again as plain text."""
    return _is_rejected(error, "entities")


def is_unknown_method(error: TelegramError) -> bool:
    """This server does not know the method (an older one has no drafts).

    A token of a wrong form gives the same answer, so ask only once `getMe` has gone well.
    """
    return isinstance(error, EndPointNotFound) or (
        isinstance(error, InvalidToken) and "not found" in error.message.lower()
    )


def new_chat_id(error: TelegramError) -> int | None:
    """Where a group goes on that became a supergroup, if that is what the error says."""
    return error.new_chat_id if isinstance(error, ChatMigrated) else None


def _is_rejected(error: TelegramError, reason: str) -> bool:
    return isinstance(error, BadRequest) and _code(error.message.lower(), _REJECTED) == reason


def _code(text: str, table: tuple[tuple[str, str], ...]) -> str | None:
    return next((code for fragment, code in table if fragment in text), None)


def _of_network(error: NetworkError, text: str) -> SendError:
    """Did the request leave? The library keeps the HTTP client's error as the cause."""
    cause = error.__cause__
    if isinstance(cause, UnicodeError):
        return Rejected("not_unicode")  # half a surrogate pair: no request could be written
    if isinstance(cause, _NEVER_LEFT) or "is not initialized" in text:
        return NotSent()
    if "too many requests" in text:
        found = re.search(r"retry after (\d+)", text)
        return NotSent(float(found[1]) if found else _FLOOD_PAUSE_S)
    if "entity too large" in text:
        return Rejected("too_large")
    return PerhapsSent()  # time-outs of reading and writing, lost connections, 5xx


def asked_seconds(error: RetryAfter) -> float:
    """How long Telegram asks to be left alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library announces here that the type will change
        after = error.retry_after
    seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)
    return max(0.0, seconds)
