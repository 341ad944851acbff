"""`warmline audit`: who looked at moods, what of, and when; the newest first.

Knows: options, columns. Does not know: what counts as a look, who notes it.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, settings_of
from bot.cli.person import shown

if TYPE_CHECKING:
    from bot.config import Settings
    from storage.admin_records import Look


class Format(StrEnum):
    """How the looks are printed."""

    TABLE = "table"
    JSON = "json"


def audit(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="The most rows.")] = 200,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Show who looked at moods: in a chat, here, on the dashboard, by the digest."""
    looks = asyncio.run(_looks(settings_of(config), limit))
    typer.echo(_as_json(looks) if form is Format.JSON else _as_table(looks), nl=False)


async def _looks(settings: Settings, limit: int) -> list[Look]:
    from bot.wiring import open_store

    async with open_store(settings) as store:
        return await store.looks(limit)


def _as_table(looks: Sequence[Look]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table("time (UTC)", "who", "what", "about", box=SIMPLE_HEAD)
    for look in looks:
        cells = (look.who, look.what, look.about)
        table.add_row(f"{look.at:%Y-%m-%d %H:%M:%S}", *map(shown, cells))
    out = io.StringIO()
    Console(file=out, markup=False, width=100).print(table)
    return out.getvalue()


def _as_json(looks: Sequence[Look]) -> str:
    rows = [
        {"at": look.at.isoformat(), "who": look.who, "what": look.what, "about": look.about}
        for look in looks
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
