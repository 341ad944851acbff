"""Warmline that writes first, on any platform: it looks often, and a day goes by in no time.

Knows: the real loop on a real store. Does not know: which platform.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.messages import Person
from bot import reaching_out
from bot.reaching_out import ReachingOut, running
from storage.store import Store
from tests.integration.running import Running


def noon_zone() -> str:
    """A zone in which it is about noon: nobody sleeps there."""
    ahead = 12 - datetime.now(UTC).hour
    return f"UTC{ahead:+03}:00" if ahead else "UTC"


@asynccontextmanager
async def looking(bot: Running[Any], platform: str, patch: Any) -> AsyncIterator[ReachingOut]:
    """The loop beside a bot that runs, as `bot.cli.serve` puts it there."""

    async def everybody(person: Person) -> bool:
        return True

    patch.setattr(reaching_out, "LOOK", timedelta(milliseconds=30))
    out = ReachingOut(bot.store, {platform: bot.adapter}, everybody)
    async with running(out):
        yield out


async def come_due(
    store: Store, platform: str, user_id: int | str, ago: timedelta = timedelta(minutes=1)
) -> None:
    """Let a person's check-in be due since so long; what is unanswered stays so."""
    known = await store.checkin(platform, str(user_id))
    assert known is not None
    at = datetime.now(UTC) - ago
    claimed = await store.claim_checkin(known, at)
    assert claimed is not None
    assert await store.return_checkin(claimed, at)
