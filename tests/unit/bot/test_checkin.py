"""/checkin: what may be typed, what is asked back, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.messages import Card, Person, Scope
from bot.day_clock import day_of, minute_of
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from storage.reaching_records import CheckIn
from tests.unit.bot.asking import PersonalStore, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)

ANN = ("telegram", "101")
ON_TELEGRAM: dict[str, Any] = {"scope": Scope("telegram", "101"), "person": Person(*ANN, "Ann")}


async def kept(text: str, store: PersonalStore | None = None, **changes: Any) -> CheckIn:
    """What is kept after a command that was understood."""
    store = store or PersonalStore()
    notice = await told(text, store, **(ON_TELEGRAM | changes))
    assert notice.code == "command"
    return store.checkins[ANN]


async def asked(text: str, store: PersonalStore | None = None, **changes: Any) -> Card:
    """The card that asks back; nothing is kept."""
    store = store or PersonalStore()
    before = dict(store.checkins)
    card = await shown(text, store, **(ON_TELEGRAM | changes))
    assert store.checkins == before
    return card


def in_zone(zone: str, store: PersonalStore | None = None) -> PersonalStore:
    store = store or PersonalStore()
    store.zones[ANN] = zone
    return store


@pytest.mark.parametrize(
    ("text", "minute", "zone"),
    [
        ("/checkin daily 20:00 Europe/Berlin", 1200, "Europe/Berlin"),
        ("/checkin 8pm europe/berlin", 1200, "Europe/Berlin"),
        ("/checkin 20 UTC+2", 1200, "UTC+02:00"),
        ("/checkin 20:30 utc + 2", 1230, "UTC+02:00"),
        ("/checkin 20:00 +8", 1200, "UTC+08:00"),
        ("/checkin 每天 20:00 Asia/Shanghai", 1200, "Asia/Shanghai"),
        ("/checkin 晚上8点 北京", 1200, "Asia/Shanghai"),
        ("/checkin 每晚8点半 UTC+8", 1230, "UTC+08:00"),
        ("/checkin daily 9 am New York", 540, "America/New_York"),
        ("/checkin UTC 08:00", 480, "UTC"),
        ("/checkin 21:59 UTC", 1319, "UTC"),
    ],
)
async def test_a_time_and_a_zone_are_kept(text, minute, zone):
    store = PersonalStore()
    found = await kept(text, store)
    assert (found.minute, found.zone, found.unanswered) == (minute, zone, 0)
    assert store.zones[ANN] == zone
    assert minute_of(found.next_at, zone) == minute
    assert timedelta(0) < found.next_at - datetime.now(UTC) <= timedelta(hours=25)


@both
async def test_what_was_set_is_said_back(language):
    notice = await told(
        "/checkin daily 20:00 UTC", PersonalStore(), language=language, **ON_TELEGRAM
    )
    days = [say(language, f"checkin.{day}") for day in ("today", "tomorrow")]
    sentences = [say(language, "checkin.set", time="20:00", zone="UTC", day=day) for day in days]
    assert notice.text in sentences


async def test_it_is_asked_in_the_language_and_the_place_of_the_command():
    place = Scope("telegram", "101", "7")
    found = await kept("/checkin 20:00 UTC", language="zh", scope=place)
    assert (found.language, found.chat_id, found.thread_id) == ("zh", "101", "7")


@both
async def test_the_zone_is_asked_once_with_zones_to_press_and_a_way_to_type_another(language):
    store = PersonalStore()
    card = await asked("/checkin daily 20:00", store, language=language)
    assert say(language, "checkin.zone_ask", time="20:00") in card.text
    assert "20:00 UTC+" in card.text
    assert len(pressed(card)) >= 8
    for command in pressed(card):
        assert len(command.encode()) <= 60
        assert (await kept(command, PersonalStore(), language=language)).minute == 1200
    await kept(pressed(card)[0], store)
    found = await kept("/checkin daily 19:00", store)  # this time it is known
    assert (found.minute, found.zone) == (1140, store.zones[ANN])


@both
async def test_a_zone_that_does_not_exist_is_asked_for_again(language):
    card = await asked("/checkin 20:00 Europe/Berlinn", language=language)
    assert card.text.startswith(say(language, "checkin.zone_unknown"))
    assert "/checkin daily 20:00 " in pressed(card)[0]


async def test_a_zone_alone_moves_what_is_set_to_it():
    store = in_zone("UTC")
    await kept("/checkin 20:00", store)
    found = await kept("/checkin Europe/Berlin", store)
    assert (found.minute, found.zone, store.zones[ANN]) == (1200, "Europe/Berlin", "Europe/Berlin")


@pytest.mark.parametrize("text", ["/checkin 22:00", "/checkin 7:59", "/checkin 晚上11点 UTC"])
@both
async def test_a_time_for_sleeping_is_kindly_refused(language, text):
    card = await asked(text, in_zone("UTC"), language=language)
    assert "22:00" in card.text
    assert "08:00" in card.text
    for command in pressed(card):
        await kept(command, in_zone("UTC"))


@pytest.mark.parametrize("text", ["/checkin soon", "/checkin daily", "/checkin 25:00 UTC"])
@both
async def test_what_cannot_be_read_is_explained(language, text):
    store = in_zone("UTC")
    notice = await told(text, store, language=language, **ON_TELEGRAM)
    assert notice.text == say(language, "checkin.time_unknown")
    assert store.checkins == {}


@both
async def test_alone_it_says_how_and_offers_times(language):
    card = await asked("/checkin", language=language)
    assert card.text == say(language, "checkin.how")
    assert all(command.startswith("/checkin daily ") for command in pressed(card))


@both
async def test_alone_it_says_how_it_stands_and_offers_the_end(language):
    store = in_zone("UTC")
    await kept("/checkin 20:00", store)
    card = await asked("/checkin", store, language=language)
    assert "20:00" in card.text
    assert pressed(card) == ["/checkin off"]


@pytest.mark.parametrize("word", ["off", "OFF", "stop", "关闭", "取消"])
@both
async def test_it_ends_at_a_word(language, word):
    store = in_zone("UTC")
    await kept("/checkin 20:00", store)
    notice = await told(f"/checkin {word}", store, language=language, **ON_TELEGRAM)
    assert (notice.text, store.checkins) == (say(language, "checkin.off"), {})
    notice = await told(f"/checkin {word}", store, language=language, **ON_TELEGRAM)
    assert notice.text == say(language, "checkin.none")


async def test_one_that_was_sent_today_is_the_only_one_today():
    store, zone = in_zone("UTC"), "UTC"
    await kept("/checkin 8:00", store)
    tomorrow = day_of(datetime.now(UTC), zone) + timedelta(days=1)
    sent = datetime.combine(tomorrow, datetime.min.time(), UTC) + timedelta(hours=8)
    await store.claim_checkin(store.checkins[ANN], sent)
    for time in ("8:00", "12:00", "21:59"):
        found = await kept(f"/checkin {time}", store)
        assert day_of(found.next_at, zone) == tomorrow


@pytest.mark.parametrize("platform", ["console", "http"])
@both
async def test_where_nobody_can_be_written_to_first_that_is_what_is_said(language, platform):
    store = PersonalStore()
    for text in ("/checkin", "/checkin 20:00 UTC", "/checkin off"):
        notice = await told(
            text, store, language=language, scope=Scope(platform, "1"), person=Person(platform, "1")
        )
        assert notice.text == say(language, "checkin.unreachable")


@both
async def test_it_is_for_a_private_chat_and_needs_a_memory(language):
    notice = await told(
        "/checkin 20:00", PersonalStore(), language=language, private=False, **ON_TELEGRAM
    )
    assert notice.text == say(language, "commands.private_only", command="checkin")
    notice = await told("/checkin 20:00 UTC", None, language=language, **ON_TELEGRAM)
    assert notice.text == say(language, "commands.not_remembered")


@pytest.mark.parametrize("question", ["checkin", "set_checkin", "set_zone", "preferences"])
async def test_a_memory_that_fails_is_told(question):
    store = PersonalStore()
    store.broken[question] = DatabaseBusy("Another program holds it.")
    text = "/checkin 20:00" + ("" if question == "preferences" else " UTC")
    notice = await told(text, store, **ON_TELEGRAM)
    assert notice.text == say("en", "commands.failed")


@both
def test_no_way_to_ask_blames_or_counts(language):
    asked = [say(language, f"checkin.ask_{n}") for n in (1, 2, 3, 4)]
    assert len(set(asked)) == 4
    for words in (*asked, say(language, "checkin.last")):
        assert not any(
            blame in words.casefold()
            for blame in ("you have not", "you haven't", "miss", "days", "why", "没有回", "怎么不")
        )
