"""What stands before every page: headers, Hosts, the door between dashboard and chat."""

from __future__ import annotations

import pytest

from adapters.admin.dashboard import NotReady
from tests.unit.adapters.admin.fake import FakeDashboard, assert_sealed, browsing, enter, open_link

TOKEN = "a-long-random-token"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def dashboard() -> FakeDashboard:
    return FakeDashboard()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/admin/sign-in", 200),
        ("HEAD", "/admin/sign-in", 200),
        ("GET", "/admin/style.css", 200),
        ("GET", "/admin", 303),
        ("GET", "/admin/sign-in?key=nonsense", 403),
        ("GET", "/admin/sign-in?theme=dark", 303),
        ("GET", "/admin/nothing", 404),
        ("POST", "/admin", 405),
        ("DELETE", "/admin/log", 405),
        ("POST", "/admin/sign-in", 415),
        ("TRACE", "/admin/style.css", 405),
    ],
)
async def test_every_answer_carries_the_headers(dashboard, method, path, status):
    async with browsing(dashboard) as browser:
        response = await browser.request(method, path)
    assert response.status_code == status
    assert_sealed(response)


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("secret"), 500), (NotReady(), 503)])
async def test_failures_carry_the_headers_and_tell_nothing(dashboard, error, status, caplog):
    async with browsing(dashboard) as browser:
        await enter(browser, dashboard)
        dashboard.broken = error
        response = await browser.get("/admin")
    assert response.status_code == status
    assert_sealed(response)
    assert "secret" not in response.text + caplog.text


async def test_nothing_can_be_signed_in_to_before_the_memory_is_open(dashboard):
    async with browsing(dashboard) as browser:
        form = await open_link(browser, dashboard.new_link())
        dashboard.broken = NotReady()
        response = await browser.post("/admin/sign-in", data=form)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "10"


async def test_no_page_holds_a_script_a_style_or_anything_from_outside(dashboard):
    async with browsing(dashboard) as browser:
        pages = [await browser.get("/admin/sign-in")]
        await enter(browser, dashboard)
        trend = "/admin/trend?platform=telegram&server=&chat=-1001234567890"
        pages += [await browser.get(p) for p in ("/admin", "/admin/groups", trend, "/admin/log")]
        sheet = await browser.get("/admin/style.css")
    for page in pages:
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert " on" not in {text[:3] for text in page.text.split('="')}
        assert "http://" not in page.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in page.text
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text
    assert sheet.headers["content-type"].startswith("text/css")


# --- the name


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:5000", "localhost.evil.example", "a@127.0.0.1", "[", ""]
)
async def test_another_name_is_refused(dashboard, token, host):
    async with browsing(dashboard, token=token) as browser:
        response = await browser.get("/admin/sign-in", headers={"host": host} | BEARER)
    assert response.status_code == 400
    assert_sealed(response)
    assert "evil" not in response.text


@pytest.mark.parametrize("host", ["localhost:5000", "LOCALHOST", "[::1]:5000", "192.168.1.4:5000"])
async def test_this_machine_and_bare_addresses_are_let_through(dashboard, host):
    async with browsing(dashboard) as browser:
        response = await browser.get("/admin/sign-in", headers={"host": host})
    assert response.status_code == 200


async def test_the_public_address_is_let_through_without_a_token(dashboard):
    public = "https://warm.example.org"
    async with browsing(dashboard, base_url=public, public_url=public) as browser:
        assert (await browser.get("/admin/sign-in")).status_code == 200
        assert (await browser.get("/")).json()["error"]["code"] == "bad_host"


async def test_two_hosts_are_none(dashboard):
    async with browsing(dashboard) as browser:
        hosts = [("host", "127.0.0.1"), ("host", "evil.example")]
        assert (await browser.get("/admin/sign-in", headers=hosts)).status_code == 400


# --- the door


async def test_the_dashboard_needs_no_bearer_token(dashboard):
    async with browsing(dashboard, token=TOKEN) as browser:
        await enter(browser, dashboard)
        assert (await browser.get("/admin")).status_code == 200


async def test_a_bearer_token_opens_no_page(dashboard):
    async with browsing(dashboard, token=TOKEN) as browser:
        for path in ("/admin", "/admin/log"):
            response = await browser.get(path, headers=BEARER)
            assert response.headers["location"] == "/admin/sign-in"
    assert dashboard.asked == []


async def test_a_session_opens_no_chat(dashboard):
    async with browsing(dashboard, token=TOKEN) as browser:
        await enter(browser, dashboard)
        response = await browser.post("/chat", json={"input": "hello"})
        assert response.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    "path",
    [
        "/admin/../chat",
        "/admin/%2e%2e/chat",
        "/admin/..%2fchat",
        "/admin//chat",
        "/admin/./openapi.json",
        "/admin/style.css/../../openapi.json",
        "/admin/%00",
        "/admin/..%5c..%5cetc%5cpasswd",
        "/admin/templates/base.html",
        "/admin;/chat",
        "/administration",
        "//admin/groups",
        "/ADMIN",
    ],
)
async def test_no_path_leads_around_a_guard(dashboard, path):
    async with browsing(dashboard, token=TOKEN) as browser:
        for method in ("GET", "POST"):
            request = browser.build_request(method, "http://127.0.0.1:5000")
            request.url = request.url.copy_with(raw_path=path.encode())
            response = await browser.send(request)
            assert response.status_code in (401, 404, 405), response.text
            assert "paths" not in response.text
    assert dashboard.asked == []


async def test_without_a_dashboard_there_is_no_door():
    from tests.unit.adapters.fake import ANSWER, ScriptedHandler
    from tests.unit.adapters.http_client import client_of

    async with client_of(ScriptedHandler(*ANSWER)) as client:
        assert (await client.get("/admin")).status_code == 404
