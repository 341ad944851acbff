"""The HTTP adapter on a real socket: streaming, clients that leave, ports, an orderly end."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from adapters import http
from adapters.base import AdapterError, Health
from adapters.http import Http
from adapters.messages import Handler, Text
from tests.unit.adapters.fake import ANSWER, DONE, SAD, ScriptedHandler
from tests.unit.adapters.http_client import LABELS

SECONDS = 10  # the most that anything here may take; nothing waits for that long


def adapter(host: str = "127.0.0.1", port: int = 0, token: str | None = None, listening=None):
    return Http(host, port, token, lambda: Health("ready"), "1.2.3", LABELS, listening)


@asynccontextmanager
async def serving(handler: Handler, **options) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(adapter(**options, listening=url.set_result).run(handler))
    async with asyncio.timeout(SECONDS):
        yield await url, task
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_chat_over_a_socket():
    async with serving(ScriptedHandler(*ANSWER)) as (url, _), httpx.AsyncClient() as client:
        response = await client.post(f"{url}/chat", json={"input": "my dog died"})
        assert response.json()["sentiment"] == "负面"
        assert (await client.get(f"{url}/healthz")).json()["status"] == "ready"
        assert "server" not in response.headers


async def test_a_stream_arrives_piece_by_piece():
    gate = asyncio.Event()
    handler = ScriptedHandler(SAD, Text("first"), gate, Text("second"), DONE)
    body = {"input": "hi", "stream": True}
    async with (
        serving(handler) as (url, _),
        httpx.AsyncClient() as client,
        client.stream("POST", f"{url}/chat", json=body) as response,
    ):
        lines = response.aiter_lines()
        seen = [await anext(lines) for _ in range(5)]
        assert json.loads(seen[4].removeprefix("data: ")) == {"delta": "first"}
        gate.set()
        rest = [line async for line in lines]
    assert "event: done" in rest
    assert handler.ended_by is None


@pytest.mark.parametrize("stream", [True, False])
async def test_generation_stops_when_the_client_leaves(stream):
    handler = ScriptedHandler(SAD, Text("first"), asyncio.Event())
    async with serving(handler) as (url, _):
        port = int(url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        body = json.dumps({"input": "hi", "stream": stream})
        writer.write(
            f"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        await handler.waiting.acquire()
        writer.close()
        await handler.ended.wait()
    assert handler.ended_by in (asyncio.CancelledError, GeneratorExit)


async def test_an_upload_without_end_is_refused_while_it_runs():
    async with serving(ScriptedHandler(*ANSWER)) as (url, _):
        port = int(url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(11):
            writer.write(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
            await writer.drain()
        assert b" 413 " in await reader.readline()
        writer.close()


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_error(caplog):
    handler = ScriptedHandler(*ANSWER)
    async with serving(handler) as (url, _), httpx.AsyncClient() as client:
        port = int(url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        assert (await client.get(f"{url}/healthz")).status_code == 200
    assert handler.messages == []
    assert caplog.text == ""


async def test_many_clients_are_answered_side_by_side():
    gate = asyncio.Event()
    handler = ScriptedHandler(SAD, gate, Text("done"), DONE)
    async with serving(handler) as (url, _), httpx.AsyncClient() as client:
        asking = [
            asyncio.create_task(client.post(f"{url}/chat", json={"input": str(n)}))
            for n in range(20)
        ]
        for _ in asking:
            await handler.waiting.acquire()
        assert (await client.get(f"{url}/healthz")).status_code == 200
        gate.set()
        replies = await asyncio.gather(*asking)
    assert {reply.json()["reply"] for reply in replies} == {"done"}


async def test_a_running_answer_may_end_while_the_server_stops():
    gate = asyncio.Event()
    handler = ScriptedHandler(SAD, Text("first"), gate, Text("second"), DONE)
    body = {"input": "hi", "stream": True}
    async with (
        serving(handler) as (url, task),
        httpx.AsyncClient() as client,
        client.stream("POST", f"{url}/chat", json=body) as response,
    ):
        lines = response.aiter_lines()
        await anext(lines)
        task.cancel()
        await asyncio.wait([task], timeout=0.2)  # the server has heard it by now
        gate.set()
        assert "event: done" in [line async for line in lines]


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_does_not_end_is_ended_with_an_error(stream, monkeypatch):
    monkeypatch.setattr(http, "GRACE_SECONDS", 0.05)
    handler = ScriptedHandler(SAD, Text("first"), asyncio.Event())
    body = {"input": "hi", "stream": stream}
    async with serving(handler) as (url, task), httpx.AsyncClient() as client:
        asking = asyncio.create_task(client.post(f"{url}/chat", json=body))
        await handler.waiting.acquire()
        task.cancel()
        response = await asking
    assert response.status_code == (200 if stream else 503)
    assert '"code":"stopping"' in response.text
    assert handler.ended_by in (asyncio.CancelledError, GeneratorExit)


async def test_the_port_is_free_again_after_the_end():
    async with serving(ScriptedHandler(*ANSWER)) as (url, _):
        port = int(url.rpartition(":")[2])
    async with serving(ScriptedHandler(*ANSWER), port=port) as (again, _):
        assert again == url


async def test_a_port_in_use_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AdapterError) as caught:
            await adapter(port=port).run(ScriptedHandler())
    assert str(caught.value) == (
        f"port {port} on 127.0.0.1 is already in use; choose another with --port or [http] port"
    )


async def test_an_address_of_another_machine_is_named():
    with pytest.raises(AdapterError, match=r"this machine has no address 192\.0\.2\.1"):
        await adapter(host="192.0.2.1", token="t0ken").run(ScriptedHandler())


async def test_the_servers_signals_stay_with_the_process():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with serving(ScriptedHandler(*ANSWER)):
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.2", "warm.example"])
@pytest.mark.parametrize("token", [None, ""])
def test_a_host_that_others_reach_needs_a_token(host, token):
    with pytest.raises(AdapterError, match="WARMLINE_HTTP_TOKEN"):
        adapter(host=host, token=token)


def test_an_impossible_port_is_refused():
    with pytest.raises(AdapterError, match="there is no port 70000"):
        adapter(port=70000)
