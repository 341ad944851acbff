"""A real client of discord.py whose HTTP session is a script: what it asks for, what it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import discord

ME, ANNA, BEN, OTHER_BOT = 99, 7, 8, 98
GUILD, CHANNEL, THREAD, FORUM, DM = 1000, 2000, 2001, 2002, 3000
OWN_ROLE, MODERATORS = 500, 501
APPLICATION = 99
MANAGE_SERVER = 1 << 5

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What Discord says: `after` it is heard, the connection may break instead."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    breaks: Exception | None = None


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Json
    files: tuple[str, ...] = ()


class Response:
    reason = "because"

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers = {"content-type": "application/json", **reply.headers}
        self._body = reply.body

    async def text(self, encoding: str = "utf-8") -> str:
        return json.dumps(self._body)


class Wire:
    """Stands where the library has its aiohttp session. Without a script all goes well."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.held: asyncio.Event | None = None
        self._numbers = iter(range(9000, 10_000))

    @asynccontextmanager
    async def request(self, method: str, url: str, **rest: Any) -> AsyncIterator[Response]:
        self.requests.append(_request(method, url, rest.get("data")))
        if self.held:
            await self.held.wait()
        reply = self.replies.pop(0) if self.replies else Reply(body=self._well(url))
        if reply.breaks:
            raise reply.breaks
        yield Response(reply)

    def _well(self, url: str) -> Json:
        if "/callback" in url:
            return {"interaction": {"id": "1", "type": 2}}
        if url.endswith("/users/@me/channels"):
            return {"id": str(DM), "type": 1, "recipients": []}
        number = url.rpartition("/")[2]
        known = number if number.isdecimal() and "/messages/" in url else ""
        return message(id=known or str(next(self._numbers)), author=BOT)


def _request(method: str, url: str, data: Any) -> Request:
    path = url.partition("/api/v10")[2]
    if not hasattr(data, "_fields"):
        return Request(method, path, json.loads(data) if data else {})
    parts = [(dict(options), value) for options, _, value in data._fields]
    body = next(value for options, value in parts if options["name"] == "payload_json")
    names = [str(options["filename"]) for options, _ in parts if "filename" in options]
    return Request(method, path, json.loads(body), tuple(names))


def user(number: int, name: str, **more: Any) -> Json:
    return {"id": str(number), "username": name, "discriminator": "0", "avatar": None, **more}


BOT = user(ME, "warmline", bot=True)
PEOPLE = {
    ANNA: user(ANNA, "anna", global_name="Anna Ito"),
    BEN: user(BEN, "ben", global_name="Ben"),
    OTHER_BOT: user(OTHER_BOT, "otherbot", bot=True),
    ME: BOT,
}


def message(**fields: Any) -> Json:
    """A message of Anna's, as the gateway tells it."""
    return {
        "id": "4000",
        "channel_id": str(DM),
        "author": PEOPLE[ANNA],
        "content": "hello",
        "timestamp": "2026-11-02T12:00:00.000000+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        **fields,
    }


def client() -> tuple[discord.Client, Wire]:
    """A client that is logged in, in one server. To be made where the loop runs."""
    found = discord.Client(intents=discord.Intents.default())
    wire = Wire()
    found.http._HTTPClient__session = wire  # type: ignore[attr-defined]
    found.http._global_over = asyncio.Event()
    found.http._global_over.set()
    state: Any = found._connection
    bot: Any = BOT
    state.loop = asyncio.get_running_loop()
    state.user = discord.ClientUser(state=state, data=bot)
    state._add_guild_from_data(guild())
    return found, wire


def guild() -> Json:
    roles = [
        role(GUILD, "@everyone"),
        role(OWN_ROLE, "Warmline", managed=True, tags={"bot_id": str(ME)}),
        role(MODERATORS, "Moderators", permissions=str(MANAGE_SERVER)),
    ]
    return {
        "id": str(GUILD),
        "name": "Friends",
        "owner_id": "1",
        "preferred_locale": "zh-CN",
        "roles": roles,
        "emojis": [],
        "features": [],
        "members": [{"user": BOT, "roles": [str(OWN_ROLE)], "joined_at": None, "flags": 0}],
        "channels": [
            {"id": str(CHANNEL), "type": 0, "name": "chat", "position": 0},
            {"id": str(FORUM), "type": 15, "name": "help", "position": 1},
        ],
        "threads": [thread()],
    }


def role(number: int, name: str, **more: Any) -> Json:
    colors = {"primary_color": 0}
    known = {"id": str(number), "name": name, "permissions": "0", "colors": colors}
    return {**known, "position": 0, "color": 0, "hoist": False, "managed": False, **more}


def thread() -> Json:
    meta = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": None}
    return {
        "id": str(THREAD),
        "type": 11,
        "name": "a question",
        "parent_id": str(FORUM),
        "owner_id": str(ANNA),
        "guild_id": str(GUILD),
        "message_count": 1,
        "member_count": 1,
        "thread_metadata": {**meta, "locked": False},
    }


def interaction(bot: discord.Client, **fields: Any) -> discord.Interaction[Any]:
    """Anna's, in the server's channel; in the bot's own direct messages with `context=1`."""
    context = fields.get("context", 0)
    member: Json = {
        "user": PEOPLE[ANNA],
        "nick": "Annie",
        "roles": [],
        "joined_at": None,
        "flags": 0,
    }
    where: Json = {
        "guild_id": str(GUILD),
        "channel": {"id": str(CHANNEL), "type": 0},
        "member": {**member, "permissions": "0"},
    }
    if context:
        where = {"channel": {"id": str(DM), "type": 1}, "user": PEOPLE[ANNA]}
    data: Any = {
        "id": "6000",
        "type": 2,
        "token": "secret",
        "version": 1,
        "application_id": str(APPLICATION),
        "attachment_size_limit": 1,
        "locale": "zh-TW",
        "context": context,
        **where,
        **fields,
    }
    return discord.Interaction(data=data, state=bot._connection)
