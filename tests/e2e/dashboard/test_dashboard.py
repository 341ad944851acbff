"""The dashboard as its reader has it: in Chromium, by keyboard, on a phone, seen or read aloud."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page

from tests.e2e.dashboard.served import FEW, OFF, TREND, Served

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],
}
WIDE, PHONE = (1200, 860), (360, 780)
LOOKS = [
    ("light", "en-US", WIDE),
    ("dark", "en-US", WIDE),
    ("light", "zh-CN", WIDE),
    ("dark", "zh-CN", WIDE),
    ("light", "en-US", PHONE),
    ("dark", "zh-CN", PHONE),
]
OPEN = {"sign-in": "/admin/sign-in", "no-good": "/admin/sign-in?key=nonsense"}
CLOSED = {
    "overview": "/admin",
    "groups": "/admin/groups",
    "trend": TREND,
    "trend-90": f"{TREND}&days=90",
    "few": FEW,
    "off": OFF,
    "log": "/admin/log",
    "not-found": "/admin/nothing",
}
EMPTY = {"empty-overview": "/admin", "empty-groups": "/admin/groups", "empty-log": "/admin/log"}


@asynccontextmanager
async def opened(
    browser: Browser,
    warmline: Served,
    scheme: Any = "light",
    locale: str = "en-US",
    size: tuple[int, int] = WIDE,
    *,
    javascript: bool = True,
) -> AsyncIterator[Page]:
    """A page in a browser of its own; it asks only our server, and the console stays empty."""
    context: BrowserContext = await browser.new_context(
        base_url=warmline.url,
        color_scheme=scheme,
        locale=locale,
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=javascript,
    )
    page = await context.new_page()
    asked: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    yield page
    await context.close()
    # That a page answers 403 or 404 is told on the console too.
    assert [text for text in troubles if "server responded with a status" not in text] == []
    assert all(url.startswith((warmline.url, "data:")) for url in asked), asked


async def sign_in(page: Page, warmline: Served) -> None:
    await page.goto(await warmline.link())
    await page.locator("main button").click()
    await page.wait_for_url("**/admin")


async def follow(page: Page, link: str) -> None:
    """Click a link and wait until the next page is wholly there, its stylesheet too."""
    async with page.expect_navigation(wait_until="load"):
        await page.get_by_role("link", name=link).click()


async def assert_sound(page: Page, name: str) -> None:
    """Readable for everybody, as far as axe can tell, and nothing reaches over the edge."""
    found = (await Axe().run(page, options=RULES)).response
    # What axe cannot decide counts too, but for the words in the picture: it does not look behind
    # drawn text, which has the colours of the caption below it.
    told = [
        (rule["id"], node["html"])
        for rule in (*found["violations"], *found["incomplete"])
        for node in rule["nodes"]
        if rule["id"] != "color-contrast" or not node["html"].startswith("<text")
    ]
    assert told == [], name
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) == 0, name
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("scheme", "locale", "size"), LOOKS)
async def test_every_page_meets_wcag_aa(browser, lively, new, scheme, locale, size):
    name = f"{scheme}-{locale[:2]}-{size[0]}"
    async with opened(browser, lively, scheme, locale, size) as page:
        for what, path in OPEN.items():
            await page.goto(path)
            await assert_sound(page, f"{what}-{name}")
        await page.goto(await lively.link())
        await assert_sound(page, f"enter-{name}")
        await sign_in(page, lively)
        for what, path in CLOSED.items():
            await page.goto(path)
            await assert_sound(page, f"{what}-{name}")
    async with opened(browser, new, scheme, locale, size) as page:
        await sign_in(page, new)
        for what, path in EMPTY.items():
            await page.goto(path)
            await assert_sound(page, f"{what}-{name}")


async def test_all_of_it_works_without_javascript_and_by_keyboard(browser, lively):
    async with opened(browser, lively, javascript=False) as page:
        # Each page is waited for whole: a style sheet given up on the way counts as a trouble.
        await page.goto(await lively.link())
        await page.keyboard.press("Tab")
        assert await page.locator(".skip").evaluate("e => e === document.activeElement")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/admin")
        await page.get_by_role("link", name="Groups").press("Enter")
        await page.wait_for_url("**/admin/groups")
        await page.get_by_role("link", name="Server 900").press("Enter")
        await page.wait_for_url("**/admin/trend?**")
        await page.get_by_role("link", name="7 days").press("Enter")
        await page.wait_for_url("**&days=7")
        assert await page.get_by_role("img", name="How it moved").is_visible()
        await page.get_by_role("link", name="Audit log").press("Enter")
        await page.wait_for_url("**/admin/log")  # the page before has a table too
        first = page.get_by_role("row").nth(1)
        assert "Trend, 7 days" in await first.inner_text()
        assert "discord:server:900" in await first.inner_text()
        await page.get_by_role("button", name="Sign out").press("Enter")
        await page.wait_for_url("**/admin/sign-in")
        await page.goto("/admin/log")
        assert page.url.endswith("/admin/sign-in")


async def test_a_link_opens_one_browser_and_no_second(browser, lively):
    link = await lively.link()
    async with opened(browser, lively) as first, opened(browser, lively) as second:
        for page in (first, second):
            await page.goto(link)
        for page in (first, second):
            await page.locator("main button").click()
        await first.wait_for_url("**/admin")
        assert await first.get_by_role("heading", name="Overview").is_visible()
        assert await second.get_by_role("alert").is_visible()
        await second.goto("/admin")
        assert second.url.endswith("/admin/sign-in")


async def test_the_session_is_a_cookie_that_no_script_and_no_other_site_sees(browser, lively):
    async with opened(browser, lively) as page:
        await sign_in(page, lively)
        (cookie,) = await page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (
            True,
            "Strict",
            "/admin",
        )
        assert await page.evaluate("document.cookie") == ""


async def test_theme_and_language_are_the_devices_until_they_are_chosen(browser, lively):
    ground = "getComputedStyle(document.body).backgroundColor"
    async with opened(browser, lively, "dark", "zh-CN") as page:
        await page.goto("/admin/sign-in")
        assert await page.get_by_role("heading", name="登录").is_visible()
        dark = await page.evaluate(ground)
        await follow(page, "浅色")
        assert await page.evaluate(ground) != dark
        await follow(page, "English")
        assert await page.get_by_role("heading", name="Sign in").is_visible()
        await sign_in(page, lively)
        assert await page.get_by_role("link", name="Light").get_attribute("aria-current") == "true"
        assert await page.evaluate(ground) != dark
        await follow(page, "As the device")
        assert await page.evaluate(ground) == dark


@pytest.mark.parametrize("path", [*CLOSED.values()])
async def test_nothing_reaches_over_the_edge_at_the_narrowest(browser, lively, path):
    async with opened(browser, lively, size=(320, 600)) as page:
        await sign_in(page, lively)
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == 320
