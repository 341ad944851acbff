"""The gateway: takes connections, answers what the bot sends, and fails as a test wants.

What is heard over it is in `sessions`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable

import aiohttp
from aiohttp import web

from tests.discord_server.connections import Connection, Op
from tests.discord_server.intents import forbidden
from tests.discord_server.people import Json
from tests.discord_server.sessions import Session, Sessions
from tests.discord_server.world import World

UNKNOWN_OP, BROKEN, NOT_IN, BAD_TOKEN, ALREADY_IN = 4001, 4002, 4003, 4004, 4005
BAD_SEQUENCE, BAD_SHARD, BAD_INTENTS, DISALLOWED_INTENTS = 4007, 4010, 4013, 4014


class Gateway:
    """`heartbeat_ms`: what HELLO asks for. `connections`: all that ever were, in order."""

    def __init__(self, world: World, token: str, tell: Callable[[], None]) -> None:
        self.url = ""
        self.heartbeat_ms = 41_250
        self.connections: list[Connection] = []
        self.sessions = Sessions(world)
        self._world, self._token, self._tell = world, token, tell
        world.hear = self.sessions.hear

    def live(self, shard: int | None = None) -> list[Session]:
        """The sessions that are connected; all, or those of one shard."""
        found = [one for one in self.sessions.open if one.connection and one.connection.open]
        return [one for one in found if shard in (None, one.shard[0])]

    def lines(self, shard: int | None = None) -> list[Connection]:
        """The connections of these sessions."""
        return [one.connection for one in self.live(shard) if one.connection]

    def shut(self) -> None:
        for one in self.connections:
            one.abort()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, to its end."""
        connection = Connection(request)
        await connection.socket.prepare(request)
        self.connections.append(connection)
        connection.send(Op.HELLO, {"heartbeat_interval": self.heartbeat_ms, "_trace": []})
        writing = asyncio.create_task(connection.write())
        try:
            async for message in connection.socket:
                if message.type is aiohttp.WSMsgType.TEXT and connection.open:
                    self._receive(connection, message.data)
                    self._tell()
        finally:
            self._lose(connection)
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing
            self._tell()
        return connection.socket

    def _lose(self, connection: Connection) -> None:
        connection.end()
        session = connection.session
        if session and session.connection is connection:
            session.connection = None
            if connection.left:
                self.sessions.end(session)

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            frame: Json = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            connection.close(BROKEN, "Error while decoding payload.")
            return
        connection.received.append(frame)
        match op:
            case Op.HEARTBEAT:
                connection.send(Op.ACK)
            case Op.IDENTIFY:
                self._identify(connection, data or {})
            case Op.RESUME:
                self._resume(connection, data or {})
            case _ if connection.session is None:
                connection.close(NOT_IN, "Not authenticated.")
            case Op.REQUEST_MEMBERS:
                self._chunk(connection.session, data or {})
            case Op.PRESENCE | Op.VOICE:
                pass
            case _:
                connection.close(UNKNOWN_OP, "Unknown opcode.")

    def _identify(self, connection: Connection, data: Json) -> None:
        number, count = data.get("shard") or (0, 1)
        intents = data.get("intents")
        if connection.session:
            connection.close(ALREADY_IN, "Already authenticated.")
        elif data.get("token") != self._token:
            connection.close(BAD_TOKEN, "Authentication failed.")
        elif not 0 <= number < count:
            connection.close(BAD_SHARD, "Invalid shard.")
        elif not isinstance(intents, int):
            connection.close(BAD_INTENTS, "Invalid intent(s).")
        elif forbidden(intents, self._world.privileged):
            connection.close(DISALLOWED_INTENTS, "Disallowed intent(s).")
        else:
            self.sessions.begin(connection, data, self.url)

    def _resume(self, connection: Connection, data: Json) -> None:
        if data.get("token") != self._token:
            connection.close(BAD_TOKEN, "Authentication failed.")
            return
        session = self.sessions.find(str(data.get("session_id")))
        sequence = int(data.get("seq") or 0)
        if session is None:
            connection.send(Op.INVALID_SESSION, data=False)
        elif sequence > len(session.log):
            connection.close(BAD_SEQUENCE, "Invalid seq.")
        else:
            if session.connection:
                session.connection.abort()
            session.connection, connection.session = connection, session
            session.resumes += 1
            session.replay(sequence)
            session.dispatch("RESUMED", {"_trace": []})

    def _chunk(self, session: Session, data: Json) -> None:
        """Members of a server, all at once: by ids, or those whose name begins so."""
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None or not guild.has_bot:
            return
        ids = [int(one) for one in data.get("user_ids") or []]
        start = str(data.get("query") or "").lower()
        found = [
            one
            for one in guild.members.values()
            if (one.person.id in ids if ids else one.person.username.lower().startswith(start))
        ]
        limit = int(data.get("limit") or 0) or len(found)
        shown = [one.json() for one in found[:limit]]
        unknown = [str(one) for one in ids if one not in guild.members]
        chunk: Json = {"guild_id": str(guild.id), "members": shown, "not_found": unknown}
        chunk |= {"chunk_index": 0, "chunk_count": 1, "nonce": data.get("nonce")}
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
