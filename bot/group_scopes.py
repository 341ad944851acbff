"""The parts of an installation that a trend may be of: a server, a group, a channel, all of it.

Knows: how parts are named, which groups make one up, how their moods are gathered. Does not know:
what may be told of them (`bot.group_trend`), who asks. A part's moods are always those of whole
groups, each with pieces of its own: so the pieces of a part are those of its channels, and taking
one part from another leaves whole pieces, as in `bot.group_trend`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import group_trend
from bot.group_trend import GroupTrend
from bot.servers import settings_from
from storage.admin_records import Group

if TYPE_CHECKING:
    from storage.records import GroupMood
    from storage.store import Store

EVERYTHING = "all"


class By(StrEnum):
    """What is told apart: servers; these and groups of no server; each channel; nothing."""

    SERVER = "server"
    GROUP = "group"
    CHANNEL = "channel"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class PartTrend:
    """A part by its name, and its trend; None where too few people wrote, or where moods are
    `off`: those who manage all the servers in it have set so.
    """

    name: str
    trend: GroupTrend | None
    off: bool = False


def server_name(platform: str, server_id: str) -> str:
    """Such as "discord:server:900"."""
    return f"{platform}:server:{server_id}"


def chat_name(platform: str, chat_id: str) -> str:
    """A channel, or a group of no server: such as "telegram:-100123"."""
    return f"{platform}:{chat_id}"


def parts(groups: Sequence[Group], by: By) -> Mapping[str, Sequence[Group]]:
    """The groups of each part, by the part's name, in the order of names. `all` is always there."""
    found: dict[str, list[Group]] = {EVERYTHING: []} if by is By.ALL else {}
    for group in groups:
        name = _part_of(group, by)
        if name:
            found.setdefault(name, []).append(group)
    return {name: found[name] for name in sorted(found)}


def together(
    moods: Mapping[Group, Sequence[GroupMood]], groups: Sequence[Group]
) -> list[GroupMood]:
    """The moods of these groups, each channel with a name that no other has."""
    return [
        replace(mood, chat_id=f"{group.platform}:{group.server_id}:{mood.chat_id}")
        for group in groups
        for mood in moods.get(group, ())
    ]


async def trends(
    store: Store,
    by: By,
    days: int,
    min_people: int,
    keep_days: int | None = None,
    *,
    today: date | None = None,
) -> list[PartTrend]:
    """The trend of each part over the `days` before `today` (UTC), by name. Of a server that
    turned moods off, nothing counts anywhere.

    Raises:
        StorageError: the memory cannot be read.
    """
    day = today or datetime.now(UTC).date()
    first = group_trend.first_day(day, days, keep_days)
    since = datetime.combine(first, time(), UTC)
    groups = await store.groups()
    off = await _off(store, groups)
    moods = await _moods(store, [group for group in groups if group not in off], since)

    def told() -> list[PartTrend]:
        return [
            PartTrend(
                name,
                group_trend.summarise(together(moods, those), day, days, min_people),
                off=bool(those) and off.issuperset(those),
            )
            for name, those in parts(groups, by).items()
        ]

    return await asyncio.to_thread(told)


async def _moods(
    store: Store, groups: Sequence[Group], since: datetime
) -> Mapping[Group, Sequence[GroupMood]]:
    """Those of each group. A server is asked about once, however many channels it has."""
    asked = {(one.platform, one.server_id, "" if one.server_id else one.chat_id) for one in groups}
    found: dict[Group, list[GroupMood]] = {group: [] for group in groups}
    for platform, server_id, chat_id in sorted(asked):
        for mood in await store.group_moods(platform, server_id, since, chat_id=chat_id):
            found.setdefault(Group(platform, server_id, mood.chat_id), []).append(mood)
    return found


async def _off(store: Store, groups: Sequence[Group]) -> set[Group]:
    """The groups of servers whose managers turned moods off."""
    servers = {(group.platform, group.server_id) for group in groups if group.server_id}
    off = {
        server
        for server in servers
        if settings_from(await store.server_settings(*server)).mood_memory == "off"
    }
    return {group for group in groups if (group.platform, group.server_id) in off}


def _part_of(group: Group, by: By) -> str:
    """The name of the part that a group belongs to; "" for none."""
    match by:
        case By.ALL:
            return EVERYTHING
        case By.CHANNEL:
            return chat_name(group.platform, group.chat_id)
        case By.SERVER | By.GROUP if group.server_id:
            return server_name(group.platform, group.server_id)
        case By.GROUP:
            return chat_name(group.platform, group.chat_id)
        case _:
            return ""
