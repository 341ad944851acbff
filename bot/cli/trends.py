"""`warmline trends`: how people's messages have sounded, for the owner of the machine.

Knows: tables, CSV and JSON. Does not know: SQL, how a trend is computed.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, UserOption, settings_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.trends import Trend
    from storage.records import Known


_FORMULA = ("=", "+", "-", "@")


class Format(StrEnum):
    """How the trends are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Row:
    """One person's trend, or None where there are too few messages for one."""

    person: Known
    messages: int
    trend: Trend | None


def trends(
    user: UserOption = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far back.")] = 30,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Show mood trends of everybody, or of one person (a name, or platform:id)."""
    rows = asyncio.run(_rows(settings_of(config), user, days))
    if user is not None and not rows:
        typer.echo(f"nothing is kept of {user}", err=True)
        raise typer.Exit(1)
    typer.echo(_PRINTERS[form](rows, days), nl=False)


async def _rows(settings: Settings, user: str | None, days: int) -> list[Row]:
    from bot.trends import summarise
    from bot.wiring import open_store

    now = datetime.now(UTC)
    rows = []
    async with open_store(settings) as store:
        for person in await store.people():
            if user is not None and user not in _names(person):
                continue
            moods = await store.moods(person.platform, person.user_id, now - timedelta(days=days))
            points = [(mood.at, mood.valence) for mood in moods]
            rows.append(Row(person, len(points), summarise(points, now, days)))
    return rows


def _names(person: Known) -> tuple[str, str]:
    return f"{person.platform}:{person.user_id}", person.name


def _facts(row: Row, days: int) -> dict[str, object]:
    """One flat record; numbers are None where there are too few messages."""
    trend = row.trend

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return {
        "person": _shown(_names(row.person)[0]),
        "name": _shown(row.person.name),
        "days": days,
        "n": row.messages,
        "mean": rounded(trend.mean) if trend else None,
        "low": rounded(trend.low) if trend else None,
        "high": rounded(trend.high) if trend else None,
        "deviation": rounded(trend.deviation) if trend else None,
        "level": rounded(trend.level) if trend else None,
        "change": rounded(trend.change) if trend else None,
        "direction": str(trend.direction) if trend else None,
    }


def _as_table(rows: list[Row], days: int) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "person",
        "n",
        "mean",
        "95 % band",
        "level",
        "change",
        box=SIMPLE_HEAD,
        title=f"last {days} days, valence from -1 to +1",
    )
    for row in rows:
        trend = row.trend
        cells = ["too few messages", "", "", ""]
        if trend:
            cells = [
                f"{trend.mean:+.2f}",
                f"{trend.low:+.2f} … {trend.high:+.2f}",
                f"{trend.level:+.2f}",
                str(trend.direction),
            ]
        table.add_row(_shown(_names(row.person)[0]), str(row.messages), *cells)
    out = io.StringIO()
    Console(file=out, markup=False, width=100).print(table)
    return out.getvalue()


def _as_csv(rows: list[Row], days: int) -> str:
    out = io.StringIO()
    columns = (
        "person",
        "name",
        "days",
        "n",
        "mean",
        "low",
        "high",
        "deviation",
        "level",
        "change",
        "direction",
    )
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_spreadsheet_safe(_facts(row, days)) for row in rows)
    return out.getvalue()


def _spreadsheet_safe(facts: dict[str, object]) -> dict[str, object]:
    """A name that a spreadsheet would run as a formula is shown as text."""
    return {
        key: f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
        for key, value in facts.items()
    }


def _shown(name: str) -> str:
    """A name without the characters that steer a terminal or break a row."""
    return "".join(c if c.isprintable() else " " for c in name)


def _as_json(rows: list[Row], days: int) -> str:
    return json.dumps([_facts(row, days) for row in rows], ensure_ascii=False, indent=2) + "\n"


_PRINTERS = {Format.TABLE: _as_table, Format.CSV: _as_csv, Format.JSON: _as_json}
