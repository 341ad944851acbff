"""In which language and theme a page comes, how these are chosen; every sentence is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import adapters.admin
from adapters.admin.rendering import preferred
from tests.unit.adapters.admin.fake import TEXTS, FakeDashboard, browsing, enter

TREND = "/admin/trend?platform=telegram&server=&chat=-1001234567890"


@pytest.fixture
def dashboard() -> FakeDashboard:
    return FakeDashboard()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.5, zh;q=0.7", "zh"),
        ("fr, de;q=0.8", "en"),
        ("zh;q=0, fr", "en"),
        ("zh;q=x", "en"),
        (",;q=;,", "en"),
        ("ZH-hant-TW", "zh"),
        ("en, zh", "en"),
    ],
)
def test_the_browsers_language_is_the_first_there_is(header, language):
    assert preferred(header, TEXTS, "en") == language


async def test_the_page_says_which_language_it_is_in(dashboard):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        html = (await browser.get("/admin", headers={"accept-language": "zh-CN"})).text
    assert '<html lang="zh-Hans"' in html
    assert "不到 5" in html


async def test_without_a_wish_the_settings_language_is_spoken(dashboard):
    async with browsing(dashboard, language="zh") as browser:
        assert 'lang="zh-Hans"' in (await browser.get("/admin/sign-in")).text


async def test_a_choice_is_kept_and_leads_back_to_the_page(dashboard):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        chosen = await browser.get(f"{TREND}&days=7&language=zh&theme=dark")
        assert chosen.status_code == 303
        assert chosen.headers["location"] == f"{TREND}&days=7"
        html = (await browser.get("/admin")).text
    assert '<html lang="zh-Hans" data-theme="dark">' in html
    assert re.search(r'<a href="/admin\?theme=dark" aria-current="true">', html)


async def test_choosing_keeps_the_key_of_a_link(dashboard):
    link = dashboard.new_link()
    async with browsing(dashboard) as browser:
        chosen = await browser.get("/admin/sign-in", params={"key": link, "language": "zh"})
        assert chosen.headers["location"] == f"/admin/sign-in?key={link}"
        assert "欢迎回来" in (await browser.get(chosen.headers["location"])).text


@pytest.mark.parametrize("choice", ["theme=neon", "language=fr", "language=", "theme=%0d%0aX: 1"])
async def test_an_unknown_choice_changes_nothing(dashboard, choice):
    async with browsing(dashboard) as browser:
        response = await browser.get(f"/admin/sign-in?{choice}")
    assert response.status_code == 200
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("path", ["/admin//evil.example", "/admin/%0dLocation:x", "/admin/?a"])
async def test_a_choice_never_leads_elsewhere(dashboard, path):
    async with browsing(dashboard) as browser:
        response = await browser.get(f"{path}{'&' if '?' in path else '?'}theme=dark")
    assert response.headers["location"].startswith("/admin/")
    assert "\r" not in response.headers["location"]


async def test_a_cookie_that_chooses_nonsense_is_ignored(dashboard):
    async with browsing(dashboard) as browser:
        browser.cookies.set("warmline-theme", "x")
        browser.cookies.set("warmline-language", "x")
        html = (await browser.get("/admin/sign-in")).text
    assert '<html lang="en" data-theme="auto">' in html


@pytest.mark.parametrize("language", TEXTS)
def test_every_sentence_of_the_dashboard_is_said_on_a_page(language):
    folder = Path(str(adapters.admin.__file__)).parent
    files = [*folder.glob("*.py"), *folder.glob("templates/*.html")]
    sources = "".join(file.read_text(encoding="utf-8") for file in files)
    said = set(re.findall(r"[\"']([a-z_]+)[\"']", sources))
    made = {
        "failure_": r"{}(_help)?",
        "health_": r"{}(ready|loading|broken)(_about)?",
        "theme_": r"{}(auto|light|dark)",
        "feeling_|share_": r"(feeling|share)_(positive|neutral|negative)",
        "direction_": r"{}(rising|falling|steady|unclear)",
        "lead_": r"{}(rising|falling|steady|unclear|positive|neutral|negative)",
        "place_": r"{}(server|channel|group)",
        "who_|about_|look_": r"(who|about|look)_[a-z]+",
    }
    patterns = [p.format(k + "[a-z_]+" if k == "failure_" else k) for k, p in made.items()]
    unsaid = {
        key
        for key in TEXTS[language]
        if key not in said and not any(re.fullmatch(p, key) for p in patterns)
    }
    assert unsaid == set()
    simple = set(re.findall(r"say\([\"']([a-z_]+)[\"'][,)]", sources))
    assert simple <= TEXTS[language].keys()
