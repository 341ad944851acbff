"""/settings: who may ask, what may be typed, and the sentence for what cannot be read."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from adapters.messages import Scope
from bot.servers import QuietHours, ServerSettings, settings_from
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from tests.unit.bot.asking import told
from tests.unit.bot.serving import HOME, MANAGED, ServerStore

both = pytest.mark.parametrize("language", LANGUAGES)
NIGHT = QuietHours(time(22), time(7), "Europe/Berlin")


async def set_to(text: str, store: ServerStore | None = None, **changes: Any) -> ServerSettings:
    """What is set after a command."""
    store = store or ServerStore()
    notice = await told(f"/settings {text}", store, **(MANAGED | changes))
    assert notice.text.startswith(say("en", "commands.settings_done")), notice.text
    return settings_from(store.servers["discord", HOME])


async def refused(text: str, language: str = "en") -> str:
    """Which sentence says that it cannot be read; nothing may be set."""
    store = ServerStore()
    notice = await told(f"/settings {text}", store, language=language, **MANAGED)
    assert store.servers == {}
    sentences = {
        say(language, f"commands.settings_{key}"): key
        for key in ("unknown", "channels_how", "channels_many", "moods_how", "quiet_how")
    }
    sentences |= {say(language, f"commands.settings_{key}"): key for key in ("quiet_same", "zone")}
    return sentences[notice.text]


@pytest.mark.parametrize("name", ["settings", "trend"])
@pytest.mark.parametrize("arguments", ["", " moods off", " nonsense"])
@both
async def test_only_who_manages_a_server_may_ask_and_there_alone(language, name, arguments):
    store = ServerStore()
    ask = f"/{name}{arguments}"
    notice = await told(ask, store, language=language, **(MANAGED | {"manages": False}))
    assert notice.text == say(language, "commands.managers_only")
    notice = await told(ask, store, language=language, **(MANAGED | {"server": ""}))
    elsewhere = "trend_elsewhere" if name == "trend" else "settings_elsewhere"
    assert notice.text == say(language, f"commands.{elsewhere}")
    alone = "trend_elsewhere" if name == "trend" else "server_only"
    assert (await told(ask, store, language=language)).text == say(language, f"commands.{alone}")
    assert store.log == []
    notice = await told(ask, None, language=language, **MANAGED)
    assert notice.text == say(language, "commands.not_remembered")


@both
async def test_in_a_telegram_group_settings_are_said_to_be_for_discord_servers(language):
    group: dict[str, Any] = {"scope": Scope("telegram", "-100"), "private": False, "manages": True}
    notice = await told("/settings", ServerStore(), language=language, **group)
    assert notice.text == say(language, "commands.settings_elsewhere")
    text = (await told("/help", ServerStore(), language=language, **group)).text
    assert "/settings" not in text


@both
async def test_help_names_them_to_those_who_manage_a_server(language):
    for changes, named in (
        (MANAGED, True),
        (MANAGED | {"ephemeral": False}, True),
        (MANAGED | {"manages": False}, False),
        ({}, False),
        ({"manages": True}, False),
    ):
        text = (await told("/help", ServerStore(), language=language, **changes)).text
        for name in ("trend", "settings"):
            assert (f"/{name} – {say(language, f'menu.{name}')}" in text) == named


@both
async def test_alone_it_shows_all_and_how_to_change_it(language):
    store = ServerStore()
    text = (await told("/settings", store, language=language, **MANAGED)).text
    keys = ("settings", "settings_everywhere", "settings_moods_on", "settings_never_quiet")
    assert text.split("\n") == [say(language, f"commands.{key}") for key in (*keys, "settings_how")]
    store = ServerStore()
    store.servers["discord", HOME] = ServerSettings(("11", "12"), "off", NIGHT).stored()
    text = (await told("/settings", store, language=language, **MANAGED)).text
    assert text.split("\n")[1:4] == [
        say(language, "commands.settings_channels", channels="<#11> <#12>"),
        say(language, "commands.settings_moods_off"),
        say(language, "commands.settings_quiet", start="22:00", end="07:00", zone="Europe/Berlin"),
    ]


@pytest.mark.parametrize(
    ("typed", "channels"),
    [
        ("<#11>", ("11",)),
        ("<#11> <#12>", ("11", "12")),
        ("<#11><#12>", ("11", "12")),
        ("11, 12,11", ("11", "12")),
        ("11、12", ("11", "12")),
        ("１１", ("11",)),
        ("all", ()),
        ("ALL", ()),
        ("全部", ()),
        (" ".join(str(number) for number in range(1, 51)), tuple(map(str, range(1, 51)))),
    ],
)
async def test_channels_are_typed_as_discord_shows_them_or_by_their_ids(typed, channels):
    store = ServerStore()
    store.servers["discord", HOME] = ServerSettings(("99",), "off", NIGHT).stored()
    assert await set_to(f"channels {typed}", store) == ServerSettings(channels, "off", NIGHT)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "channels_how"),
        ("#general", "channels_how"),
        ("<#11> general", "channels_how"),
        ("<@11>", "channels_how"),
        ("all <#11>", "channels_how"),
        ("-11", "channels_how"),
        ("1" * 21, "channels_how"),
        (" ".join(map(str, range(51))), "channels_many"),
    ],
)
@both
async def test_what_is_no_channel_is_told_how_to_name_one(language, typed, key):
    assert await refused(f"channels {typed}", language) == key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("moods off", "off"), ("moods on", ""), ("Mood OFF", "off"), ("心情 关", "off")],
)
async def test_moods_are_turned_off_for_the_server_and_on_again(typed, kept):
    store = ServerStore()
    store.servers["discord", HOME] = ServerSettings(("99",)).stored()
    assert await set_to(typed, store) == ServerSettings(("99",), kept)


@pytest.mark.parametrize("typed", ["moods", "moods maybe", "moods on off"])
@both
async def test_moods_are_on_or_off(language, typed):
    assert await refused(typed, language) == "moods_how"


@pytest.mark.parametrize(
    ("typed", "start", "end", "zone"),
    [
        ("22:00-07:00 Europe/Berlin", time(22), time(7), "Europe/Berlin"),
        ("22:00 - 07:00 europe/berlin", time(22), time(7), "Europe/Berlin"),
        ("22-7 UTC+2", time(22), time(7), "UTC+02:00"),
        ("9:30–17:45 +0530", time(9, 30), time(17, 45), "UTC+05:30"),
        ("２２：００－０７：００ Asia/Shanghai", time(22), time(7), "Asia/Shanghai"),
        ("22:00～07:00 UTC", time(22), time(7), "UTC"),
        ("22:00-24:00 UTC", time(22), time(0), "UTC"),
    ],
)
async def test_quiet_hours_are_two_times_and_a_zone(typed, start, end, zone):
    assert await set_to(f"quiet {typed}") == ServerSettings(quiet=QuietHours(start, end, zone))


async def test_quiet_hours_end():
    store = ServerStore()
    store.servers["discord", HOME] = ServerSettings(("99",), "", NIGHT).stored()
    assert await set_to("quiet off", store) == ServerSettings(("99",))


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "quiet_how"),
        ("at night", "quiet_how"),
        ("22:00", "quiet_how"),
        ("22:00-07:00", "quiet_how"),
        ("10pm-7am UTC", "quiet_how"),
        ("25:00-07:00 UTC", "quiet_how"),
        ("22:60-07:00 UTC", "quiet_how"),
        ("24:01-07:00 UTC", "quiet_how"),
        ("22:00-07:00 UTC or so", "quiet_how"),
        ("22:00-22:00 UTC", "quiet_same"),
        ("0-24 UTC", "quiet_same"),
        ("22:00-07:00 Mars", "zone"),
        ("22:00-07:00 ../../etc/passwd", "zone"),
        ("22:00-07:00 +99", "zone"),
    ],
)
@both
async def test_hours_that_cannot_be_read_are_told_how_to_give_them(language, typed, key):
    assert await refused(f"quiet {typed}", language) == key


@pytest.mark.parametrize("typed", ["colour blue", "11", "off", "/settings"])
@both
async def test_what_cannot_be_set_is_told_what_can(language, typed):
    assert await refused(typed, language) == "unknown"


async def test_one_command_may_say_several_and_changes_all_or_nothing():
    typed = "channels <#11> moods off quiet 22:00-07:00 Europe/Berlin"
    assert await set_to(typed) == ServerSettings(("11",), "off", NIGHT)
    assert await refused("moods off quiet 22:00-07:00 Mars") == "zone"


@both
async def test_a_change_is_told_as_it_stands_now(language):
    notice = await told("/settings quiet off", ServerStore(), language=language, **MANAGED)
    assert notice.code == "command"
    assert notice.text.split("\n") == [
        say(language, f"commands.settings_{key}") for key in ("done", "never_quiet")
    ]


async def test_the_longest_answer_fits_into_a_message():
    store = ServerStore()
    channels = tuple(str(10**19 + number) for number in range(50))
    store.servers["discord", HOME] = ServerSettings(channels, "off", NIGHT).stored()
    for language in LANGUAGES:
        assert len((await told("/settings", store, language=language, **MANAGED)).text) <= 1900


@pytest.mark.parametrize("question", ["server_settings", "set_server_settings"])
@both
async def test_where_the_memory_fails_nothing_is_said_to_be_done(language, question):
    store = ServerStore()
    store.broken[question] = DatabaseBusy("Close the other program.")
    notice = await told("/settings moods off", store, language=language, **MANAGED)
    assert notice.text == say(language, "commands.failed")
