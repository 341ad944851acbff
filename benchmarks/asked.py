"""What is asked in `benchmarks.trends`: the commands themselves, and what owners see.

Knows: who asks where in an invented world. Does not know: time, databases.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from adapters.messages import IncomingMessage, Person, Scope
from benchmarks.world import PLATFORM, SERVERS, World, now, server_name
from bot import commands, group_scopes
from bot.chat import Chat
from bot.command import Context, Facts
from bot.companion import Companion
from bot.dashboard import DashboardSettings, StoredDashboard
from bot.servers import Servers
from engine.base import Engine
from storage.store import Store

FACTS = Facts("none", mood_memory="on", history="on")
Ask = Callable[[Store], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked. `quick`: its answer must be there at once."""

    name: str
    ask: Ask
    quick: bool = True


def questions(world: World) -> list[Question]:
    """All of them. The first person and the first server are those who say most."""
    people = (("who writes most", 1), ("a middling person", world.alone // 2))
    servers = (("the biggest server", 0), ("a middling server", SERVERS // 2))
    asked = [
        Question(f"{text}, {who}", partial(_mood, text, person))
        for who, person in people
        for text in ("/mood 30", "/mood 365", "/mood why 365")
    ]
    asked += [
        Question(f"/trend {days}, {which}", partial(_trend, f"/trend {days}", number))
        for which, number in servers
        for days in (7, 30, 90)
    ]
    asked += [
        Question(f"warmline trends --by {by} --days {days}", partial(_of_parts, by, days), False)
        for by in ("all", "server")
        for days in (30, 90)
    ]
    asked.append(Question("dashboard: overview", _overview, False))
    asked.append(Question("dashboard: groups", _groups, False))
    return asked


async def _mood(text: str, person: int, store: Store) -> None:
    user, scope = f"u{person}", Scope(PLATFORM, f"dm{person}")
    await _command(store, IncomingMessage(scope, Person(PLATFORM, user), "1", text, now()))


async def _trend(text: str, number: int, store: Store) -> None:
    message = IncomingMessage(
        Scope(PLATFORM, f"{number + 1:02}01"),
        Person(PLATFORM, "manager"),
        "1",
        text,
        now(),
        private=False,
        server=server_name(number),
        manages=True,
        ephemeral=True,
    )
    await _command(store, message)


async def _command(store: Store, message: IncomingMessage) -> None:
    engine = cast("Engine", None)  # these commands ask no model
    context = Context(store, engine, message, "en", FACTS, servers=Servers(store))
    if context.notice("failed") in await commands.run(context):
        raise RuntimeError(f"{message.text} failed: see the log")


async def _of_parts(by: str, days: int, store: Store) -> None:
    await group_scopes.trends(store, group_scopes.By(by), days, FACTS.min_people)


async def _overview(store: Store) -> None:
    await _dashboard(store).overview()


async def _groups(store: Store) -> None:
    await _dashboard(store).groups(1)


def _dashboard(store: Store) -> StoredDashboard:
    companion = Companion()
    companion.ready(cast("Chat", None), store)
    return StoredDashboard(companion, DashboardSettings())
