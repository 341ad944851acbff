"""The weekly digest for an owner: how servers and groups have sounded, what happened, in numbers.

Knows: when it is due, to whom it goes, its words. Does not know: what may be told of a group
(`bot.group_scopes`), how a platform is reached. It is due on Monday at HOUR in the owner's zone;
one process of all sends it, once, and a digest that is a day late is left out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.console_files import Unsaved, save
from adapters.messages import File, Scope
from adapters.outcome import NotSent, SendError
from bot import group_scopes
from bot.group_scopes import By, PartTrend
from bot.group_trend import PEOPLE_STEP, GroupTrend, about
from bot.servers import zone_of
from bot.texts.sentences import say
from bot.trend_words import feeling, picture, picture_words

if TYPE_CHECKING:
    from adapters.base import Reaches
    from bot.config import Settings
    from storage.admin_records import Counts
    from storage.store import Store

HOUR = time(8)
LATEST = timedelta(days=1)
DAYS = 7
PICTURE_DAYS = 30
MOST_PARTS = 20
"""More would make a message that nobody reads; `warmline trends` has all."""

log = logging.getLogger("warmline.digest")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about it. `to` is "platform:id", or None with a `folder`."""

    to: str | None
    folder: Path | None
    zone: str
    language: str
    min_people: int
    keep_days: int | None


class Digest:
    """Call `due` now and then; see there."""

    def __init__(self, store: Store, rules: Rules, reaches: Mapping[str, Reaches]) -> None:
        """`reaches` are the adapters by platform."""
        self._store = store
        self._rules = rules
        self._reaches = reaches
        self._claimed = self._over = ""

    @classmethod
    def of(cls, settings: Settings, store: Store, reaches: Mapping[str, Reaches]) -> Digest | None:
        """As the settings want it; None where nobody gets one."""
        admin, privacy = settings.admin, settings.privacy
        if not admin.digest:
            return None
        folder = admin.digest_folder
        rules = Rules(
            to=None if folder else admin.digest,
            folder=folder,
            zone=admin.zone,
            language=settings.companion.language,
            min_people=privacy.min_people,
            keep_days=privacy.keep_days or None,
        )
        return cls(store, rules, reaches)

    async def due(self, now: datetime | None = None) -> None:
        """Send this week's digest, if its time has come and nobody has. Tries again at the next
        call where it surely did not leave.

        Raises:
            StorageError: nothing was sent.
        """
        at = now or datetime.now(UTC)
        week = _week(at, self._rules.zone)
        if week in ("", self._over) or not self._can_send():
            return
        if not await self._claim(week):
            self._over = week
            return
        language = await self._language()
        text, png = await self._written(at.astimezone(UTC).date(), language)
        try:
            await self._send(week, text, png)
        except NotSent:
            return
        except (SendError, Unsaved, OSError) as error:
            log.warning("the digest did not arrive, and is not sent again: %s", error)
        self._over = week

    async def _claim(self, week: str) -> bool:
        """Whether this process is the one to send it. The look is noted before it is one."""
        if self._claimed != week:
            if not await self._store.claim_note(f"digest:{week}"):
                return False
            await self._store.note_look(
                self._rules.to or "owner", f"digest {DAYS}", group_scopes.EVERYTHING
            )
            self._claimed = week
        return True

    def _can_send(self) -> bool:
        if self._rules.to is None:
            return True
        adapter = self._reaches.get(self._rules.to.partition(":")[0])
        return adapter is not None and adapter.can_reach

    async def _language(self) -> str:
        if self._rules.language != "auto":
            return self._rules.language
        if self._rules.to is None:
            return "en"
        platform, _, user_id = self._rules.to.partition(":")
        return await self._store.language(platform, user_id) or "en"

    async def _written(self, today: date, language: str) -> tuple[str, File | None]:
        """The words, and a picture of all together where there is one."""
        rules, first = self._rules, today - timedelta(days=DAYS)
        counts = await self._store.counts(datetime.combine(first, time(), UTC))
        weekly, monthly = [
            await group_scopes.trends(
                self._store, by, days, rules.min_people, rules.keep_days, today=today
            )
            for by, days in ((By.GROUP, DAYS), (By.ALL, PICTURE_DAYS))
        ]
        lines = [
            say(language, "digest.title", first=first, last=today - timedelta(days=1)),
            _counted(counts, rules.min_people, language),
            *_parts(weekly, rules.min_people, language),
        ]
        everything = next((one.trend for one in monthly if one.trend), None)
        png = await asyncio.to_thread(_drawn, everything, language) if everything else None
        return "\n".join(lines), png

    async def _send(self, week: str, text: str, png: File | None) -> None:
        folder, to = self._rules.folder, self._rules.to
        if folder is not None:
            await asyncio.to_thread(_save, folder, week, text, png)
        elif to is not None:
            platform, _, user_id = to.partition(":")
            await self._reaches[platform].reach(Scope(platform, user_id), text, png)


def _week(now: datetime, zone: str) -> str:
    """The week whose digest may be sent now, such as "2026-W48"; "" where none may."""
    there = zone_of(zone)
    day = now.astimezone(there).date()
    begins = (day - timedelta(days=back) for back in (0, 1))
    for monday in (one for one in begins if one.weekday() == 0):
        hour = datetime.combine(monday, HOUR, there)
        if hour <= now < hour + LATEST:
            year, week, _ = monday.isocalendar()
            return f"{year}-W{week:02}"
    return ""


def _counted(counts: Counts, least: int, language: str) -> str:
    """What happened. People, messages and crises are told as about so many."""
    few = counts.people < least
    people = least if few else counts.people // PEOPLE_STEP * PEOPLE_STEP
    crises = counts.crises // PEOPLE_STEP * PEOPLE_STEP
    return say(
        language,
        "digest.counts",
        messages=about(counts.turns) if counts.turns else 0,
        people=say(language, "digest.people_few" if few else "digest.people", n=people),
        failed=counts.failed,
        waiting=counts.waiting,
        crises=say(
            language,
            "digest.times" if crises else "digest.times_few",
            n=crises or PEOPLE_STEP,
        ),
    )


def _parts(parts: Sequence[PartTrend], least: int, language: str) -> list[str]:
    told = [_part(one.name, one.trend, language) for one in parts if one.trend]
    few = sum(one.trend is None and not one.off for one in parts)
    lines = told[:MOST_PARTS]
    if len(told) > MOST_PARTS:
        lines.append(say(language, "digest.more", n=len(told) - MOST_PARTS))
    if few or not told:
        lines.append(say(language, "digest.few", n=few, least=least))
    return [*lines, say(language, "commands.trend_note")] if told else lines


def _part(name: str, trend: GroupTrend, language: str) -> str:
    return say(
        language,
        "digest.part",
        name=name,
        feeling=feeling(trend.mean, language),
        mean=trend.mean,
        low=trend.low,
        high=trend.high,
        people=trend.people,
        change=say(language, f"commands.{trend.direction}"),
    )


def _drawn(trend: GroupTrend, language: str) -> File:
    name = f"warmline-{trend.last}.png"
    return File(name, picture(trend), "image/png", picture_words(trend, language))


def _save(folder: Path, week: str, text: str, png: File | None) -> None:
    """Two files for the owner's eyes alone, beside those of other weeks."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = f"{text}\n\n{png.caption}\n" if png else f"{text}\n"
    save(File(f"digest-{week}.txt", words.encode(), "text/plain", ""), folder)
    if png:
        save(File(f"digest-{week}.png", png.content, png.media_type, ""), folder)
