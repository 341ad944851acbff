"""POST /chat: one message in, its answer out, whole or as it is written.

Knows: how a request meets the handler, and what ends it early: its client leaves, or the server
stops. Does not know: sockets, tokens, how an answer comes about.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from adapters.answer import Gathered, card_json, collect, failure_report, file_json, opened
from adapters.http_json import ApiError, JsonResponse, read_object
from adapters.http_schema import (
    RETRY_SECONDS,
    ChatRequest,
    answer_json,
    first_language,
    notice_json,
    parse_chat,
    raise_if_error,
    sentiment,
)
from adapters.http_sse import EventStream
from adapters.interrupt import Interrupted, run_unless
from adapters.messages import (
    Card,
    File,
    Handler,
    IncomingMessage,
    Labelled,
    Notice,
    Reply,
    Text,
    Waiting,
)

log = logging.getLogger(__name__)

T = TypeVar("T")


class ChatEndpoint:
    """The ASGI application behind POST /chat. `stopping` ends the requests that still run."""

    def __init__(
        self, handler: Handler, binary_labels: Mapping[str, str], stopping: asyncio.Event
    ) -> None:
        self._handler = handler
        self._binary_labels = binary_labels
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            asked = await self._parse(Request(scope, receive))
        except ClientDisconnect:
            return
        if asked.stream:
            await self._stream(asked.message, receive, send)
        else:
            response = await self._guarded(self._whole(asked.message), receive)
            await response(scope, receive, send)

    async def _parse(self, request: Request) -> ChatRequest:
        body = await read_object(request)
        locale = first_language(request.headers.get("accept-language", ""))
        return parse_chat(body, locale, datetime.now(UTC))

    async def _whole(self, message: IncomingMessage) -> JsonResponse:
        answer = await collect(self._handler, message)
        return JsonResponse(answer_json(answer, self._binary_labels))

    async def _stream(self, message: IncomingMessage, receive: Receive, send: Send) -> None:
        stream = EventStream(send)
        try:
            await self._guarded(self._pump(message, stream), receive)
        except ApiError as error:
            if not stream.begun:
                raise
            await stream.event("error", {"code": error.code, "message": error.message})
        await stream.end()

    async def _pump(self, message: IncomingMessage, stream: EventStream) -> None:
        gathered = Gathered()
        async with opened(self._handler, message) as events:
            async for event in events:
                gathered.take(event)
                await self._show(event, stream)
        answer = gathered.answer()
        await stream.event("done", {"reply": answer.words, "timings": dict(answer.timings)})

    async def _show(self, event: Reply, stream: EventStream) -> None:
        match event:
            case Waiting():
                await stream.event("waiting", {"text": event.text})
            case Labelled():
                await stream.event("label", self._label_json(event))
            case Text():
                await stream.event("text", {"delta": event.delta})
            case Notice():
                raise_if_error(event)
                await stream.event("notice", notice_json(event))
            case Card():
                await stream.event("card", card_json(event))
            case File():
                await stream.event("file", file_json(event))

    def _label_json(self, labelled: Labelled) -> dict[str, Any]:
        return {
            "sentiment": sentiment(labelled.valence, self._binary_labels),
            "label": labelled.label,
            "probabilities": dict(labelled.probabilities),
            "valence": labelled.valence,
            "language": labelled.language,
            "model": labelled.model,
        }

    async def _guarded(self, work: Coroutine[Any, Any, T], receive: Receive) -> T:
        """Run the work while its client is there; whatever goes wrong becomes an ApiError."""
        try:
            return await run_unless(work, _disconnected(receive), self._stopping.wait())
        except ApiError:
            raise
        except Interrupted:  # where the client left, nobody reads this
            raise _stopping() if self._stopping.is_set() else _failed() from None
        except Exception as error:  # noqa: BLE001 - the net around one request
            log.error("a chat request failed: %s", failure_report(error))
            raise _failed() from None


def _stopping() -> ApiError:
    return ApiError(
        503,
        "stopping",
        "the server is stopping; try again in a moment",
        {"Retry-After": str(RETRY_SECONDS)},
    )


def _failed() -> ApiError:
    return ApiError(500, "failed", "the answer failed; the server's log says why")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
