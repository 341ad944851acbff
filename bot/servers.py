"""What those who manage a server may set there: where and when Warmline answers, and its moods.

Knows: the form of it, in memory and in the store, of which only what makes sense is believed.
Does not know: who may set it and in which words (`bot.house_rules`), what else keeps a message out.
"""

from __future__ import annotations

import asyncio
import re
import time as clocks
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from adapters.messages import IncomingMessage, Scope

if TYPE_CHECKING:
    from storage.store import Store

KEPT_SECONDS = 60.0
"""So long a server's settings are not read again: what another process sets counts after it."""

MOST_SERVERS = 1024
"""Of so many servers the settings are kept in memory, at most."""

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_FURTHEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Every day from `start` to before `end` on the clocks of `zone`, also over midnight.

    `zone` is as `zone_name` gives it.
    """

    start: time
    end: time
    zone: str

    def include(self, at: datetime) -> bool:
        """Whether it is quiet at that time (aware)."""
        clock = at.astimezone(zone_of(self.zone)).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What is set for one server; the defaults are those of a server where nothing is.

    `channels` are the ids of those in which messages are answered; none: all. With `mood_memory`
    "off" no mood of what is said there is stored, whatever the owner and the person chose.
    """

    channels: tuple[str, ...] = ()
    mood_memory: Literal["", "off"] = ""
    quiet: QuietHours | None = None

    def answers(self, scope: Scope, at: datetime) -> bool:
        """Whether a message there is answered at that time. A thread is part of its channel."""
        if self.channels and not {scope.chat_id, scope.thread_id} & {*self.channels}:
            return False
        return not (self.quiet and self.quiet.include(at))

    def stored(self) -> dict[str, Any]:
        """As the store keeps it: `settings_from` of it gives the same."""
        kept: dict[str, Any] = {"channels": list(self.channels), "moods": self.mood_memory}
        if self.quiet:
            start, end = f"{self.quiet.start:%H:%M}", f"{self.quiet.end:%H:%M}"
            kept["quiet"] = {"from": start, "to": end, "zone": self.quiet.zone}
        return kept


def settings_from(kept: Mapping[str, Any]) -> ServerSettings:
    """The settings out of the store. A part that makes no sense is as if it were not set."""
    channels = kept.get("channels")
    known = channels if isinstance(channels, list) else []
    return ServerSettings(
        channels=tuple(channel for channel in known if isinstance(channel, str) and channel),
        mood_memory="off" if kept.get("moods") == "off" else "",
        quiet=_quiet_from(kept.get("quiet")),
    )


def _quiet_from(kept: object) -> QuietHours | None:
    if not isinstance(kept, dict):
        return None
    parts = [str(kept.get(key)) for key in ("from", "to", "zone")]
    try:
        start, end = (time.fromisoformat(part).replace(tzinfo=None) for part in parts[:2])
        zone = zone_name(parts[2])
    except ValueError:
        return None
    return None if start == end else QuietHours(start, end, zone)


def zone_name(given: str) -> str:
    """A time zone as it was typed ("utc+2", "europe/berlin") by its one name.

    Raises:
        ValueError: there is no such zone, or this machine does not know it.
    """
    if given.upper() in ("UTC", "GMT", "Z"):
        return "UTC"
    offset = _OFFSET.fullmatch(given)
    if offset:
        sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
        if minutes > 59 or timedelta(hours=hours, minutes=minutes) > _FURTHEST:
            raise ValueError("no zone is so far from UTC")
        return f"UTC{sign}{hours:02}:{minutes:02}" if hours or minutes else "UTC"
    if not _NAME.fullmatch(given):
        raise ValueError("that is not the form of a zone's name")
    for name in (given, given.title()):
        try:
            return ZoneInfo(name).key
        except (KeyError, ValueError, OSError):  # OSError: "Europe" is a folder
            continue
    raise ValueError("there is no such zone")


def zone_of(name: str) -> tzinfo:
    """The zone of a name that `zone_name` gave."""
    if name == "UTC":
        return UTC
    offset = _OFFSET.fullmatch(name)
    if not offset:
        return ZoneInfo(name)
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(ahead if offset[1] == "+" else -ahead)


class Servers:
    """The settings of all servers, from the store, kept for a minute. `clock` gives seconds."""

    def __init__(self, store: Store | None, clock: Callable[[], float] = clocks.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[float, ServerSettings]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def of(self, message: IncomingMessage) -> ServerSettings:
        """What is set where the message was said; the defaults where nothing can be.

        Raises:
            StorageError: it cannot be read.
        """
        store = self._store
        if store is None or not message.server:
            return ServerSettings()
        fresh = self._fresh(message)
        if fresh is not None:
            return fresh
        async with self._lock:  # a change must not be followed by what was read before it
            return self._fresh(message) or await self._read(store, message)

    async def change(
        self, message: IncomingMessage, change: Callable[[ServerSettings], ServerSettings]
    ) -> ServerSettings:
        """Set it anew where the message was said; counts at once in this process.

        Raises:
            StorageError: nothing was changed.
        """
        if self._store is None or not message.server:
            raise RuntimeError("there is no server here, or nothing to keep its settings in")
        async with self._lock:
            changed = change(await self._read(self._store, message))
            platform, server = _key(message)
            await self._store.set_server_settings(platform, server, changed.stored())
            return self._keep(message, changed)

    def _fresh(self, message: IncomingMessage) -> ServerSettings | None:
        read_at, settings = self._known.get(_key(message), (0.0, None))
        return settings if settings and self._clock() - read_at < KEPT_SECONDS else None

    async def _read(self, store: Store, message: IncomingMessage) -> ServerSettings:
        return self._keep(message, settings_from(await store.server_settings(*_key(message))))

    def _keep(self, message: IncomingMessage, settings: ServerSettings) -> ServerSettings:
        self._known[_key(message)] = (self._clock(), settings)
        self._known.move_to_end(_key(message))
        if len(self._known) > MOST_SERVERS:
            self._known.popitem(last=False)
        return settings


def _key(message: IncomingMessage) -> tuple[str, str]:
    return message.scope.platform, message.server
