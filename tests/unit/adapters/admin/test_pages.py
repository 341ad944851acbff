"""What the pages say, in which language, and that nothing on them is taken for HTML."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from adapters.admin.dashboard import GroupLine, LogLine, Mood, Place
from adapters.base import Health
from tests.unit.adapters.admin.fake import TEXTS, FakeDashboard, browsing, enter

TREND = "/admin/trend?platform=telegram&server=&chat=-1001234567890"
EVIL = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
def dashboard() -> FakeDashboard:
    return FakeDashboard()


async def page(dashboard: FakeDashboard, path: str) -> str:
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        response = await browser.get(path)
    assert response.status_code == 200, response.text
    return response.text


def words(html: str) -> str:
    """What is read on a page."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(html)
    return " ".join(" ".join(found).split())


async def test_the_overview_tells_how_everything_is(dashboard):
    told = words(await page(dashboard, "/admin"))
    for sentence in (
        "Ready. Messages are being answered.",
        "People who wrote 35 or more",
        "Messages 1,284",
        "Failed 2",
        "Being answered 2 of 4",
        "Waiting 3 of 32",
        "Messages that sounded like danger fewer than 5",
    ):
        assert sentence in told


@pytest.mark.parametrize("state", ["ready", "loading", "broken"])
async def test_health_is_said_in_words_and_not_by_colour_alone(dashboard, state):
    dashboard.shown = replace(dashboard.shown, health=Health(state), people=None, crises=10)
    told = words(await page(dashboard, "/admin"))
    assert TEXTS["en"][f"health_{state}"] in told
    assert "People who wrote fewer than 5" in told
    assert "10 or more in the last 30 days" in told


async def test_each_group_has_its_word_or_too_few_people(dashboard):
    told = words(await page(dashboard, "/admin/groups"))
    assert "Server 900112233445566778 Discord rather bright brighter than before" in told
    assert "Channel 700112233445566771 Discord even steady" in told
    assert "Group -1001234567890 Telegram rather low lower than before" in told
    assert "Group -1009876543210 Telegram Too few people" in told
    assert "Server 800112233445566778 Discord Moods are turned off here" in told


async def test_a_trend_is_told_in_words_in_a_picture_and_in_a_table(dashboard):
    html = await page(dashboard, f"{TREND}&days=7")
    told = words(html)
    assert "On average it sounded bright rather than low. It has become brighter." in told
    assert "between +0.05 and +0.25" in told
    assert "Positive 45 % Neutral 35 % Negative 20 %" in told
    assert 'aria-labelledby="picture-name picture-words"' in html
    assert "−0.35 at first, +0.40 at last, between −0.35 and +0.40" in told
    assert html.count('class="dot"') == html.count('role="rowheader"') == 10
    assert 'days=7" aria-current="page"' in html


@pytest.mark.parametrize("days", [7, 30, 90])
async def test_every_window_can_be_asked_for(dashboard, days):
    assert f"days={days}" in await page(dashboard, f"{TREND}&days={days}")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("platform=telegram&chat=-1009876543210", "Too few people"),
        ("platform=discord&server=800112233445566778", "Moods are turned off here"),
    ],
)
async def test_where_nothing_may_be_told_it_says_so(dashboard, place, said):
    html = await page(dashboard, f"/admin/trend?{place}")
    assert said in words(html)
    assert "<table" not in html
    assert 'class="chart"' not in html


@pytest.mark.parametrize(
    "path",
    [
        "/admin/trend",
        "/admin/trend?platform=telegram&chat=1",
        "/admin/trend?platform=telegram&chat=-1001234567890&days=8",
        "/admin/trend?platform=telegram&chat=-1001234567890&days=-7",
        "/admin/groups?page=0",
        "/admin/groups?page=501",
        "/admin/log?page=x",
        "/admin/log?page=²",
        "/admin/log?page=" + "9" * 5000,
    ],
)
async def test_what_is_not_there_is_not_found(dashboard, path):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        response = await browser.get(path)
    assert response.status_code == 404
    assert "There is nothing here" in response.text


async def test_the_log_says_who_looked_at_what(dashboard):
    told = words(await page(dashboard, "/admin/log"))
    assert "2026-11-25 18:30:00 Dashboard Trend, 30 days telegram:-1001234567890" in told
    assert "Owner, on the machine Trends, 90 days Everything" in told
    assert "telegram:4411 One person's average, 30 days Somebody who was erased since" in told


async def test_long_lists_are_turned_over(dashboard):
    dashboard.more = True
    first = await page(dashboard, "/admin/log")
    assert 'rel="next" href="/admin/log?page=2"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="/admin/groups?page=1"' in await page(dashboard, "/admin/groups?page=2")


async def test_empty_lists_are_explained(dashboard):
    dashboard.lines, dashboard.looks = [], []
    assert "No groups yet" in await page(dashboard, "/admin/groups")
    assert "Nobody has looked yet" in await page(dashboard, "/admin/log")


async def test_a_name_is_never_taken_for_html(dashboard):
    place = Place(EVIL, EVIL, EVIL)
    dashboard.lines = [GroupLine(place, Mood("neutral", "unclear", 0.0)), GroupLine(place, "few")]
    dashboard.looks = [LogLine(dashboard.looks[0].at, EVIL, EVIL, EVIL)]
    dashboard.shown = replace(dashboard.shown, model=EVIL)
    for path in ("/admin", "/admin/groups", "/admin/log"):
        html = await page(dashboard, path)
        assert "<script" not in html
        assert EVIL in words(html)
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        asked = {"platform": EVIL, "server": EVIL, "chat": EVIL}
        for more in ({}, {"theme": "dark"}):
            response = await browser.get("/admin/trend", params=asked | more, follow_redirects=True)
            assert "<script" not in response.text
            assert EVIL in words(response.text)
