"""One model server over HTTP: its connections, how long it may take, what its answers mean.

Knows: httpx, URLs, the key, timeouts. Does not know: which endpoints there are, what a prompt is,
other servers. Nothing is tried twice here: retries need all servers, see `engine.remote.pool`.

A URL's user name, password and query never leave this file, and neither does the key. httpx logs
the URLs it asks at INFO: they are built here without credentials.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any

import httpx

from engine.base import EngineError, EngineNotReady, ModelUnusable
from engine.remote.errors import NotTheApi, TooSlow, Unanswered, failure

_IDLE_CONNECTION_SECONDS = 4.0
"""uvicorn and llama.cpp close an idle connection after 5; a request must not meet that moment."""

_CONNECTIONS_BESIDE = 8
"""Connections for short questions (tokens, slots) beside those that wait for the model."""

_STALE_CONNECTIONS = 3
"""A server may close a kept connection just as it is used (RFC 9112, 9.3.1): no fault of its."""

_LARGEST_ERROR_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a server may take, in seconds.

    `first_token` runs from the request to the first text, or to the end of an answer that comes
    whole; `between_tokens` from one text to the next; `total` is for all of one request.
    """

    connect: float = 5.0
    first_token: float = 120.0
    between_tokens: float = 30.0
    total: float = 600.0


class Server:
    """One server. `url` is its address without credentials, fit for a log or an error."""

    def __init__(
        self, base_url: str, *, key: str | None = None, slots: int = 8, timeouts: Timeouts
    ) -> None:
        """Opens nothing yet.

        Raises:
            ModelUnusable: `base_url` is no URL.
        """
        parsed = _parsed(base_url)
        self.timeouts = timeouts
        self.turnstile = asyncio.Semaphore(slots)
        bare = parsed.copy_with(username=None, password=None, query=None, fragment=None)
        self.url = str(bare).rstrip("/")
        self._root = self.url.removesuffix("/v1")
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            auth=(parsed.username, parsed.password) if parsed.username else None,
            timeout=httpx.Timeout(timeouts.total, connect=timeouts.connect, pool=None),
            limits=httpx.Limits(
                max_connections=slots + _CONNECTIONS_BESIDE,
                max_keepalive_connections=slots + _CONNECTIONS_BESIDE,
                keepalive_expiry=_IDLE_CONNECTION_SECONDS,
            ),
            verify=parsed.scheme == "https",  # else certificates would be read for nothing
            trust_env=not _is_here(parsed.host),  # a proxy cannot know this machine's own address
        )

    async def get(self, path: str, *, native: bool = False) -> Any:
        """The JSON at a path under the base URL; `native` paths lie beside its /v1.

        Raises:
            Unanswered, Refused, NotTheApi, EngineNotReady: see `engine.remote.errors`.
        """
        return await self._whole("GET", path, None, native)

    async def post(self, path: str, body: Mapping[str, Any], *, native: bool = False) -> Any:
        """The JSON that answers a short question. Errors as `get`."""
        return await self._whole("POST", path, body, native)

    async def ask(self, path: str, body: Mapping[str, Any], *, native: bool = False) -> Any:
        """The JSON that answers what the model must think about. At most `slots` at once."""
        async with self.turnstile:
            return await self._whole("POST", path, body, native)

    async def open(
        self, path: str, body: Mapping[str, Any], *, native: bool = False
    ) -> httpx.Response:
        """The begun reply to a POST. The caller closes it; that closes the request.

        Raises:
            As `get`, and PromptTooLong.
        """
        return await self._send("POST", path, body, native)

    async def close(self) -> None:
        """Close all connections. Closing twice is harmless."""
        await self._client.aclose()

    async def _whole(
        self, method: str, path: str, body: Mapping[str, Any] | None, native: bool
    ) -> Any:
        limit = self.timeouts.first_token
        try:
            async with asyncio.timeout(limit):
                response = await self._send(method, path, body, native)
                try:
                    content = await response.aread()
                except httpx.HTTPError as error:
                    raise self._lost(error) from error
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise TooSlow(f"{self.url} gave no answer within {limit:g} s") from error
        try:
            return json.loads(content)
        except ValueError as error:
            raise NotTheApi(self.url) from error

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, native: bool
    ) -> httpx.Response:
        request = self._client.build_request(
            method,
            (self._root if native else self.url) + path,
            content=None if body is None else json.dumps(body).encode(),
            headers={} if body is None else {"Content-Type": "application/json"},
        )
        response = await self._answered(request)
        if response.status_code == 200:
            return response
        try:
            raise await self._failure(response)
        finally:
            await response.aclose()

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        """The answer's head; asked again at once where a kept connection closed before any."""
        stale = 0
        while True:
            try:
                return await self._client.send(request, stream=True)
            except httpx.RemoteProtocolError as error:
                stale += 1
                if stale > _STALE_CONNECTIONS or not _is_stale(error):
                    raise self._lost(error) from error
            except httpx.HTTPError as error:
                raise self._lost(error) from error
            except RuntimeError as error:  # the client has been closed
                raise EngineNotReady("the remote engine has been closed") from error

    async def _failure(self, response: httpx.Response) -> EngineError:
        body = b""
        with suppress(httpx.HTTPError):
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST_ERROR_BYTES:
                    break
        after = retry_after(response.headers.get("Retry-After", ""))
        return failure(self.url, response.status_code, body, after)

    def _lost(self, error: httpx.HTTPError) -> EngineError:
        return lost(self.url, error, self._client.is_closed)


def _is_stale(error: httpx.RemoteProtocolError) -> bool:
    return "without sending a response" in str(error)


def lost(url: str, error: httpx.HTTPError, closed: bool = False) -> EngineError:
    """What a connection that failed means."""
    if closed:
        return EngineNotReady("the remote engine has been closed")
    if isinstance(error, httpx.ConnectError) and _is_about_certificate(error):
        return Unanswered(f"{url} has a certificate that is not accepted here", again=False)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Unanswered(f"{url} cannot be reached: is the server running?")
    if isinstance(error, httpx.TimeoutException):
        return TooSlow(f"{url} stopped answering")
    return Unanswered(f"{url} broke the connection")


def retry_after(value: str) -> float:
    """Seconds that a `Retry-After` header asks for: a number or a date; 0 for anything else."""
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _parsed(base_url: str) -> httpx.URL:
    # The address itself is not repeated: what is no URL may still hold a password.
    advice = "a base_url must look like http://127.0.0.1:8000/v1"
    try:
        parsed = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise ModelUnusable(f"{advice}: this one cannot be read as an address") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ModelUnusable(f"{advice}: this one does not begin with http:// and a host")
    return parsed


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
