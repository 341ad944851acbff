"""What a server's managers may set: its meaning, its form in the store, how long it is known."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messages import Scope
from bot.servers import (
    KEPT_SECONDS,
    MOST_SERVERS,
    QuietHours,
    Servers,
    ServerSettings,
    settings_from,
    zone_name,
    zone_of,
)
from storage.errors import DatabaseBusy
from storage.store import Store
from tests.fakes import said
from tests.unit.bot.serving import HERE, HOME, MANAGED, ServerStore

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(hour: int, minute: int = 0, zone: timezone = UTC) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=zone)


def hours(start: int, end: int, zone: str = "UTC") -> QuietHours:
    return QuietHours(time(start), time(end), zone)


# --- what it means


@pytest.mark.parametrize(
    ("quiet", "moment", "silent"),
    [
        (hours(9, 17), at(8, 59), False),
        (hours(9, 17), at(9), True),
        (hours(9, 17), at(16, 59), True),
        (hours(9, 17), at(17), False),
        (hours(22, 7), at(21, 59), False),
        (hours(22, 7), at(22), True),
        (hours(22, 7), at(0), True),
        (hours(22, 7), at(6, 59), True),
        (hours(22, 7), at(7), False),
        (hours(22, 7, "UTC+02:00"), at(20), True),
        (hours(22, 7, "UTC+02:00"), at(5), False),
        (hours(22, 7, "UTC-03:30"), at(1), False),
        (hours(22, 7, "UTC-03:30"), at(1, 30), True),
        (hours(22, 7, "Asia/Shanghai"), at(14), True),
        (hours(22, 7), at(23, zone=timezone(timedelta(hours=2))), False),
    ],
)
def test_quiet_hours_are_told_by_their_own_clock_also_over_midnight(quiet, moment, silent):
    assert quiet.include(moment) == silent
    assert ServerSettings(quiet=quiet).answers(HERE, moment) != silent


def test_quiet_hours_follow_the_change_to_summer_time():
    quiet = hours(22, 7, "Europe/Berlin")
    winter, summer = (
        datetime(2026, 1, 5, 20, 30, tzinfo=UTC),
        datetime(2026, 7, 6, 20, 30, tzinfo=UTC),
    )
    assert not quiet.include(winter)
    assert quiet.include(summer)


@pytest.mark.parametrize(
    ("channels", "scope", "answered"),
    [
        ((), Scope("discord", "10"), True),
        (("10",), Scope("discord", "10"), True),
        (("11",), Scope("discord", "10"), False),
        (("11", "10"), Scope("discord", "10", "77"), True),
        (("77",), Scope("discord", "10", "77"), True),
        (("77",), Scope("discord", "10"), False),
    ],
)
def test_only_the_channels_that_are_named_are_answered_with_their_threads(
    channels, scope, answered
):
    assert ServerSettings(channels).answers(scope, NOON) == answered


# --- zones


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("z", "UTC"),
        ("GMT", "UTC"),
        ("UTC+0", "UTC"),
        ("utc+2", "UTC+02:00"),
        ("+2", "UTC+02:00"),
        ("+0530", "UTC+05:30"),
        ("-03:30", "UTC-03:30"),
        ("GMT+14", "UTC+14:00"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("AMERICA/NEW_YORK", "America/New_York"),
    ],
)
def test_a_zone_is_known_by_one_name_however_it_is_typed(given, name):
    assert zone_name(given) == name
    assert zone_name(name) == name
    assert NOON.astimezone(zone_of(name)) == NOON


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Mars",
        "Europe",
        "Europe/",
        "/etc/passwd",
        "../UTC",
        "Europe/../UTC",
        "+15",
        "+2:99",
        "+1400001",
        "Berlin time",
        "柏林",
        "x\0y",
    ],
)
def test_what_is_no_zone_is_refused(given):
    with pytest.raises(ValueError, match="zone"):
        zone_name(given)


# --- in the store

clock_times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
quiets = st.builds(
    QuietHours,
    clock_times,
    clock_times,
    st.sampled_from(["UTC", "UTC+05:30", "UTC-11:00", "Asia/Shanghai"]),
).filter(lambda quiet: quiet.start != quiet.end)


@given(
    st.builds(
        ServerSettings,
        st.lists(st.text("0123456789", min_size=1)).map(tuple),
        st.sampled_from(["", "off"]),
        st.none() | quiets,
    )
)
def test_what_is_stored_is_read_again(settings):
    assert settings_from(settings.stored()) == settings


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"channels": "10", "moods": 3, "quiet": "22:00"},
        {"channels": [7, None, ""], "quiet": {"from": "22:00", "to": "07:00"}},
        {"quiet": {"from": "25:00", "to": "07:00", "zone": "UTC"}},
        {"quiet": {"from": "22:00", "to": "22:00", "zone": "UTC"}},
        {"quiet": {"from": "22:00", "to": "07:00", "zone": "Mars/Crater"}},
        {"quiet": {"from": "22:00", "to": "07:00", "zone": 3}},
        {"quiet": ["22:00", "07:00", "UTC"], "later": True},
        {"quiet": {"from": "", "to": "07:00+01:00", "zone": "UTC"}},
    ],
)
def test_what_makes_no_sense_in_the_store_is_as_if_it_were_not_set(kept):
    assert settings_from(kept) == ServerSettings()


# --- known for a minute


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def known(store: ServerStore) -> tuple[Servers, Clock]:
    clock = Clock()
    return Servers(cast(Store, store), clock), clock


async def test_settings_are_read_once_a_minute():
    store = ServerStore()
    servers, clock = known(store)
    here = said("hello", **MANAGED)
    assert await servers.of(here) == await servers.of(here) == ServerSettings()
    store.servers["discord", HOME] = {"channels": ["11"]}
    clock.now = KEPT_SECONDS - 1
    assert await servers.of(here) == ServerSettings()
    clock.now = KEPT_SECONDS
    assert await servers.of(here) == ServerSettings(("11",))
    assert store.log == ["server_settings 900"] * 2


async def test_a_change_counts_at_once_and_starts_from_what_is_stored_now():
    store = ServerStore()
    servers, _ = known(store)
    here = said("hello", **MANAGED)
    await servers.of(here)
    store.servers["discord", HOME] = {"channels": ["11"]}
    changed = await servers.change(here, lambda now: ServerSettings(now.channels, "off", now.quiet))
    assert await servers.of(here) == changed == ServerSettings(("11",), "off")
    assert settings_from(store.servers["discord", HOME]) == changed


async def test_servers_are_apart_and_where_there_is_none_nothing_is_asked():
    store = ServerStore()
    store.servers["discord", "901"] = {"moods": "off"}
    servers, _ = known(store)
    assert (await servers.of(said("hi", **MANAGED))).mood_memory == ""
    assert (await servers.of(said("hi", **(MANAGED | {"server": "901"})))).mood_memory == "off"
    store.log.clear()
    assert await servers.of(said("hi")) == ServerSettings()
    assert await Servers(None).of(said("hi", **MANAGED)) == ServerSettings()
    assert store.log == []


async def test_a_memory_that_fails_is_asked_again():
    store = ServerStore()
    servers, _ = known(store)
    here = said("hi", **MANAGED)
    store.broken["server_settings"] = DatabaseBusy("Close the other program.")
    with pytest.raises(DatabaseBusy):
        await servers.of(here)
    store.broken.clear()
    assert await servers.of(here) == ServerSettings()


async def test_of_many_servers_the_least_recent_are_dropped():
    store = ServerStore()
    servers, _ = known(store)
    messages: list[Any] = [
        said("hi", **(MANAGED | {"server": str(number)})) for number in range(MOST_SERVERS + 1)
    ]
    for message in messages:
        await servers.of(message)
    store.log.clear()
    await servers.of(messages[-1])
    await servers.of(messages[0])
    assert store.log == ["server_settings 0"]


async def test_without_a_server_nothing_can_be_set():
    servers, _ = known(ServerStore())
    with pytest.raises(RuntimeError):
        await servers.change(said("hi"), lambda now: now)
