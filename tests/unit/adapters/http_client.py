"""An HTTP client that calls the application without a socket."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from adapters.base import Health
from adapters.http_app import build_app
from adapters.messages import Handler

LABELS = {"positive": "正面", "negative": "负面"}


def client_of(
    handler: Handler,
    token: str | None = None,
    health: Callable[[], Health] = lambda: Health("ready"),
    base_url: str = "http://127.0.0.1:5000",
) -> httpx.AsyncClient:
    app = build_app(handler, token, health, "1.2.3", LABELS)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)
