"""/trend: what those who manage a server are told, and what they are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from adapters.messages import File, Notice, Person, Scope
from bot.servers import ServerSettings
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from storage.records import GroupMood
from tests.unit.bot.asking import ask, told
from tests.unit.bot.serving import HOME, MANAGED, ServerStore, days_of, mood

both = pytest.mark.parametrize("language", LANGUAGES)


def today() -> date:
    return datetime.now(UTC).date()


def lively(valence: float = 0.5) -> list[GroupMood]:
    """Six people who wrote every day but today, in one channel."""
    return days_of(today(), range(1, 91), 6, valence)


async def report(text: str, store: ServerStore, **changes: Any) -> tuple[Notice, File]:
    notice, file = await ask(text, store, **(MANAGED | changes))
    assert isinstance(notice, Notice)
    assert isinstance(file, File)
    return notice, file


@both
async def test_numbers_in_words_and_a_picture_with_words_beside_it(language):
    notice, file = await report("/trend", ServerStore(lively()), language=language)
    yesterday, first = today() - timedelta(days=1), today() - timedelta(days=30)
    assert notice.code == "command"
    for fact in (first, yesterday, "+0.50", 180, 100):
        assert str(fact) in notice.text
    for key in ("trend_server", "feeling_positive", "steady", "trend_note"):
        assert say(language, f"commands.{key}") in notice.text
    assert file.name == f"trend-{yesterday}.png"
    assert file.media_type == "image/png"
    assert file.content.startswith(b"\x89PNG")
    assert file.caption.count("+0.50") == 4
    assert len(file.caption) <= 200
    assert len(notice.text) <= 1900


@pytest.mark.parametrize(
    ("typed", "where", "days"),
    [
        ("", "server", 30),
        ("7", "server", 7),
        ("server 90", "server", 90),
        ("channel", "channel", 30),
        ("channel 7", "channel", 7),
        ("7 Channel", "channel", 7),
        ("频道 90", "channel", 90),
    ],
)
async def test_the_scope_and_the_days_are_typed_in_any_order(typed, where, days):
    store = ServerStore(lively())
    notice, _ = await report(f"/trend {typed}", store)
    assert notice.text.startswith(say("en", f"commands.trend_{where}"))
    assert f"{today() - timedelta(days=days)} to" in notice.text
    asked = "10" if where == "channel" else "all"
    about = "discord:10" if where == "channel" else "discord:server:900"
    assert store.log == [
        "server_settings 900",
        f"note_look {about}",
        f"group_moods discord 900 {asked}",
    ]
    assert store.looks == [("discord:1", f"trend {days}", about, "", "")]


@pytest.mark.parametrize(
    "typed", ["365", "0", "-7", "７.0", "ann", "server channel", "7 30", "<@1>", "server 7 ann"]
)
@both
async def test_what_cannot_be_asked_is_told_what_can(language, typed):
    store = ServerStore(lively())
    notice = await told(f"/trend {typed}", store, language=language, **MANAGED)
    assert notice.text == say(language, "commands.trend_how")
    assert store.log == []


async def test_a_channel_is_that_of_the_message_with_its_threads():
    felt = [*lively(0.5), *days_of(today(), [2, 3], 6, -0.5, chat_id="11")]
    text = (await report("/trend channel", ServerStore(felt)))[0].text
    assert "+0.50" in text
    assert say("en", "commands.feeling_positive") in text


@both
async def test_in_front_of_others_it_is_not_told(language):
    store = ServerStore(lively())
    changes = MANAGED | {"ephemeral": False}
    notice = await told("/trend", store, language=language, **changes)
    assert notice.text == say(language, "commands.trend_slash")
    assert store.log == []


@pytest.mark.parametrize(("people", "least"), [(0, 5), (1, 5), (4, 5), (6, 7)])
@pytest.mark.parametrize("typed", ["server", "channel"])
@both
async def test_of_too_few_people_nothing_is_told(language, typed, people, least):
    store = ServerStore(days_of(today(), range(1, 20), people))
    notice = await told(
        f"/trend {typed} 7", store, language=language, fact_min_people=least, **MANAGED
    )
    assert notice.text == say(language, "commands.trend_few", n=least, days=7)


async def test_one_who_writes_elsewhere_alone_is_in_no_number():
    alone = [mood(77, today() - timedelta(days=day), -1.0, "11") for day in range(1, 20)]
    with_them = await report("/trend server 30", ServerStore([*lively(), *alone]))
    without = await report("/trend server 30", ServerStore(lively()))
    assert with_them == without


@both
async def test_where_moods_are_off_there_is_no_trend(language):
    store = ServerStore(lively())
    store.servers["discord", HOME] = ServerSettings(mood_memory="off").stored()
    notice = await told("/trend", store, language=language, **MANAGED)
    assert notice.text == say(language, "commands.trend_off")
    assert "group_moods" not in " ".join(store.log)


IN_A_GROUP: dict[str, Any] = {
    "scope": Scope("telegram", "-100", "7"),
    "person": Person("telegram", "1", "Ann"),
    "private": False,
    "manages": True,
}
"""A message of an administrator in a topic of a group on Telegram."""


@pytest.mark.parametrize("typed", ["", "group", "本群 30", "30 group"])
@both
async def test_in_a_group_everybody_sees_what_its_administrators_ask(language, typed):
    felt = days_of(today(), range(1, 31), 6, 0.5, chat_id="-100")
    store = ServerStore(felt)
    notice, file = await report(f"/trend {typed}", store, language=language, **_none(IN_A_GROUP))
    assert notice.text.startswith(say(language, "commands.trend_group"))
    assert file.content.startswith(b"\x89PNG")
    assert store.log == ["note_look telegram:-100", "group_moods telegram  -100"]
    assert store.looks == [("telegram:1", "trend 30", "telegram:-100", "", "")]


@pytest.mark.parametrize(
    ("typed", "changes", "key"),
    [
        ("", {"manages": False}, "admins_only"),
        ("", {"private": True}, "trend_elsewhere"),
        ("", {"scope": Scope("http", "1")}, "trend_elsewhere"),
        ("server", {}, "trend_group_how"),
        ("365", {}, "trend_group_how"),
    ],
)
@both
async def test_in_a_group_nobody_else_may_ask_and_nothing_else(language, typed, changes, key):
    store = ServerStore(lively())
    asked = _none(IN_A_GROUP | changes)
    notice = await told(f"/trend {typed}", store, language=language, **asked)
    assert notice.text == say(language, f"commands.{key}")
    assert (store.log, store.looks) == ([], [])


@both
async def test_of_a_group_with_too_few_people_nothing_is_told_and_the_look_is_noted(language):
    store = ServerStore(days_of(today(), [1, 2], 4, chat_id="-100"))
    notice = await told("/trend 7", store, language=language, **_none(IN_A_GROUP))
    assert notice.text == say(language, "commands.trend_group_few", n=5, days=7)
    assert store.looks == [("telegram:1", "trend 7", "telegram:-100", "", "")]


def _none(changes: dict[str, Any]) -> dict[str, Any]:
    """Without what makes a message one of a server."""
    return {"server": "", "ephemeral": False} | changes


@pytest.mark.parametrize("question", ["group_moods", "note_look"])
@both
async def test_a_broken_memory_is_told_in_one_notice(language, question):
    store = ServerStore(lively())
    store.broken[question] = DatabaseBusy("Close the other program.")
    notice = await told("/trend", store, language=language, **MANAGED)
    assert notice.text == say(language, "commands.failed")
