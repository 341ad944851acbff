"""The dashboard on a real SQLite file: what it tells, what it notes, which keys open it."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.admin.dashboard import Mood, NotReady, Place, Trend
from adapters.messages import Person, Scope
from bot import admin_keys
from bot.companion import Companion
from bot.config import Settings
from bot.config_platforms import HttpSettings
from bot.config_sections import CompanionSettings
from bot.dashboard import DashboardSettings, StoredDashboard
from bot.platforms import adapters_of
from storage.store import Store
from tests.fakes import FakeEngine, chat_on, felt

SERVER, CHANNEL, QUIET = (
    Place("discord", "900", ""),
    Place("discord", "900", "10"),
    Place("discord", "900", "11"),
)
GROUP = Place("telegram", "", "-100123")
FIVE = ("1", "2", "3", "4", "5")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(f"sqlite:///{tmp_path / 'warmline.sqlite3'}") as store:
        yield store


@pytest.fixture
def dashboard(store: Store) -> StoredDashboard:
    companion = Companion()
    companion.ready(chat_on(FakeEngine(), store), store)
    return StoredDashboard(companion, DashboardSettings())


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def say_in(
    store: Store, place: Place, valence: float, people: Sequence[str] = FIVE, **more: Any
) -> None:
    """A message of each, the day before yesterday, from people who let moods be kept."""
    for user in people:
        where: dict[str, Any] = {"scope": Scope(place.platform, place.chat), "server": place.server}
        person = Person(place.platform, user)
        await felt(store, valence, days_ago=2, private=False, person=person, **where, **more)
        await store.set_mood_memory(place.platform, user, "on")


async def noted(store: Store) -> list[tuple[str, str, str]]:
    return [(look.who, look.what, look.about) for look in await store.looks()]


# --- keys


async def test_a_link_becomes_one_session_however_many_ask_at_once(store, dashboard):
    key = await admin_keys.new_link_key(store)
    sessions = await asyncio.gather(*(dashboard.sign_in(key) for _ in range(8)))
    (session,) = [session for session in sessions if session]
    assert await dashboard.admits(session)
    assert await dashboard.sign_in(key) is None
    await dashboard.sign_out(session)
    assert not await dashboard.admits(session)
    assert await noted(store) == [("dashboard", "left", ""), ("dashboard", "entered", "")]


async def test_a_link_and_a_session_end_by_themselves(store, dashboard, monkeypatch):
    kept = await admin_keys.new_link_key(store)
    monkeypatch.setattr(admin_keys, "LINK_MINUTES", -1)
    monkeypatch.setattr(admin_keys, "SESSION_HOURS", -1)
    assert await dashboard.sign_in(await admin_keys.new_link_key(store)) is None
    session = await dashboard.sign_in(kept)
    assert session is not None
    assert not await dashboard.admits(session)


async def test_a_link_is_no_session_and_a_session_no_link(store, dashboard):
    key = await admin_keys.new_link_key(store)
    assert not await dashboard.admits(key)
    session = await dashboard.sign_in(key)
    assert session is not None
    assert await dashboard.sign_in(session) is None
    assert not await dashboard.admits(secrets.token_urlsafe(32))


async def test_neither_link_nor_session_is_in_any_byte_of_the_files(store, dashboard, tmp_path):
    key = await admin_keys.new_link_key(store)
    session = await dashboard.sign_in(key)
    files = b"".join(file.read_bytes() for file in tmp_path.glob("warmline.sqlite3*"))
    assert files
    assert key.encode() not in files
    assert session is not None
    assert session.encode() not in files


async def test_before_the_memory_is_open_nothing_is_told():
    closed = StoredDashboard(Companion(), DashboardSettings())
    for asked in (closed.admits("x"), closed.sign_in("x"), closed.overview(), closed.log(1)):
        with pytest.raises(NotReady):
            await asked


# --- what is told


async def test_people_and_crises_below_five_are_not_told_apart(store, dashboard):
    empty = await dashboard.overview()
    assert (empty.people, empty.crises, empty.messages) == (None, None, 0)
    await say_in(store, GROUP, 0.5, FIVE[:4])
    for number in range(4):
        await store.note_crisis("telegram", str(number % 4 + 1), "self", datetime.now(UTC))
    few = await dashboard.overview()
    assert (few.people, few.crises, few.messages, few.answered) == (None, None, 4, 4)
    await say_in(store, CHANNEL, 0.5, FIVE)
    for user in FIVE:
        await store.note_crisis("discord", user, "self", datetime.now(UTC))
    more = await dashboard.overview()
    assert (more.people, more.crises, more.groups) == (5, 5, 2)
    assert (more.model, more.health.state) == ("fake-1b", "ready")


async def test_a_group_has_a_word_and_too_small_a_one_has_none(store, dashboard):
    await say_in(store, CHANNEL, 0.6)
    await say_in(store, QUIET, -0.9, FIVE[:4], message_id="quiet")
    await say_in(store, GROUP, -0.5)
    page = await dashboard.groups(1)
    told = {line.place: line.mood for line in page.lines}
    assert [line.place for line in page.lines] == [SERVER, CHANNEL, QUIET, GROUP]
    assert told[QUIET] == "few"
    assert told[GROUP] == Mood("negative", "unclear", -0.5)
    # The four of the small channel are not in the server's word either.
    assert told[SERVER] == told[CHANNEL] == Mood("positive", "unclear", 0.6)
    assert (await dashboard.groups(2)).lines == []


async def test_a_trend_is_the_groups_own(store, dashboard):
    await say_in(store, CHANNEL, 0.6)
    page = await dashboard.trend(CHANNEL, 7)
    assert page is not None
    assert isinstance(page.trend, Trend)
    assert (page.trend.mood.mean, page.trend.people, page.trend.shares) == (0.6, 5, (100, 0, 0))
    assert len(page.trend.stretches) == 1


@pytest.mark.parametrize(
    "place",
    [
        Place("discord", "900", "99"),
        Place("discord", "", "10"),
        Place("telegram", "900", "10"),
        Place("telegram", "", ""),
        Place("", "", ""),
        Place("telegram", "", "1"),
    ],
)
async def test_what_is_no_group_cannot_be_asked_for(store, dashboard, place):
    await say_in(store, CHANNEL, 0.6)
    await felt(store, 0.9, scope=Scope("telegram", "1"), person=Person("telegram", "1"))
    assert await dashboard.trend(place, 30) is None
    assert await noted(store) == []


async def test_what_is_said_in_private_is_in_no_page(store, dashboard):
    for user in FIVE:
        person = Person("telegram", user)
        await felt(store, 0.9, days_ago=2, scope=Scope("telegram", user), person=person)
        await store.set_mood_memory("telegram", user, "on")
    assert (await dashboard.groups(1)).lines == []


async def test_where_managers_turned_moods_off_none_are_shown(store, dashboard):
    await say_in(store, CHANNEL, 0.6)
    await store.set_server_settings("discord", "900", {"moods": "off"})
    assert [line.mood for line in (await dashboard.groups(1)).lines] == ["off", "off"]
    page = await dashboard.trend(CHANNEL, 30)
    assert page is not None
    assert page.trend == "off"


async def test_every_look_is_in_the_log_newest_first(store, dashboard):
    await say_in(store, CHANNEL, 0.6)
    await dashboard.overview()
    await dashboard.groups(1)
    await dashboard.trend(SERVER, 90)
    await dashboard.trend(CHANNEL, 7)
    page = await dashboard.log(1)
    assert [(line.who, line.what, line.about) for line in page.lines] == [
        ("dashboard", "trend 7", "discord:10"),
        ("dashboard", "trend 90", "discord:server:900"),
        ("dashboard", "groups 30", "all"),
        ("dashboard", "overview", "all"),
    ]
    assert not page.more


async def test_a_look_that_cannot_be_noted_is_not_given(store, dashboard, monkeypatch):
    async def full(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    await say_in(store, CHANNEL, 0.6)
    monkeypatch.setattr(store, "note_look", full)
    for asked in (dashboard.overview(), dashboard.groups(1), dashboard.trend(CHANNEL, 7)):
        with pytest.raises(OSError, match="full"):
            await asked


async def test_the_log_is_turned_over(store, dashboard):
    for number in range(60):
        await store.note_look("owner", f"trend {number}", "all")
    first, second = await dashboard.log(1), await dashboard.log(2)
    assert (len(first.lines), first.more) == (50, True)
    assert (len(second.lines), second.more) == (10, False)
    assert second.lines[-1].what == "trend 0"


# --- where it is


async def test_serving_over_http_serves_the_dashboard_as_the_settings_say(store, free_port):
    public = "https://warm.example.org"
    http = HttpSettings(port=free_port, public_url=public)
    settings = Settings(http=http, companion=CompanionSettings(language="zh"))
    companion = Companion()
    (adapter,) = adapters_of(settings, companion)
    serving = asyncio.create_task(adapter.run(companion.handle))
    here = f"http://127.0.0.1:{free_port}"
    waits = httpx.AsyncHTTPTransport(retries=8)  # nobody listens yet
    name = {"host": "warm.example.org"}
    async with httpx.AsyncClient(base_url=here, headers=name, transport=waits) as browser:
        assert 'lang="zh-Hans"' in (await browser.get("/admin/sign-in")).text
        key = {"key": await admin_keys.new_link_key(store)}
        page = await browser.get("/admin/sign-in", params=key)
        assert "Secure" in page.headers["set-cookie"]
        # Over plain http a client keeps such cookies to itself; a browser behind a proxy would not.
        cookie = {"cookie": page.headers["set-cookie"].partition(";")[0]}
        form = key | {"token": page.text.partition('name="token" value="')[2].partition('"')[0]}
        early = await browser.post("/admin/sign-in", data=form, headers=cookie)
        assert early.status_code == 503
        companion.ready(chat_on(FakeEngine(), store), store)
        entered = await browser.post("/admin/sign-in", data=form, headers=cookie)
        assert entered.status_code == 303
        session = entered.headers["set-cookie"].partition(";")[0]
        assert session.startswith("__Host-warmline-admin=")
        assert "fake-1b" in (await browser.get("/admin", headers={"cookie": session})).text
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
