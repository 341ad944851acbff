"""The routes without a socket: who may use them, and what bad requests get."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from adapters import http_json
from adapters.base import Health
from adapters.http_app import is_loopback
from tests.unit.adapters.fake import ANSWER, ScriptedHandler
from tests.unit.adapters.http_client import client_of

JSON = {"content-type": "application/json"}


async def ask(method: str, path: str, handler=None, token=None, health=None, **request):
    options = {"health": health} if health else {}
    async with client_of(handler or ScriptedHandler(*ANSWER), token, **options) as client:
        return await client.request(method, path, **request)


def error_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert error["message"]
    return response.status_code, error["code"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "bad_json")),
        (b"", (400, "bad_json")),
        (b'{"input": "caf\xe9"}', (400, "bad_json")),
        (b"[" * 200_000, (400, "bad_json")),
        (b'{"input": ' + b"9" * 5000 + b"}", (400, "bad_json")),
        (b'["hello"]', (400, "bad_json")),
        (b'"hello"', (400, "bad_json")),
        (b"{}", (400, "bad_request")),
        (b'{"input": "' + b"a" * 1_000_000 + b'"}', (413, "body_too_large")),
    ],
)
async def test_a_bad_body_gets_a_clear_error(body, expected):
    handler = ScriptedHandler(*ANSWER)
    response = await ask("POST", "/chat", handler, content=body, headers=JSON)
    assert error_of(response) == expected
    assert handler.messages == []


async def test_a_body_without_length_is_refused_while_it_is_read():
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 100_000

    response = await ask("POST", "/chat", content=endless(), headers=JSON)
    assert error_of(response) == (413, "body_too_large")
    assert sent <= 12


async def test_a_body_that_never_comes_is_given_up(monkeypatch):
    monkeypatch.setattr(http_json, "BODY_SECONDS", 0.01)

    async def stuck():
        yield b"{"
        await asyncio.Event().wait()

    response = await ask("POST", "/chat", content=stuck(), headers=JSON)
    assert error_of(response) == (408, "body_too_slow")


async def test_a_byte_order_mark_is_no_harm():
    response = await ask("POST", "/chat", content=b'\xef\xbb\xbf{"input": "a"}', headers=JSON)
    assert response.status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_of_another_site_cannot_post(kind):
    handler = ScriptedHandler(*ANSWER)
    body = json.dumps({"input": "hi"})
    response = await ask("POST", "/chat", handler, content=body, headers={"content-type": kind})
    assert error_of(response) == (415, "not_json")
    assert handler.messages == []


async def test_a_charset_in_the_content_type_is_fine():
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    response = await ask("POST", "/chat", content=b'{"input": "a"}', headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "not_found")),
        ("POST", "/chat/", (404, "not_found")),
        ("GET", "/chat", (405, "method_not_allowed")),
        ("OPTIONS", "/chat", (405, "method_not_allowed")),
        ("POST", "/healthz", (405, "method_not_allowed")),
    ],
)
async def test_a_wrong_path_or_method_gets_json(method, path, expected):
    assert error_of(await ask(method, path)) == expected


async def test_the_root_says_where_to_look():
    response = await ask("GET", "/")
    assert response.json()["openapi"] == "/openapi.json"
    assert response.json()["version"] == "1.2.3"


@pytest.mark.parametrize(("state", "status"), [("ready", 200), ("loading", 503), ("broken", 503)])
async def test_health_needs_no_token(state, status):
    response = await ask("GET", "/healthz", token="t0ken", health=lambda: Health(state, "Why."))
    assert response.status_code == status
    assert response.json() == {"status": state, "detail": "Why."}


async def test_a_health_check_that_fails_is_broken(caplog):
    words = "my words"

    def health() -> Health:
        raise RuntimeError(words)

    response = await ask("GET", "/healthz", health=health)
    assert (response.status_code, response.json()["status"]) == (503, "broken")
    assert words not in caplog.text + response.text


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/chat", "/nothing"])
@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", "Basic t0ken", "Bearer t0kén", "t0ken"]
)
async def test_every_other_path_needs_the_token(path, given):
    headers = {} if given is None else {"authorization": given.encode("latin-1")}
    response = await ask("GET", path, token="t0ken", headers=headers)
    assert error_of(response) == (401, "unauthorized")
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert "t0ken" not in response.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_the_token_opens_the_door_under_any_host_name(scheme):
    headers = {"authorization": f"{scheme} t0ken", "host": "warm.example"}
    response = await ask("POST", "/chat", token="t0ken", headers=headers, json={"input": "hi"})
    assert response.status_code == 200


async def test_a_token_may_hold_any_characters():
    headers = {"authorization": "Bearer gehëim".encode()}
    response = await ask("GET", "/", token="gehëim", headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:5000", "", "10.0.0.1", "[::2]:80"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/chat"])
async def test_without_a_token_a_foreign_host_name_is_refused(host, path):
    assert error_of(await ask("GET", path, headers={"host": host})) == (400, "bad_host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:5000", "127.0.0.1:5000", "[::1]:5000"])
async def test_without_a_token_loopback_names_are_served(host):
    assert (await ask("GET", "/", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("192.168.1.2", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_what_counts_as_this_machine(host, expected):
    assert is_loopback(host) is expected
