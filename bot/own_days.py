"""On which clock a person's days are counted: their own, once they have told their zone, else UTC.

Knows: the zone that a person chose. Does not know: who keeps it, what is shown by day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from bot.servers import zone_of
from storage.records import Preferences


@dataclass(frozen=True, slots=True)
class OwnDays:
    """A clock, and its name as `bot.servers.zone_name` gives it."""

    zone: tzinfo = UTC
    name: str = "UTC"

    def day(self, at: datetime) -> date:
        """The day on that clock at a time (aware)."""
        return at.astimezone(self.zone).date()


def own_days(chosen: Preferences) -> OwnDays:
    """The clock of somebody who chose that; UTC too where this machine does not know the zone."""
    if not chosen.zone:
        return OwnDays()
    try:
        return OwnDays(zone_of(chosen.zone), chosen.zone)
    except (KeyError, ValueError, OSError):  # a database that was brought here from elsewhere
        return OwnDays()
