"""A reply as it comes over HTTP: bytes in, whole characters out, and an honest end.

Knows: server-sent events, the chunks of OpenAI-compatible servers, where a text may be cut. Does
not know: prompts, retries.

A reply has ended when a chunk gives a `finish_reason`; the closing `[DONE]` is not waited for. A
stream that stops without one was cut: that is an error, also where the text looks complete.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

import httpx

from engine.base import EngineFailed
from engine.remote.errors import NotTheApi, TooSlow, Unanswered, failure_in_stream
from engine.remote.server import Server, lost

_LONGEST_LINE_BYTES = 1 << 20
_DRAIN_SECONDS = 0.2
"""After the last chunk: so long is the end waited for, so that the connection can be used again."""


class EventLines:
    """Cuts a byte stream into the data of its events. A line is decoded whole, never in part."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that are complete with this chunk. Comments and other fields are left out.

        Every server here puts an event on one line, so a line is an event. llama.cpp has sent its
        errors as a field of their own, `error: {…}`: it is taken as data.
        """
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE_BYTES:
            raise EngineFailed("a line of the stream does not end")
        return [data for line in lines if (data := _data(line))]

    def end(self) -> list[bytes]:
        """What is left when the stream has ended without a last line break."""
        rest, self._rest = self._rest, b""
        return [data] if (data := _data(rest)) else []


def _data(line: bytes) -> bytes:
    field, _, value = line.rstrip(b"\r").partition(b":")
    if field == b"error":
        return b'{"error":' + value + b"}"
    return value.strip() if field == b"data" else b""


class WholeCharacters:
    """Joins a character that a server cut into two texts, and drops what can't be joined.

    A surrogate half waits for its other half. U+FFFD stands for bytes that a server could not
    decode, mostly at the place where `max_tokens` cut a character: it is nothing a person should
    see.
    """

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """The text, as far as its characters are whole."""
        text = self._half + text
        self._half = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
        text = text.removesuffix(self._half)
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return joined.replace("\ufffd", "")


class Unprefixed:
    """Takes an opening off the front of a reply, where the server gives it back."""

    def __init__(self, opening: str) -> None:
        self._opening = opening
        self._held = ""

    def feed(self, text: str) -> str:
        """The text, without the opening; nothing while it can't be told yet."""
        if not self._opening:
            return text
        self._held += text
        seen = self._held.lstrip()
        if len(seen) < len(self._opening) and self._opening.startswith(seen):
            return ""
        rest = seen.removeprefix(self._opening)
        held, self._held, self._opening = self._held, "", ""
        return rest if rest != seen else held

    def end(self) -> str:
        """What was held back when the reply ended before it could be told."""
        return self._held if self._opening else ""


async def stream_text(
    server: Server,
    path: str,
    body: Mapping[str, Any],
    *,
    native: bool = False,
    returned: str = "",
    watch: Callable[[Mapping[str, Any]], None] | None = None,
) -> AsyncGenerator[str, None]:
    """The text of a streamed reply. Closing the iterator closes the request at once.

    `returned` is taken off the front of the text; `watch` sees every chunk.

    Raises:
        As `Server.open`; EngineFailed where the stream is cut after its first text.
    """
    await server.turnstile.acquire()
    events = _events(server, path, {**body, "stream": True}, native)
    try:
        async with aclosing(_texts(server, events, returned, watch)) as texts:
            async for text in texts:
                yield text
    finally:
        try:
            await events.aclose()
        finally:
            server.turnstile.release()


async def _texts(
    server: Server,
    events: AsyncGenerator[dict[str, Any], None],
    returned: str,
    watch: Callable[[Mapping[str, Any]], None] | None,
) -> AsyncGenerator[str, None]:
    loop = asyncio.get_running_loop()
    limits = server.timeouts
    end = loop.time() + limits.total
    wait = limits.first_token
    due = loop.time() + wait
    whole, bare = WholeCharacters(), Unprefixed(returned)
    begun = finished = False
    while not finished:
        try:
            async with asyncio.timeout_at(min(due, end)):
                event = await anext(events)
        except TimeoutError as error:
            raise _late(server.url, wait, begun, loop.time() >= end) from error
        except StopAsyncIteration as error:
            raise _cut(server.url, begun) from error
        except Unanswered as error:
            raise (_cut(server.url, begun) if begun else error) from error
        if watch is not None:
            watch(event)
        text, finished = _content(server.url, event, begun)
        text = bare.feed(whole.feed(text))
        text += bare.end() if finished else ""
        if text:
            begun, wait = True, limits.between_tokens
            due = loop.time() + wait
            yield text
    with suppress(TimeoutError, StopAsyncIteration, EngineFailed):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while True:
                await anext(events)


async def _events(
    server: Server, path: str, body: Mapping[str, Any], native: bool
) -> AsyncGenerator[dict[str, Any], None]:
    """The chunks of one reply, up to its end or to where it was cut."""
    response = await server.open(path, body, native=native)
    lines = EventLines()
    try:
        if "json" in response.headers.get("Content-Type", ""):  # it does not stream: all at once
            yield _parsed(server.url, await response.aread())
            return
        if "html" in response.headers.get("Content-Type", ""):
            raise NotTheApi(server.url)
        async for chunk in response.aiter_bytes():
            for data in lines.feed(chunk):
                if data != b"[DONE]":
                    yield _parsed(server.url, data)
        for data in lines.end():
            with suppress(NotTheApi):  # half a line: the stream was cut, and will say so
                if data != b"[DONE]":
                    yield _parsed(server.url, data)
    except httpx.HTTPError as error:
        raise lost(server.url, error) from error
    finally:
        await response.aclose()


def _parsed(url: str, data: bytes) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except ValueError as error:  # not JSON, or not UTF-8
        raise NotTheApi(url) from error
    if not isinstance(event, dict):
        raise NotTheApi(url)
    return event


def _content(url: str, event: Mapping[str, Any], begun: bool) -> tuple[str, bool]:
    """The text of a chunk, and whether it is the last one."""
    error = failure_in_stream(url, event)
    if error is not None:
        raise EngineFailed(f"{url} failed in the middle of a reply") if begun else error
    if isinstance(event.get("content"), str):  # llama.cpp's own form
        return event["content"], bool(event.get("stop"))
    choices = event.get("choices")
    if not choices:  # progress and usage come in chunks without a choice
        return "", False
    try:
        choice = choices[0]
        said = choice.get("delta") or choice.get("message") or {}
        text = said.get("content") or choice.get("text") or ""
        reason = choice.get("finish_reason")
    except (AttributeError, KeyError, TypeError) as error:
        raise NotTheApi(url) from error
    if reason in ("abort", "error"):
        raise _cut(url, begun)
    return str(text), bool(reason)


def _cut(url: str, begun: bool) -> EngineFailed:
    if begun:
        return EngineFailed(f"{url} broke off in the middle of a reply")
    return Unanswered(f"{url} broke off before a reply")


def _late(url: str, wait: float, begun: bool, total: bool) -> EngineFailed:
    if total:
        return TooSlow(f"{url} took longer for one reply than it may")
    if begun:
        return EngineFailed(f"{url} said nothing more for {wait:g} s")
    return TooSlow(f"{url} gave no first token within {wait:g} s")
