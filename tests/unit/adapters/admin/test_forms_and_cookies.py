"""What a form may be, and the flags of every cookie."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from adapters.admin import forms
from tests.unit.adapters.admin.fake import (
    FakeDashboard,
    assert_sealed,
    browsing,
    enter,
    form_token_of,
)


@pytest.fixture
def dashboard() -> FakeDashboard:
    return FakeDashboard()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 4097, "application/x-www-form-urlencoded", 413),
        (b"a=1&a=2", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(20)), "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"token=%ff", "application/x-www-form-urlencoded", 400),
        (b'{"token": 1}', "application/json", 415),
        (b"", "multipart/form-data; boundary=x", 415),
        (b"", "", 415),
    ],
)
async def test_a_form_is_read_within_limits(dashboard, body, kind, status):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        response = await browser.post(
            "/admin/sign-out", content=body, headers={"content-type": kind}
        )
    assert response.status_code == status
    assert_sealed(response)
    assert len(dashboard.sessions) == 1


async def test_a_form_without_end_is_refused_while_it_comes(dashboard):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    async with browsing(dashboard) as browser:
        response = await browser.post("/admin/sign-in", content=endless(), headers=kind)
    assert response.status_code == 413
    assert sent < 10


async def test_a_form_that_never_comes_is_given_up(dashboard, monkeypatch):
    monkeypatch.setattr(forms, "FORM_SECONDS", 0.01)

    async def stuck():
        yield b"t"
        await asyncio.Event().wait()

    kind = {"content-type": "application/x-www-form-urlencoded"}
    async with browsing(dashboard) as browser:
        response = await browser.post("/admin/sign-in", content=stuck(), headers=kind)
    assert response.status_code == 408


# --- cookies


def flags(response: httpx.Response, name: str) -> set[str]:
    (cookie,) = [c for c in response.headers.get_list("set-cookie") if c.startswith(f"{name}=")]
    return {part.strip().lower() for part in cookie.split(";")[1:]}


async def test_over_http_a_cookie_is_for_the_dashboard_alone(dashboard):
    async with browsing(dashboard) as browser:
        got = flags(await enter(browser, dashboard), "warmline-admin")
    assert got == {"httponly", "samesite=strict", "path=/admin", "max-age=28800"}


async def test_under_https_a_cookie_is_bound_to_its_host(dashboard):
    public = "https://warm.example.org"
    async with browsing(dashboard, base_url=public, public_url=public) as browser:
        response = await enter(browser, dashboard)
        got = flags(response, "__Host-warmline-admin")
        assert got == {"httponly", "samesite=strict", "path=/", "secure", "max-age=28800"}
        assert {"secure", "max-age=0"} <= flags(response, "__Host-warmline-admin-start")
        chosen = await browser.get("/admin?theme=dark")
        assert "secure" in flags(chosen, "__Host-warmline-theme")
        assert (await browser.get("/admin")).status_code == 200
        token = form_token_of(await browser.get("/admin"))
        left = await browser.post("/admin/sign-out", data={"token": token})
        assert {"secure", "max-age=0"} <= flags(left, "__Host-warmline-admin")


async def test_under_https_a_cookie_without_the_prefix_is_none(dashboard):
    public = "https://warm.example.org"
    async with browsing(dashboard, base_url=public, public_url=public) as browser:
        await enter(browser, dashboard)
        (session,) = dashboard.sessions
        browser.cookies.clear()
        browser.cookies.set("warmline-admin", session)
        assert (await browser.get("/admin")).status_code == 303


async def test_a_public_address_over_http_has_plain_cookies(dashboard):
    public = "http://warm.example.org"
    async with browsing(dashboard, base_url=public, public_url=public) as browser:
        got = flags(await enter(browser, dashboard), "warmline-admin")
    assert "secure" not in got
    assert {"httponly", "samesite=strict"} <= got
