"""What is said in private stays there also where people share, are looked at, and places move.

Random histories on a real SQLite file, as on Telegram: two people who change names with each other,
each alone with Warmline, in a group and its topic and in another group, which move; who let the
other see their mood and take it back, are looked at, and ask to be asked how they are. Then all
that anybody is shown is searched: by people in each place, by administrators and owners; letters,
check-ins and the digest.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from adapters.admin.dashboard import Place
from adapters.messages import File, IncomingMessage, Person, Scope
from bot import commands, group_scopes
from bot.cli import trend_tables
from bot.command import Context, Facts
from bot.companion import Companion
from bot.dashboard import DashboardSettings, StoredDashboard
from bot.digest import Digest, Rules
from bot.group_scopes import By
from bot.reaching_out import ReachingOut
from bot.servers import Servers
from storage.store import Store
from tests.fakes import FakeEngine, answer, chat_on, others_done, said
from tests.integration.bot.secret_words import Secret, read, said_back, secrets_in, text_of, word

IDS = {"ann": "1", "bob": "2"}
GROUPS = ("group", "other-group")
PLACES = ("alone", "group", "topic", "other-group")
OTHER = {"ann": "bob", "bob": "ann"}
TWO = 2
"""Here a group of two is told of, so that there is something to be searched."""

FACTS = Facts("tiny", mood_memory="on", history="on", min_people=TWO)
DAY = timedelta(days=1)

who_ = st.sampled_from(sorted(IDS))
says = st.tuples(
    st.just("says"), who_, st.sampled_from(PLACES), st.sampled_from(["Positive", "Negative"])
)
does = st.tuples(
    st.sampled_from(["renames", "shares", "unshares", "looks", "checks in", "corrects"]), who_
)
moves = st.tuples(st.just("moves"), st.sampled_from(GROUPS))
histories = st.lists(st.one_of(says, says, does, moves), min_size=3, max_size=14)

_numbers = itertools.count(1)


class Platform:
    """Telegram, as far as somebody is written to first."""

    can_reach = True

    def __init__(self) -> None:
        self.sent: list[tuple[Scope, str]] = []

    async def reach(self, scope: Scope, text: str, file: File | None = None) -> None:
        self.sent.append((scope, f"{text}\n{file.name if file else ''}\n{file and file.caption}"))


class World:
    """Two people on new ids of chats; what they do, one thing after the other."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.engine = FakeEngine()
        self.engine.leaning = lambda prompt: {prompt.messages[-2].content.rsplit(" ", 1)[-1]: 5.0}
        self.engine.reply = said_back
        self.chat = chat_on(self.engine, store)
        self.chats = {group: f"-{next(_numbers)}" for group in GROUPS}
        self.names = dict.fromkeys(IDS, "Sam")
        self.told: set[Secret] = set()
        self.shares: set[str] = set()
        self.looked_at: set[str] = set()

    def message(self, who: str, where: str, text: str) -> IncomingMessage:
        """Said now, under the name that the person has now."""
        chat = IDS[who] if where == "alone" else self.chats["group" if where == "topic" else where]
        return said(
            text,
            scope=Scope("telegram", chat, "5" if where == "topic" else ""),
            person=Person("telegram", IDS[who], self.names[who]),
            private=where == "alone",
            manages=where != "alone",
        )

    async def asks(self, who: str, where: str, text: str) -> str:
        """All that a command shows there."""
        asked = self.message(who, where, text)
        context = Context(self.store, self.engine, asked, "en", FACTS, servers=Servers(self.store))
        return text_of(await commands.run(context))

    async def says(self, who: str, where: str, mood: str) -> None:
        """A message is answered; the model reads only what was said in that place."""
        read_before = len(self.engine.scored), len(self.engine.streamed)
        text = f"{word(next(_numbers), who, where)} {mood}"
        await answer(self.chat, self.message(who, where, text))
        await others_done()
        prompts = [
            *self.engine.scored[read_before[0] :],
            *self.engine.streamed[read_before[1] :],
        ]
        assert prompts
        self.told.add(Secret(who, where))
        for secret in secrets_in("\n".join(map(read, prompts))):
            assert secret.where == where
            assert where != "alone" or secret.who == who

    async def does(self, what: str, who: str) -> None:
        other = OTHER[who]
        if what == "renames":
            self.names[who] = {"Sam": "Kim", "Kim": "Sam"}[self.names[who]]
        elif what == "shares":
            await self.asks(who, "alone", f"/privacy share telegram:{IDS[other]} yes")
            self.shares.add(who)
        elif what == "unshares":
            await self.asks(who, "alone", "/privacy unshare all")
            self.shares.discard(who)
        elif what == "looks":
            await self.looks(who)
        elif what == "checks in":
            await self.asks(who, "alone", "/checkin daily 20:00 UTC")
        else:
            listed = re.search(r"/mood correct (\d+)", await self.asks(who, "alone", CORRECT))
            if listed:
                await self.asks(who, "alone", f"{CORRECT} {listed[1]} negative")

    async def looks(self, who: str) -> None:
        """Without a grant somebody is as if they were not there."""
        other = OTHER[who]
        shown = await self.asks(who, "alone", f"/trend person telegram:{IDS[other]}")
        unknown = await self.asks(who, "alone", "/trend person telegram:999")
        assert secrets_in(shown) == set()
        if other in self.shares:
            self.looked_at.add(other)
            assert shown != unknown.replace("999", IDS[other])
        else:
            assert shown == unknown.replace("999", IDS[other])

    async def moves(self, group: str) -> None:
        """A group becomes a supergroup."""
        old, self.chats[group] = self.chats[group], f"-100{next(_numbers)}"
        await self.store.move_chat("telegram", old, self.chats[group])


CORRECT = "/mood correct"
COMMANDS = (
    *("/mood", "/mood why 365", CORRECT, "/help", "/privacy", "/privacy share", "/start"),
    *("/memory", "/checkin", "/trend 30", "/trend person", "/trend person telegram:1"),
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(folder=tmp_path) as store:
        yield store


@given(history=histories)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_private_words_are_shown_to_nobody_else_and_nowhere_else(
    store: Store, history: list[tuple[Any, ...]]
):
    for who in IDS:
        await store.forget("telegram", IDS[who])
    world = World(store)
    for what, *of in history:
        if what in ("says", "moves"):
            await getattr(world, what)(*of)
        else:
            await world.does(what, *of)
    await store._database.write(_two_days_pass)
    await _nothing_of_others_is_in_answers(world)
    await _nothing_is_in_what_admins_see(world)
    await _groups_are_told_of_their_own_messages_alone(world)
    await _nothing_is_in_what_is_sent_first(world)


def long_ago() -> datetime:
    """Before all that is said."""
    return datetime.now(UTC) - 9 * DAY


def _two_days_pass(connection: Connection) -> None:
    """The day that is not over counts in no group's trend."""
    for ago in (
        "UPDATE turns SET sent_at = datetime(sent_at, '-2 days') || '.000000'",
        "UPDATE labels SET said_on = date(said_on, '-2 days')",
    ):
        connection.exec_driver_sql(ago)


async def _nothing_of_others_is_in_answers(world: World) -> None:
    for who in IDS:
        for where in PLACES:
            for command in COMMANDS:
                shown = secrets_in(await world.asks(who, where, command))
                assert shown <= {Secret(who, where)}, (command, shown)
        assert not secrets_in(await world.asks(who, "group", "/export"))
        exported = secrets_in(await world.asks(who, "alone", "/export"))
        assert exported == {secret for secret in world.told if secret.who == who}


async def _nothing_is_in_what_admins_see(world: World) -> None:
    store, shown = world.store, []
    for by in By:
        parts = await group_scopes.trends(store, by, 30, TWO)
        shown += [print_(parts, 30) for print_ in trend_tables.PARTS.values()]
    companion = Companion()
    companion.ready(world.chat, store)
    dashboard = StoredDashboard(companion, DashboardSettings(min_people=TWO))
    places = [Place("telegram", "", chat) for chat in (*world.chats.values(), *IDS.values())]
    shown += [str(await dashboard.overview()), str(await dashboard.groups(1))]
    shown += [str(await dashboard.trend(place, 30)) for place in places]
    shown += [str(await dashboard.log(1)), str(await store.looks())]
    assert secrets_in("\n".join(shown)) == set()
    # A private chat is no group: not by its name either.
    for private in places[len(GROUPS) :]:
        assert await dashboard.trend(private, 30) is None
        assert await store.group_moods("telegram", "", long_ago(), private.chat) == []


async def _groups_are_told_of_their_own_messages_alone(world: World) -> None:
    """By their numbers: those of the labels of what was said there."""
    exports = [await world.store.export("telegram", IDS[who]) for who in IDS]
    for chat in world.chats.values():
        moods = await world.store.group_moods("telegram", "", long_ago(), chat)
        labels = [
            label["valence"]
            for kept in exports
            for place in kept["conversations"]
            if place["chat_id"] == chat and not place["private"]
            for turn in place["turns"]
            for label in turn["labels"]
        ]
        assert sum(mood.n for mood in moods) == len(labels)
        assert sum(mood.total for mood in moods) == pytest.approx(sum(labels))


async def _nothing_is_in_what_is_sent_first(world: World) -> None:
    """Check-ins and letters go to their person, the digest to its owner, and hold no words."""
    store, telegram = world.store, Platform()
    today = datetime.now(UTC).date()
    monday = datetime.combine(today + timedelta(days=7 - today.weekday()), time(8), UTC)
    evening = datetime.combine(today + DAY, time(20, 1), UTC)
    rules = Rules("telegram:9", None, "UTC", "en", TWO, None)
    await Digest(store, rules, {"telegram": telegram}).due(monday)

    async def everybody(person: Person) -> bool:
        return True

    kept, store._now = store._now, lambda: evening
    try:
        await ReachingOut(store, {"telegram": telegram}, everybody, clock=store._now).step()
    finally:
        store._now = kept
        await store._database.write(_unclaim)
    assert secrets_in("\n".join(text for _, text in telegram.sent)) == set()
    told = {scope.chat_id for scope, text in telegram.sent if "looked" in text}
    looked_at = world.looked_at | (world.shares & {"ann"})  # by a command of COMMANDS
    assert told == {IDS[who] for who in looked_at}
    assert {scope.chat_id for scope, _ in telegram.sent} <= {*IDS.values(), "9"}


def _unclaim(connection: Connection) -> None:
    """The next history has a digest of its own."""
    connection.exec_driver_sql("DELETE FROM notes WHERE key LIKE 'digest:%'")
