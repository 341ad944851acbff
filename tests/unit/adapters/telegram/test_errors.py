"""What the errors of the real library say about a message: sent, not sent, nobody knows, never."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from telegram import Bot, error
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable
from adapters.telegram.errors import (
    is_entities,
    is_unchanged,
    is_unknown_method,
    new_chat_id,
    translate,
)


@pytest.fixture(autouse=True)
def _durations_as_the_library_will_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # or it warns of each


async def refused(answer: httpx.Response | Exception) -> TelegramError:
    """The error that the library raises from a send when the server, or the network, does this."""

    def reply(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx.MockTransport(reply)
    request = HTTPXRequest(httpx_kwargs={"transport": transport})
    async with Bot("1:a", request=request, get_updates_request=request) as bot:
        with pytest.raises(TelegramError) as caught:
            await bot.send_message(1, "hello")
    return caught.value


def failure(code: int, description: str, **parameters: Any) -> httpx.Response:
    more = {"parameters": parameters} if parameters else {}
    return httpx.Response(
        code, json={"ok": False, "error_code": code, "description": description, **more}
    )


def same(left: SendError, right: SendError) -> bool:
    return type(left) is type(right) and vars(left) == vars(right) and str(left) == str(right)


@pytest.fixture(autouse=True)
def _known_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async def know(bot: Bot) -> None:
        """Entering the bot would ask `getMe`, which is not what fails here."""

    monkeypatch.setattr(Bot, "initialize", know)


@pytest.mark.parametrize(
    ("code", "description", "meaning"),
    [
        (403, "Forbidden: bot was blocked by the user", Unreachable("blocked")),
        (403, "Forbidden: user is deactivated", Unreachable("deactivated")),
        (403, "Forbidden: bot was kicked from the supergroup chat", Unreachable("kicked")),
        (403, "Forbidden: bot is not a member of the group chat", Unreachable("not_member")),
        (403, "Forbidden: the group chat was deleted", Unreachable("chat_gone")),
        (403, "Forbidden: bots can't send messages to bots", Unreachable("is_bot")),
        (403, "Forbidden: something new", Unreachable("forbidden")),
        (
            403,
            "Forbidden: bot can't initiate conversation with a user",
            Unreachable("never_started"),
        ),
        (400, "Bad Request: chat not found", Unreachable("chat_gone")),
        (400, "Bad Request: private chat not found", Unreachable("chat_gone")),
        (400, "Bad Request: PEER_ID_INVALID", Unreachable("chat_gone")),
        (400, "Bad Request: CHANNEL_PRIVATE", Unreachable("chat_gone")),
        (400, "Bad Request: user not found", Unreachable("chat_gone")),
        (400, "Bad Request: group chat was deactivated", Unreachable("deactivated")),
        (400, "Bad Request: USER_IS_BLOCKED", Unreachable("blocked")),
        (400, "Bad Request: INPUT_USER_DEACTIVATED", Unreachable("deactivated")),
        (400, "Bad Request: USER_BANNED_IN_CHANNEL", Unreachable("kicked")),
        (400, "Bad Request: message thread not found", Unreachable("topic_gone")),
        (400, "Bad Request: TOPIC_DELETED", Unreachable("topic_gone")),
        (400, "Bad Request: TOPIC_CLOSED", Unreachable("topic_closed")),
        (400, "Bad Request: CHAT_RESTRICTED", Unreachable("no_rights")),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Unreachable("no_rights")),
        (400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN", Unreachable("no_rights")),
        (400, "Bad Request: have no rights to send a message", Unreachable("no_rights")),
        (
            400,
            "Bad Request: not enough rights to send text messages to the chat",
            Unreachable("no_rights"),
        ),
        (
            400,
            "Bad Request: not enough rights to send documents to the chat",
            Rejected("no_rights"),
        ),
        (400, "Bad Request: CHAT_SEND_DOCS_FORBIDDEN", Rejected("no_rights")),
        (400, "Bad Request: message is too long", Rejected("too_long")),
        (400, "Bad Request: MESSAGE_TOO_LONG", Rejected("too_long")),
        (400, "Bad Request: text is too long", Rejected("too_long")),
        (400, "Bad Request: message text is empty", Rejected("empty")),
        (400, "Bad Request: message to be replied not found", Rejected("reply_gone")),
        (400, "Bad Request: message to edit not found", Rejected("message_gone")),
        (400, "Bad Request: message can't be edited", Rejected("message_gone")),
        (400, "Bad Request: MESSAGE_ID_INVALID", Rejected("message_gone")),
        (400, "Bad Request: BUTTON_DATA_INVALID", Rejected("buttons")),
        (400, "Bad Request: something new", Rejected()),
        (401, "Unauthorized", NotSent(30)),
        (404, "Not Found", Rejected("no_method")),
        (409, "Conflict: terminated by other getUpdates request", NotSent(30)),
        (413, "Request Entity Too Large", Rejected("too_large")),
        (429, "Too Many Requests: retry after 7", NotSent(7)),
        (429, "Too Many Requests", NotSent(1)),
        (500, "Internal Server Error: restart", PerhapsSent()),
        (502, "Bad Gateway", PerhapsSent()),
        (504, "Gateway Timeout", PerhapsSent()),
    ],
)
async def test_a_description_says_what_became_of_the_message(
    code: int, description: str, meaning: SendError
):
    assert same(translate(await refused(failure(code, description))), meaning)


async def test_a_flood_error_says_how_long_to_wait():
    answer = failure(429, "Too Many Requests: retry after 3", retry_after=3)
    assert same(translate(await refused(answer)), NotSent(3.0))


def test_the_wait_is_read_in_either_of_the_library_s_two_forms(monkeypatch: pytest.MonkeyPatch):
    flood = error.RetryAfter(5)
    assert same(translate(flood), NotSent(5.0))
    monkeypatch.delenv("PTB_TIMEDELTA")
    assert same(translate(flood), NotSent(5.0))


async def test_fault_13_a_group_that_moved_is_not_sent_and_says_where_to():
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    moved = await refused(failure(400, description, migrate_to_chat_id=-100))
    assert same(translate(moved), NotSent())
    assert new_chat_id(moved) == -100
    untold = await refused(failure(400, description))
    assert same(translate(untold), Unreachable("chat_gone"))
    assert new_chat_id(untold) is None


async def test_formatting_that_is_refused_is_told_from_words_that_are():
    for description in (
        "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 5",
        "Bad Request: can't parse MessageEntity: wrong length",
        "Bad Request: ENTITY_BOUNDS_INVALID",
        "Bad Request: ENTITIES_TOO_LONG",
    ):
        refusal = await refused(failure(400, description))
        assert is_entities(refusal)
        assert same(translate(refusal), Rejected("entities"))
    assert not is_entities(await refused(failure(400, "Bad Request: message is too long")))
    assert not is_entities(await refused(failure(413, "Request Entity Too Large")))


async def test_an_edit_that_changes_nothing_is_told():
    description = "Bad Request: message is not modified: specified new message content and reply "
    unchanged = await refused(failure(400, description + "markup are exactly the same"))
    assert is_unchanged(unchanged)
    assert same(translate(unchanged), Rejected("unchanged"))
    assert not is_unchanged(await refused(failure(400, "Bad Request: message can't be edited")))


async def test_a_method_that_the_server_lacks_is_told_from_a_token_that_ended():
    assert is_unknown_method(await refused(failure(404, "Not Found")))
    lacking = error.EndPointNotFound("Not Found")
    assert is_unknown_method(lacking)
    assert same(translate(lacking), Rejected("no_method"))
    assert not is_unknown_method(await refused(failure(401, "Unauthorized")))


NEVER_LEFT = {
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
}


def every(base: type[Exception]) -> set[type[Exception]]:
    return {base}.union(*(every(sub) for sub in base.__subclasses__()))


@pytest.mark.parametrize(
    "kind",
    sorted(every(httpx.TransportError) | {httpx.DecodingError, httpx.TooManyRedirects}, key=str),
)
async def test_a_lost_connection_is_not_sent_only_when_nothing_had_left(kind: type[Exception]):
    """A kind of error that httpx learns counts as perhaps sent until somebody looks at it."""
    if not kind.__module__.startswith("httpx"):
        return  # another library's, loaded beside this test
    meaning = translate(await refused(kind("lost")))
    assert same(meaning, NotSent() if kind in NEVER_LEFT else PerhapsSent())


async def test_what_fails_before_a_request_exists_is_not_sent():
    assert same(translate(await refused(httpx.InvalidURL("no"))), NotSent())
    half = await refused(UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed"))
    assert same(translate(half), Rejected("not_unicode"))


async def test_a_bot_that_is_shut_down_sends_nothing():
    request = HTTPXRequest()
    await request.shutdown()
    bot = Bot("1:a", request=request, get_updates_request=request)
    with pytest.raises(error.NetworkError) as caught:
        await bot.send_message(1, "hello")
    assert same(translate(caught.value), NotSent())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        httpx.Response(503, text=""),
        httpx.Response(302, headers={"location": "/"}),
        httpx.Response(200, html="<h1>Welcome to the hotel</h1>"),
    ],
)
async def test_an_answer_that_is_no_answer_leaves_open_whether_it_was_sent(answer: httpx.Response):
    assert same(translate(await refused(answer)), PerhapsSent())


async def test_too_many_requests_from_a_gate_in_front_was_not_sent():
    assert same(translate(await refused(httpx.Response(429, html="slow down"))), NotSent(1))


def test_every_error_of_the_library_has_been_looked_at():
    assert set(error.__all__) == {
        "BadRequest",
        "ChatMigrated",
        "Conflict",
        "EndPointNotFound",
        "Forbidden",
        "InvalidToken",
        "NetworkError",
        "PassportDecryptionError",  # not from a send
        "RetryAfter",
        "TelegramError",
        "TimedOut",
    }


def test_the_words_of_an_outcome_are_fit_for_a_log():
    assert str(NotSent(2.5)) == "not sent; may be tried again after 2.5 s"
    assert str(Unreachable("blocked")) == "unreachable: blocked"
    assert str(Rejected()) == "rejected: other"
    assert str(PerhapsSent()) == "perhaps sent: the answer of the platform was lost"
