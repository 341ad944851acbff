"""Check-ins, letters and alerts, as a memory in lists keeps them: the half of `MemoryStore` about
writing first.

Knows: what is due, who has claimed it, what waits to be told. Does not know: who sends it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from storage.reaching_records import CheckIn, Letter
from tests.fake_people import MemoryPeople, Who


class MemoryReaching(MemoryPeople):
    """Its questions are not written to `log`: every answer asks one."""

    now: Callable[[], datetime]

    def __init__(self, log: list[str]) -> None:
        super().__init__(log)
        self.checkins: dict[Who, CheckIn] = {}
        self.letters: list[Letter] = []
        self.alerts: dict[Who, Who] = {}
        self.known: set[Who] = set()
        self.told: list[Who] = []
        self._letter_ids = itertools.count(1)

    async def set_checkin(
        self,
        platform: str,
        user_id: str,
        chat_id: str,
        thread_id: str,
        minute: int,
        zone: str,
        next_at: datetime,
        language: str,
    ) -> None:
        self._may_fail("set_checkin")
        self.checkins[platform, user_id] = CheckIn(
            platform, user_id, chat_id, thread_id, minute, zone, next_at, 0, language
        )

    async def checkin(self, platform: str, user_id: str) -> CheckIn | None:
        self._may_fail("checkin")
        return self.checkins.get((platform, user_id))

    async def end_checkin(self, platform: str, user_id: str) -> bool:
        self._may_fail("end_checkin")
        return self.checkins.pop((platform, user_id), None) is not None

    async def due_checkins(self, platform: str) -> list[CheckIn]:
        self._may_fail("due_checkins")
        known = [one for one in self.checkins.values() if one.platform == platform]
        return sorted((c for c in known if c.next_at <= self.now()), key=lambda c: c.next_at)

    async def claim_checkin(self, checkin: CheckIn, next_at: datetime) -> CheckIn | None:
        self._may_fail("claim_checkin")
        return self._moved(checkin, next_at, 1)

    async def return_checkin(self, claimed: CheckIn, next_at: datetime) -> bool:
        return self._moved(claimed, next_at, -1) is not None

    async def heard(self, platform: str, user_id: str) -> None:
        """The person wrote: the real store hears that by itself."""
        found = self.checkins[platform, user_id]
        self.checkins[platform, user_id] = replace(found, unanswered=0)

    async def write_letter(
        self, platform: str, user_id: str, kind: str, facts: Mapping[str, str]
    ) -> None:
        number = next(self._letter_ids)
        self.letters.append(Letter(number, platform, user_id, kind, facts, self.now()))

    async def take_letters(self, platform: str, user_id: str = "") -> list[Letter]:
        self._may_fail("take_letters")
        taken = [
            one for one in self.letters if one.platform == platform and user_id in ("", one.user_id)
        ]
        self.letters = [one for one in self.letters if one not in taken]
        return taken

    async def return_letter(self, letter: Letter) -> None:
        self.letters.append(letter)

    async def is_known(self, platform: str, user_id: str) -> bool:
        self._may_fail("is_known")
        return (platform, user_id) in self.known

    async def allow_alert(
        self, platform: str, user_id: str, to_platform: str, to_user_id: str
    ) -> None:
        self._may_fail("allow_alert")
        self.alerts[platform, user_id] = (to_platform, to_user_id)

    async def end_alert(self, platform: str, user_id: str) -> bool:
        self._may_fail("end_alert")
        return self.alerts.pop((platform, user_id), None) is not None

    async def alert_to(self, platform: str, user_id: str) -> Who | None:
        self._may_fail("alert_to")
        return self.alerts.get((platform, user_id))

    async def write_alert(
        self,
        platform: str,
        user_id: str,
        to_platform: str,
        to_user_id: str,
        kind: str,
        at: datetime,
    ) -> bool:
        """One alone: no hour goes by here."""
        self._may_fail("write_alert")
        who, to = (platform, user_id), (to_platform, to_user_id)
        if self.alerts.get(who) != to or to not in self.known or who in self.told:
            return False
        self.told.append(who)
        facts = {"who": f"{platform}:{user_id}", "name": "", "danger": kind, "at": at.isoformat()}
        await self.write_letter(*to, "alert", facts)
        return True

    def _moved(self, known: CheckIn, next_at: datetime, more: int) -> CheckIn | None:
        who = (known.platform, known.user_id)
        found = self.checkins.get(who)
        if found is None or found.next_at != known.next_at:
            return None
        unanswered = max(0, found.unanswered + more)
        self.checkins[who] = replace(found, next_at=next_at, unanswered=unanswered)
        return self.checkins[who]

    def _forget_choices(self, who: Who) -> None:
        super()._forget_choices(who)
        self.checkins.pop(who, None)
        self.alerts.pop(who, None)
        self.letters = [one for one in self.letters if (one.platform, one.user_id) != who]

    def _may_fail(self, question: str) -> None:
        if question in self.broken:
            raise self.broken[question]
