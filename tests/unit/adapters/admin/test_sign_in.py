"""The way in and the way out: one link, one session, one browser."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from adapters.admin.attempts import MOST, SECONDS, Attempts
from tests.unit.adapters.admin.fake import (
    FakeDashboard,
    browsing,
    enter,
    form_token_of,
    open_link,
)

COOKIE = "warmline-admin"
CLOSED = ["/admin", "/admin/", "/admin/groups", "/admin/trend", "/admin/log"]


@pytest.fixture
def dashboard() -> FakeDashboard:
    return FakeDashboard()


@pytest.mark.parametrize("path", CLOSED)
async def test_every_page_leads_a_stranger_to_the_sign_in(dashboard, path):
    async with browsing(dashboard) as browser:
        response = await browser.get(path)
    assert (response.status_code, response.headers["location"]) == (303, "/admin/sign-in")
    assert dashboard.asked == []


async def test_the_sign_in_page_names_the_command(dashboard):
    async with browsing(dashboard) as browser:
        response = await browser.get("/admin/sign-in")
    assert response.status_code == 200
    assert "warmline admin-link" in response.text
    assert "set-cookie" not in response.headers


async def test_a_link_opens_the_pages(dashboard):
    async with browsing(dashboard) as browser:
        response = await enter(browser, dashboard)
        assert response.headers["location"] == "/admin"
        assert [(await browser.get(path)).status_code for path in ("/admin", "/admin/log")] == [
            200,
            200,
        ]


async def test_a_signed_in_browser_need_not_sign_in(dashboard):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        response = await browser.get("/admin/sign-in")
    assert response.headers["location"] == "/admin"


async def test_looking_at_a_link_does_not_spend_it(dashboard):
    link = dashboard.new_link()
    async with browsing(dashboard) as preview:
        for method in ("GET", "HEAD", "GET"):
            await preview.request(method, "/admin/sign-in", params={"key": link})
    assert dashboard.tried == []
    assert link in dashboard.links


async def test_a_link_works_once(dashboard):
    link = dashboard.new_link()
    async with browsing(dashboard) as first, browsing(dashboard) as second:
        form = await open_link(first, link)
        other = await open_link(second, link)
        assert (await first.post("/admin/sign-in", data=form)).status_code == 303
        response = await second.post("/admin/sign-in", data=other)
        assert response.status_code == 403
        assert "used already" in response.text
        assert COOKIE not in second.cookies


@pytest.mark.parametrize(
    "key", ["short", "x" * 44, "é" * 43, "a b", "a key that is too long by two bytes, or by 1"]
)
async def test_what_cannot_be_a_key_is_not_even_looked_up(dashboard, key):
    async with browsing(dashboard) as browser:
        assert (await browser.get("/admin/sign-in", params={"key": key})).status_code == 403
        form = await open_link(browser, dashboard.new_link())
        response = await browser.post("/admin/sign-in", data={**form, "key": key})
    assert response.status_code == 403
    assert dashboard.tried == []


async def test_guessing_is_slowed_down_for_the_one_who_guesses(dashboard):
    now = [1000.0]
    attempts = Attempts(clock=lambda: now[0])
    async with (
        browsing(dashboard, attempts=attempts) as guesser,
        browsing(dashboard, attempts=attempts, client=("127.0.0.2", 1)) as owner,
    ):
        form = await open_link(guesser, secrets.token_urlsafe(32))
        statuses = []
        for _ in range(MOST + 2):
            form["key"] = secrets.token_urlsafe(32)
            statuses.append((await guesser.post("/admin/sign-in", data=form)).status_code)
        assert statuses == [403] * MOST + [429, 429]
        assert len(dashboard.tried) == MOST

        form["key"] = dashboard.new_link()
        waiting = await guesser.post("/admin/sign-in", data=form)
        assert waiting.headers["retry-after"] == str(int(SECONDS))
        assert "Too many tries" in waiting.text
        await enter(owner, dashboard)

        now[0] += SECONDS
        assert (await guesser.post("/admin/sign-in", data=form)).status_code == 303


def test_the_memory_of_failures_is_bounded():
    attempts = Attempts()
    for number in range(5000):
        attempts.begun(str(number))
    assert len(attempts._failures) == 1024


async def test_guessing_at_once_is_no_way_around(dashboard):
    async with browsing(dashboard) as guesser:
        form = await open_link(guesser, secrets.token_urlsafe(32))
        forms = [form | {"key": secrets.token_urlsafe(32)} for _ in range(4 * MOST)]
        answers = await asyncio.gather(*(guesser.post("/admin/sign-in", data=f) for f in forms))
    assert len(dashboard.tried) == MOST
    assert sorted({answer.status_code for answer in answers}) == [403, 429]


async def test_good_links_never_make_anybody_wait(dashboard):
    async with browsing(dashboard) as browser:
        for _ in range(MOST + 2):
            await enter(browser, dashboard)


async def test_a_session_that_was_planted_is_not_the_one_that_begins(dashboard):
    planted = secrets.token_urlsafe(32)
    async with browsing(dashboard) as browser:
        browser.cookies.set(COOKIE, planted)
        assert (await browser.get("/admin")).status_code == 303
        response = await enter(browser, dashboard)
    assert planted not in response.headers["set-cookie"]
    assert planted not in dashboard.sessions
    assert len(dashboard.sessions) == 1


async def test_signing_in_again_ends_the_session_before(dashboard):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        before = set(dashboard.sessions)
        await enter(browser, dashboard)
    assert len(dashboard.sessions) == 1
    assert dashboard.sessions.isdisjoint(before)


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(dashboard):
    async with browsing(dashboard) as browser, browsing(dashboard) as thief:
        await enter(browser, dashboard)
        copy = browser.cookies[COOKIE]
        token = form_token_of(await browser.get("/admin"))
        response = await browser.post("/admin/sign-out", data={"token": token})
        assert response.headers["location"] == "/admin/sign-in"
        assert COOKIE not in browser.cookies
        thief.cookies.set(COOKIE, copy)
        assert (await thief.get("/admin")).status_code == 303
    assert dashboard.sessions == set()


async def test_a_session_that_is_over_is_taken_from_the_browser(dashboard):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        dashboard.sessions.clear()
        response = await browser.get("/admin/log")
        assert response.headers["location"] == "/admin/sign-in"
        assert COOKIE not in browser.cookies


# --- forms of others


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "\u0000"])
async def test_a_form_without_its_token_does_nothing(dashboard, token):
    sent = {"other": "1"} if token is None else {"token": token}
    async with browsing(dashboard) as browser:
        form = await open_link(browser, dashboard.new_link())
        del form["token"]
        entering = await browser.post("/admin/sign-in", data=form | sent)
        await enter(browser, dashboard)
        leaving = await browser.post("/admin/sign-out", data=sent)
    assert (entering.status_code, leaving.status_code) == (403, 403)
    assert len(dashboard.sessions) == 1
    assert len(dashboard.links) == 1


async def test_a_form_of_another_browser_does_nothing(dashboard):
    async with browsing(dashboard) as browser, browsing(dashboard) as other:
        form = await open_link(other, dashboard.new_link())
        await open_link(browser, secrets.token_urlsafe(32))
        assert (await browser.post("/admin/sign-in", data=form)).status_code == 403
        assert len(dashboard.links) == 1

        await enter(browser, dashboard)
        await enter(other, dashboard)
        token = form_token_of(await other.get("/admin"))
        response = await browser.post("/admin/sign-out", data={"token": token})
    assert response.status_code == 403
    assert len(dashboard.sessions) == 2


async def test_the_sign_in_forms_token_is_not_the_sessions(dashboard):
    async with browsing(dashboard) as browser:
        form = await open_link(browser, dashboard.new_link())
        await browser.post("/admin/sign-in", data=form)
        response = await browser.post("/admin/sign-out", data={"token": form["token"]})
    assert response.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_that_another_site_sends_does_nothing(dashboard, site):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        token = form_token_of(await browser.get("/admin"))
        response = await browser.post(
            "/admin/sign-out", data={"token": token}, headers={"sec-fetch-site": site}
        )
    assert response.status_code == 403
    assert len(dashboard.sessions) == 1


async def test_signing_out_is_no_link(dashboard):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        assert (await browser.get("/admin/sign-out")).status_code == 404
    assert len(dashboard.sessions) == 1
