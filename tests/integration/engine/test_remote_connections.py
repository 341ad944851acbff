"""Kept connections: one that the server closes just as it is used is no fault of the server's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from engine.remote.errors import Unanswered
from engine.remote.server import Server, Timeouts

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def closing_after(answers: int) -> AsyncIterator[tuple[Server, list[int]]]:
    """A server each of whose connections gives so many answers and closes upon the next request."""
    connections = [0]
    talks: list[asyncio.Task[None]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections[0] += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client was first
            for _ in range(answers):
                await reader.readuntil(b"{}")
                writer.write(ANSWER)
                await writer.drain()
            await reader.readuntil(b"{}")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.create_task(talk(reader, writer)))

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}/v1", timeouts=Timeouts())
    try:
        yield server, connections
    finally:
        await server.close()
        await asyncio.gather(*talks)
        listening.close()
        await listening.wait_closed()


async def test_a_kept_connection_that_closes_is_replaced_without_a_word():
    async with closing_after(1) as (server, connections):
        for _ in range(3):
            assert await server.post("/tokenize", {}) == {}
    assert connections == [3]


async def test_a_server_that_never_answers_is_said_to_have_broken_the_connection():
    async with closing_after(0) as (server, connections):
        with pytest.raises(Unanswered, match="broke the connection"):
            await server.post("/tokenize", {})
    assert connections == [4]
