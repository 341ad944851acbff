"""What the dashboard under /admin is told: an `adapters.admin.dashboard.Dashboard` on the memory.

Knows: what may be told and how it is rounded, that each look is noted before it is answered. Does
not know: pages, SQL, how keys are made (`bot.admin_keys`), what may be told of a group
(`bot.group_trend`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from adapters.admin.dashboard import (
    USUAL_DAYS,
    GroupLine,
    GroupPage,
    LogLine,
    LogPage,
    Mood,
    NotReady,
    Overview,
    Place,
    Stretch,
    Trend,
    TrendPage,
)
from bot import admin_keys, group_scopes, group_trend
from bot.companion import Companion
from bot.group_trend import PEOPLE_STEP, GroupTrend
from bot.servers import settings_from
from bot.trends import feeling_of

if TYPE_CHECKING:
    from storage.records import GroupMood
    from storage.store import Store

WHO = "dashboard"
"""As the audit log calls it."""

ACTIVITY_DAYS = 7
CRISIS_DAYS = 30
BLOCKS_A_PAGE = 20
"""So many servers, and groups of no server, are on one page of the list."""

LOOKS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class DashboardSettings:
    """The settings that it needs: places at the model and in the queue, and for groups as in
    `bot.command.Facts`.
    """

    places: int = 4
    longest: int = 32
    min_people: int = 5
    keep_days: int | None = None


class StoredDashboard:
    """Answers from the store behind the companion's door. `now` gives an aware time."""

    def __init__(
        self,
        companion: Companion,
        settings: DashboardSettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._companion = companion
        self._settings = settings
        self._now = now

    async def sign_in(self, key: str) -> str | None:
        """See `adapters.admin.dashboard.Dashboard`, also for the others."""
        session = await admin_keys.session_for(self._store, key)
        if session:
            await self._store.note_look(WHO, "entered", "")
        return session

    async def admits(self, session: str) -> bool:
        return await admin_keys.admits(self._store, session)

    async def sign_out(self, session: str) -> None:
        if await admin_keys.admits(self._store, session):
            await self._store.note_look(WHO, "left", "")
        await admin_keys.end(self._store, session)

    async def overview(self) -> Overview:
        store, chat, now = self._store, self._companion.chat, self._now()
        await store.note_look(WHO, "overview", group_scopes.EVERYTHING)
        counts = await store.counts(now - timedelta(days=ACTIVITY_DAYS))
        crises = await store.crises(now - timedelta(days=CRISIS_DAYS))
        answering, waiting = chat.at_work if chat else (0, 0)
        return Overview(
            health=self._companion.health(),
            model=chat.model if chat else "",
            answering=answering,
            places=self._settings.places,
            waiting=waiting,
            longest=self._settings.longest,
            days=ACTIVITY_DAYS,
            people=_by_fives(counts.people),
            messages=counts.turns,
            answered=counts.answered,
            failed=counts.failed,
            unanswered=counts.waiting,
            groups=len(await store.groups()),
            crisis_days=CRISIS_DAYS,
            crises=_by_fives(crises),
        )

    async def groups(self, page: int) -> GroupPage:
        blocks = await self._blocks()
        first = (page - 1) * BLOCKS_A_PAGE
        await self._store.note_look(WHO, f"groups {USUAL_DAYS}", group_scopes.EVERYTHING)
        lines = [
            line
            for block in blocks[first : first + BLOCKS_A_PAGE]
            for line in await self._lines(block)
        ]
        return GroupPage(
            lines=lines,
            days=USUAL_DAYS,
            min_people=self._settings.min_people,
            more=len(blocks) > first + BLOCKS_A_PAGE,
        )

    async def trend(self, place: Place, days: int) -> TrendPage | None:
        if not any(place in block for block in await self._blocks()):
            return None
        await self._store.note_look(WHO, f"trend {days}", _named(place))
        told: Trend | Literal["few", "off"] = "off"
        if not await self._is_off(place):
            found = (await self._trends([place], days))[place]
            told = _whole(found) if found else "few"
        return TrendPage(place, days, self._settings.min_people, told)

    async def log(self, page: int) -> LogPage:
        first, last = (page - 1) * LOOKS_A_PAGE, page * LOOKS_A_PAGE
        looks = await self._store.looks(limit=last + 1)
        lines = [LogLine(look.at, look.who, look.what, look.about) for look in looks[first:last]]
        return LogPage(lines, more=len(looks) > last)

    @property
    def _store(self) -> Store:
        if self._companion.store is None:
            raise NotReady
        return self._companion.store

    async def _blocks(self) -> list[list[Place]]:
        """A server with its channels, or a group alone; in the order of their ids."""
        found = sorted({(g.platform, g.server_id, g.chat_id) for g in await self._store.groups()})
        blocks: list[list[Place]] = []
        for (platform, server), chats in groupby(found, key=lambda group: group[:2]):
            places = [Place(platform, server, chat) for _, _, chat in chats]
            blocks += (
                [[Place(platform, server, ""), *places]]
                if server
                else [[place] for place in places]
            )
        return blocks

    async def _lines(self, block: Sequence[Place]) -> list[GroupLine]:
        if await self._is_off(block[0]):
            return [GroupLine(place, "off") for place in block]
        trends = await self._trends(block, USUAL_DAYS)
        return [
            GroupLine(place, _mood(found) if (found := trends[place]) else "few") for place in block
        ]

    async def _is_off(self, place: Place) -> bool:
        """Whether those who manage its server turned moods off."""
        if not place.server:
            return False
        settings = await self._store.server_settings(place.platform, place.server)
        return settings_from(settings).mood_memory == "off"

    async def _trends(self, block: Sequence[Place], days: int) -> Mapping[Place, GroupTrend | None]:
        """The trends of places of one block, whose first holds the others."""
        whole, today = block[0], self._now().astimezone(UTC).date()
        first = group_trend.first_day(today, days, self._settings.keep_days)
        moods = await self._store.group_moods(
            whole.platform, whole.server, datetime.combine(first, time(), UTC), chat_id=whole.chat
        )

        def told(place: Place) -> GroupTrend | None:
            own: Sequence[GroupMood] = (
                [mood for mood in moods if mood.chat_id == place.chat] if place.chat else moods
            )
            return group_trend.summarise(own, today, days, self._settings.min_people)

        return await asyncio.to_thread(lambda: {place: told(place) for place in block})


def _by_fives(number: int) -> int | None:
    """Rounded down; None below the first step, where one more or less would name somebody."""
    return number // PEOPLE_STEP * PEOPLE_STEP or None


def _named(place: Place) -> str:
    if place.chat:
        return group_scopes.chat_name(place.platform, place.chat)
    return group_scopes.server_name(place.platform, place.server)


def _mood(trend: GroupTrend) -> Mood:
    return Mood(feeling_of(trend.mean), trend.direction.value, trend.mean)


def _whole(trend: GroupTrend) -> Trend:
    return Trend(
        first=trend.first,
        last=trend.last,
        mood=_mood(trend),
        low=trend.low,
        high=trend.high,
        people=trend.people,
        messages=trend.messages,
        shares=trend.shares,
        stretches=[Stretch(s.first, s.last, s.mean, s.low, s.high) for s in trend.stretches],
    )
