"""Answers of a Bot API server, as bytes: what the real library makes of them through our class."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
from telegram import Bot, Update
from telegram.error import NetworkError, TelegramError

from adapters.telegram.requests import QuietRequest, UpdatesRequest, readable

SECRET = "1:secret"
WORDS = "nobody may read this"
MESSAGE = {
    "message_id": 1,
    "date": 1_790_000_000,
    "chat": {"id": 7, "type": "private"},
    "from": {"id": 7, "is_bot": False, "first_name": "Anna"},
    "text": WORDS,
}
MALFORMED: list[dict[str, Any]] = [
    {"message": WORDS},
    {"message": {"text": WORDS}},
    {"message": {**MESSAGE, "date": "yesterday"}},
    {"message": {**MESSAGE, "date": 10**30}},
    {"message": {**MESSAGE, "chat": 7}},
    {"message": {**MESSAGE, "from": {"id": 7}}},
    {"message": {**MESSAGE, "entities": [{"type": "mention"}]}},
    {"message": {**MESSAGE, "entities": 3}},
    {"callback_query": {"id": "1"}},
    {"my_chat_member": 3},
]


def bot(code: int, payload: bytes, *, methods: list[str] | None = None) -> Bot:
    """A bot of the real library whose server always gives this answer."""

    def reply(request: httpx.Request) -> httpx.Response:
        if methods is not None:
            methods.append(request.url.path.rpartition("/")[2])
        return httpx.Response(code, content=payload)

    options = {"transport": httpx.MockTransport(reply)}
    return Bot(
        SECRET,
        request=QuietRequest(httpx_kwargs=options),
        get_updates_request=UpdatesRequest(httpx_kwargs=options),
    )


def answer(result: object) -> bytes:
    return json.dumps({"ok": True, "result": result}).encode()


async def fetched(result: object) -> list[Update]:
    return list(await bot(200, answer(result)).get_updates())


async def test_good_updates_pass_unchanged():
    first, second = await fetched(
        [{"update_id": 4, "message": MESSAGE}, {"update_id": 5, "message": MESSAGE}]
    )
    assert (first.update_id, second.update_id) == (4, 5)
    assert first.message is not None
    assert first.message.text == WORDS


async def test_no_updates_are_no_updates():
    assert await fetched([]) == []


@pytest.mark.parametrize("malformed", MALFORMED)
async def test_one_malformed_update_holds_up_no_other(
    malformed: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    with pytest.raises(Exception):  # noqa: B017, PT011  the library, left alone, gives up the batch
        Update.de_json({"update_id": 2, **malformed})
    with caplog.at_level(logging.DEBUG, "adapters"):
        updates = await fetched(
            [
                {"update_id": 1, "message": MESSAGE},
                {"update_id": 2, **malformed},
                {"update_id": 3, "message": MESSAGE},
            ]
        )
    assert [update.update_id for update in updates] == [1, 2, 3]
    assert [update.message is None for update in updates] == [False, True, False]
    (told,) = caplog.records
    assert "Update 2 cannot be read" in told.getMessage()
    assert WORDS not in caplog.text


@pytest.mark.parametrize(
    "entry", [{"message": MESSAGE}, {"update_id": "x"}, {"update_id": True}, {"update_id": -1}, 5]
)
async def test_an_update_without_a_number_is_dropped(
    entry: object, caplog: pytest.LogCaptureFixture
):
    updates = await fetched([entry, {"update_id": 3, "message": MESSAGE}])
    assert [update.update_id for update in updates] == [3]
    assert WORDS not in caplog.text
    assert readable(entry) is None


async def test_a_batch_that_holds_no_number_at_all_makes_polling_pause():
    """It can't be confirmed and would come again at once."""
    with pytest.raises(TelegramError):
        await fetched([{"message": MESSAGE}])


async def test_updates_come_in_the_order_of_their_numbers():
    """The library confirms the last one of a batch: it has to be the highest."""
    updates = await fetched([{"update_id": number} for number in (7, 5, 6, 5)])
    assert [update.update_id for update in updates] == [5, 5, 6, 7]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"<html>" + WORDS.encode(),
        b'{"ok": true, "result": [{"text": "' + WORDS.encode(),
        b'["' + WORDS.encode() + b'"]',
        b'{"ok": true}',
        b"{}",
        answer({"update_id": 1}),
        answer(None),
        b"[" * 100_000,
    ],
)
async def test_an_answer_that_is_no_list_of_updates_is_one_quiet_error(
    payload: bytes, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.DEBUG), pytest.raises(TelegramError) as caught:
        await bot(200, payload).get_updates()
    assert str(caught.value) == "Invalid server response"
    assert WORDS not in caplog.text


async def test_a_success_without_a_result_is_an_error_of_the_library_s_kind():
    with pytest.raises(TelegramError):
        await bot(200, b'{"ok": true}').send_message(1, "hello")


@pytest.mark.parametrize("method", ["get_updates", "get_me"])
@pytest.mark.parametrize("page", [f"<p>{SECRET}", "", "[1]"])
async def test_a_page_of_a_failing_proxy_is_told_by_its_code_alone(
    page: str, method: str, caplog: pytest.LogCaptureFixture
):
    broken = bot(502, page.encode())
    with caplog.at_level(logging.WARNING), pytest.raises(NetworkError) as caught:
        await getattr(broken, method)()
    assert str(caught.value) == "Bad Gateway (502)"
    assert SECRET not in caplog.text


@pytest.mark.parametrize("method", ["get_updates", "get_me"])
async def test_an_error_of_the_server_keeps_its_description(method: str):
    broken = bot(500, b'{"ok": false, "error_code": 500, "description": "restart"}')
    with pytest.raises(NetworkError, match="restart"):
        await getattr(broken, method)()


async def test_the_class_serves_the_polling_and_nothing_else():
    methods: list[str] = []
    served = bot(200, answer([{"update_id": 1}]), methods=methods)
    await served.get_updates()
    assert methods == ["getUpdates"]
    assert isinstance(served.request, QuietRequest)
    assert not isinstance(served.request, UpdatesRequest)
