"""Answers of the REST front."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


def answer(data: Any, headers: Mapping[str, str], status: int = 200) -> web.Response:
    """JSON, said to be so without a charset: with one discord.py takes it for a text."""
    whole = {**headers, "Content-Type": "application/json"}
    return web.Response(body=json.dumps(data).encode(), status=status, headers=whole)
