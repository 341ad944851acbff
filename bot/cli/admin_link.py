"""`warmline admin-link`: a link that opens the dashboard once, for whoever is at the machine.

Knows: options, where the dashboard is found. Does not know: how keys are made, pages.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from adapters.base import AdapterError
from bot.cli.options import ConfigOption, settings_of

if TYPE_CHECKING:
    from bot.config import Settings

_OVERHEARD = "without https others on the network can read along: see [http] public_url"
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - nothing is bound here


def admin_link(
    config: ConfigOption = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, help="The port, where `serve` was given one."),
    ] = None,
) -> None:
    """Print a link to the dashboard: it works once, within ten minutes."""
    settings = settings_of(config)
    if port is not None:
        http = settings.http.model_copy(update={"port": port})
        settings = settings.model_copy(update={"http": http})
    base = address(settings)
    if _can_be_overheard(base):
        typer.echo(_OVERHEARD, err=True)
    key = asyncio.run(_key(settings))
    typer.echo(f"{base}/admin/sign-in?key={key}")


def address(settings: Settings) -> str:
    """Where a browser finds the dashboard: [http] public_url, else the server's own address.

    Raises:
        AdapterError: there is none, or nobody can know it.
    """
    http = settings.http
    if not http.enabled:
        raise AdapterError("there is no dashboard: set `enabled = true` under [http]")
    if http.public_url:
        return http.public_url
    if not http.port:
        raise AdapterError(
            "[http] port is 0, so the port is another at each start: choose one, "
            "or set [http] public_url"
        )
    host = "127.0.0.1" if http.host in _EVERY_ADDRESS else http.host
    return f"http://{f'[{host}]' if ':' in host else host}:{http.port}"


def _can_be_overheard(base: str) -> bool:
    from adapters.http_app import is_loopback

    url = urlsplit(base)
    return url.scheme == "http" and not is_loopback(url.hostname or "")


async def _key(settings: Settings) -> str:
    from bot.admin_keys import new_link_key
    from bot.wiring import open_store

    async with open_store(settings) as store:
        return await new_link_key(store)
