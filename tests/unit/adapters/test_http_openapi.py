"""The OpenAPI document, held against the routes and the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Route

from adapters.base import Health
from adapters.http_app import build_app
from adapters.http_openapi import openapi_document
from adapters.http_schema import ERROR_STATUS
from adapters.messages import Notice
from tests.unit.adapters.fake import ANSWER, CARD, FILE, ScriptedHandler
from tests.unit.adapters.http_client import LABELS, client_of

DOCUMENT = openapi_document("1.2.3", LABELS, token_required=False)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_lists_exactly_the_routes_and_their_methods():
    app = build_app(ScriptedHandler(), None, lambda: Health("ready"), "1.2.3", LABELS)
    routes = {
        route.path: {method.lower() for method in (route.methods or ()) if method != "HEAD"}
        for route in app.routes
        if isinstance(route, Route)
    }
    assert routes == {path: set(operations) for path, operations in DOCUMENT["paths"].items()}


def test_every_reference_leads_to_a_schema():
    names = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(references(DOCUMENT)) == names


def test_every_error_status_of_chat_is_described():
    described = set(DOCUMENT["paths"]["/chat"]["post"]["responses"])
    assert {str(status) for status in ERROR_STATUS.values()} <= described
    assert {"200", "400", "408", "413", "415", "500", "503"} <= described


async def test_an_answer_holds_only_keys_that_are_described():
    handler = ScriptedHandler(*ANSWER[:-1], Notice("Stopped.", "stopped"), CARD, FILE, ANSWER[-1])
    async with client_of(handler) as client:
        body = (await client.post("/chat", json={"input": "hi"})).json()
    schemas = DOCUMENT["components"]["schemas"]
    answer = schemas["ChatAnswer"]
    assert set(answer["required"]) <= set(body)
    assert set(body) == set(answer["properties"])
    assert body["sentiment"] in answer["properties"]["sentiment"]["enum"]
    assert set(body["card"]) == set(schemas["Card"]["properties"])
    assert set(body["files"][0]) == set(schemas["File"]["properties"])


@pytest.mark.parametrize("token", [None, "t0ken"])
async def test_it_asks_for_the_token_where_the_server_does(token):
    headers = {"authorization": f"Bearer {token}"}
    async with client_of(ScriptedHandler(), token) as client:
        document = (await client.get("/openapi.json", headers=headers)).json()
    assert ("security" in document) == bool(token)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert ("401" in operation["responses"]) == (bool(token) and path != "/healthz")
