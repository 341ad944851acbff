"""A dashboard that is told what to show, and a browser that calls it without a socket."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from adapters.admin.app import admin_app
from adapters.admin.attempts import Attempts
from adapters.admin.dashboard import (
    GroupLine,
    GroupPage,
    LogLine,
    LogPage,
    Mood,
    Overview,
    Place,
    Stretch,
    Trend,
    TrendPage,
)
from adapters.admin.guards import HEADERS
from adapters.base import Health
from adapters.http_app import build_app
from bot.texts.sentences import LANGUAGES, section_of
from tests.unit.adapters.fake import ANSWER, ScriptedHandler
from tests.unit.adapters.http_client import LABELS

TEXTS = {language: section_of(language, "admin") for language in LANGUAGES}
LOCAL = "http://127.0.0.1:5000"
FORM_TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
SERVER = Place("discord", "900112233445566778", "")
GROUP = Place("telegram", "", "-1001234567890")
FEW = Place("telegram", "", "-1009876543210")
OFF = Place("discord", "800112233445566778", "")
TODAY = date(2026, 11, 25)
OVERVIEW = Overview(
    health=Health("ready"),
    model="qwen2.5-coder-1.5b",
    answering=2,
    places=4,
    waiting=3,
    longest=32,
    days=7,
    people=35,
    messages=1284,
    answered=1276,
    failed=2,
    unanswered=3,
    groups=4,
    crisis_days=30,
    crises=None,
)


def a_trend(days: int) -> Trend:
    """Ten points, brightening, with a gap of ten days where the window is long enough."""
    first = TODAY - timedelta(days=days)
    means = (-0.35, -0.3, -0.2, -0.25, -0.05, 0.0, 0.15, 0.1, 0.3, 0.4)
    gap = 10 if days > 20 else 0
    apart = (days - 2 - gap) / 9
    ends = [first + timedelta(days=int(apart * n + (gap if n > 5 else 0))) for n in range(10)]
    return Trend(
        first=first,
        last=ends[-1],
        mood=Mood("positive", "rising", 0.15),
        low=0.05,
        high=0.25,
        people=15,
        messages=430,
        shares=(45, 35, 20),
        stretches=[
            Stretch(end - timedelta(days=n % 3), end, mean, mean - 0.15, min(mean + 0.2, 1))
            for n, (end, mean) in enumerate(zip(ends, means, strict=True))
        ],
    )


class FakeDashboard:
    """Links, sessions and looks in memory. `shown` may be replaced; `broken` is raised."""

    def __init__(self) -> None:
        self.links: set[str] = set()
        self.sessions: set[str] = set()
        self.asked: list[str] = []
        self.tried: list[str] = []
        self.shown = OVERVIEW
        self.lines: list[GroupLine] = [
            GroupLine(OFF, "off"),
            GroupLine(SERVER, Mood("positive", "rising", 0.2)),
            GroupLine(replace(SERVER, chat="700112233445566771"), Mood("neutral", "steady", 0.0)),
            GroupLine(replace(SERVER, chat="700112233445566772"), "few"),
            GroupLine(GROUP, Mood("negative", "falling", -0.3)),
            GroupLine(FEW, "few"),
        ]
        at = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
        looks = [
            ("dashboard", "trend 30", "telegram:-1001234567890"),
            ("owner", "trends 90", "all"),
            ("discord:552233445566778899", "trend 7", "discord:server:900112233445566778"),
            ("telegram:4411", "person 30", "someone"),
            ("dashboard", "entered", ""),
        ]
        self.looks = [LogLine(at - timedelta(hours=n), *look) for n, look in enumerate(looks)]
        self.more = False
        self.broken: Exception | None = None

    def new_link(self) -> str:
        link = secrets.token_urlsafe(32)
        self.links.add(link)
        return link

    async def sign_in(self, key: str) -> str | None:
        self._ask("sign_in")
        self.tried.append(key)
        await asyncio.sleep(0)  # a real memory takes its time too
        if key not in self.links:
            return None
        self.links.remove(key)
        session = secrets.token_urlsafe(32)
        self.sessions.add(session)
        return session

    async def admits(self, session: str) -> bool:
        return session in self.sessions

    async def sign_out(self, session: str) -> None:
        self.sessions.discard(session)

    async def overview(self) -> Overview:
        self._ask("overview")
        return self.shown

    async def groups(self, page: int) -> GroupPage:
        self._ask("groups")
        return GroupPage(self.lines if page == 1 else [], 30, 5, self.more)

    async def trend(self, place: Place, days: int) -> TrendPage | None:
        self._ask("trend")
        found = {line.place: line.mood for line in self.lines}.get(place)
        if found is None:
            return None
        return TrendPage(place, days, 5, a_trend(days) if isinstance(found, Mood) else found)

    async def log(self, page: int) -> LogPage:
        self._ask("log")
        return LogPage(self.looks if page == 1 else [], self.more)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.broken:
            raise self.broken


@asynccontextmanager
async def browsing(
    dashboard: FakeDashboard,
    *,
    token: str | None = None,
    base_url: str = LOCAL,
    public_url: str = "",
    attempts: Attempts | None = None,
    client: tuple[str, int] = ("127.0.0.1", 123),
    language: str = "en",
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a cookie jar of its own."""
    admin = admin_app(
        dashboard, TEXTS, "1.2.3", public_url=public_url, attempts=attempts, language=language
    )
    handler = ScriptedHandler(*ANSWER)
    app = build_app(handler, token, lambda: Health("ready"), "1.2.3", LABELS, admin=admin)
    transport = httpx.ASGITransport(app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as browser:
        yield browser


def form_token_of(page: httpx.Response) -> str:
    found = FORM_TOKEN.search(page.text)
    assert found, page.text
    return found[1]


async def open_link(browser: httpx.AsyncClient, key: str) -> dict[str, Any]:
    """What the button of a link's page sends."""
    page = await browser.get("/admin/sign-in", params={"key": key})
    assert page.status_code == 200, page.text
    return {"key": key, "token": form_token_of(page)}


async def enter(browser: httpx.AsyncClient, dashboard: FakeDashboard) -> httpx.Response:
    """Sign in by a new link."""
    form = await open_link(browser, dashboard.new_link())
    response = await browser.post("/admin/sign-in", data=form)
    assert response.status_code == 303, response.text
    return response


def assert_sealed(response: httpx.Response) -> None:
    """It carries every header once, as it should be."""
    for name, value in HEADERS.items():
        assert response.headers.get_list(name) == [value], (response.url, name)
