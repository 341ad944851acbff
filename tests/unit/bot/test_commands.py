"""What a person may ask Warmline itself: the table, the menus and the short answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import Card, Notice, Scope
from bot.commands import (
    COMMANDS,
    GROUP_MENU,
    MANAGERS_MENU,
    MENU,
    PRIVATE,
    RETRY,
    STOP,
    menu,
    mood_in_words,
)
from bot.texts.sentences import LANGUAGES, say
from bot.trends import Direction, Trend, summarise
from storage.errors import DatabaseBusy
from tests.fakes import felt
from tests.unit.bot.asking import ANN, Gate, PersonalStore, ask, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("text", ["/", "/nonsense", "/ help", "//", "/forgetful", "/帮助", "/@bot"])
@both
async def test_an_unknown_command_points_to_help(language, text):
    notice = await told(text, PersonalStore(), language=language)
    assert notice == Notice(say(language, "commands.unknown"), "command")
    assert "/help" in notice.text


@pytest.mark.parametrize(
    "text", ["/help", "/HELP", "  /help please", "/help\nme", "/Help@warm_bot"]
)
@both
async def test_help_has_one_line_a_command(language, text):
    notice = await told(text, language=language)
    first, *lines = notice.text.splitlines()
    assert first == say(language, "commands.help")
    assert [line.split()[0] for line in lines] == [f"/{name}" for name in MENU]
    assert notice.code == "command"


@both
async def test_help_in_a_group_names_nothing_that_is_about_one_person(language):
    text = (await told("/help", language=language, private=False)).text
    assert re.findall(r"^/(\w+)", text, re.MULTILINE) == list(GROUP_MENU)
    assert not PRIVATE & set(GROUP_MENU)


@both
@pytest.mark.parametrize("group", [True, False])
def test_a_menu_fits_the_strictest_platform(language, group):
    listed = menu(language, group=group)
    for name, description in listed:
        assert re.fullmatch("[a-z]{1,32}", name)
        assert 1 <= len(description) <= 100
    assert len(dict(listed)) == len(listed)


def test_every_command_is_answered_by_somebody_and_listed_but_the_owners():
    assert set(MENU) - {STOP, RETRY} == set(COMMANDS) - {"pair", *MANAGERS_MENU}


@pytest.mark.parametrize(
    "text", ["/mood", "/mood on", "/memory off", "/export", "/forget", "/forget everything"]
)
@both
async def test_what_is_a_persons_own_is_not_told_in_a_group(language, text):
    store = PersonalStore("on")
    await felt(store, 0.5)
    before = list(store.log)
    notice = await told(text, store, language=language, private=False)
    name = text.split()[0]
    assert notice == Notice(say(language, "commands.private_only", command=name[1:]), "command")
    assert store.log == before


@pytest.mark.parametrize(
    "text", ["/mood", "/mood on", "/memory", "/export", "/forget", "/language zh"]
)
@both
async def test_where_nothing_is_kept_that_is_what_is_said(language, text):
    notice = await told(text, None, language=language)
    assert notice == Notice(say(language, "commands.not_remembered"), "command")


@pytest.mark.parametrize(
    "text",
    [
        "/start",
        "/mood",
        "/mood on",
        "/memory",
        "/privacy",
        "/export",
        "/forget everything",
        "/language zh",
    ],
)
@both
async def test_a_broken_memory_is_told_in_one_notice(language, text, caplog):
    store = PersonalStore("on")
    for question in ("moods", "forget", "export", "mood_memory", "set_mood_memory", "set_language"):
        store.broken[question] = DatabaseBusy("Another program holds it.")
    notice = await told(text, store, language=language)
    assert notice == Notice(say(language, "commands.failed"), "command")
    assert "Another program holds it." in caplog.text


@pytest.mark.parametrize("count", [0, 1, 4])
@both
async def test_below_five_messages_there_is_no_mood(language, count):
    store = PersonalStore("on")
    for _ in range(count):
        await felt(store, 0.5)
    await felt(store, 0.5, days_ago=31)
    await felt(store, 0.5, user="bo")
    notice = await told("/mood", store, language=language)
    assert notice.text == say(language, "commands.mood_few", n=count, days=30, needed=5)


@both
async def test_the_mood_is_told_with_its_count_and_its_band(language):
    store = PersonalStore("on")
    valences = [-0.9, -0.5, -0.4, -0.6, -0.2, 0.1]
    for number, valence in enumerate(valences):
        await felt(store, valence, days_ago=number)
    notice = await told("/mood", store, language=language)
    now = datetime.now(UTC)
    trend = summarise([(now - timedelta(days=i), v) for i, v in enumerate(valences)], now, 30)
    assert trend is not None
    assert notice.code == "command"
    for fact in ("6", "30", f"{trend.mean:+.2f}", f"{trend.low:+.2f}", f"{trend.high:+.2f}"):
        assert fact in notice.text
    assert say(language, "commands.feeling_negative") in notice.text
    assert notice.text.endswith(say(language, "commands.mood_note"))


async def test_a_mood_is_the_persons_own_over_all_their_conversations():
    store, elsewhere = PersonalStore("on"), Scope("console", "group")
    for number in range(3):
        await felt(store, 1.0)
        await felt(store, 1.0, scope=elsewhere)
        await felt(store, -1.0, user="bo", scope=elsewhere, message_id=f"bo{number}")
    text = (await told("/mood", store)).text
    assert "from 6 messages" in text
    assert "+1.00 on a scale" in text


@pytest.mark.parametrize(
    ("asked", "days"), [("1", 1), ("7", 7), ("７", 7), ("365", 365), ("007", 7)]
)
async def test_a_mood_is_told_of_as_many_days_as_are_asked_for(asked, days):
    text = (await told(f"/mood {asked} please", PersonalStore("on"))).text
    assert f"in the last {days} days" in text


@pytest.mark.parametrize("asked", ["0", "366", "-7", "7.5", "week", "1e2", "²", "9" * 5000])
@both
async def test_days_that_are_none_are_told_how_to_ask(language, asked):
    notice = await told(f"/mood {asked}", PersonalStore("on"), language=language)
    assert notice == Notice(say(language, "commands.mood_days", most=365), "command")


@pytest.mark.parametrize(("choice", "setting"), [("off", "on"), ("off", "ask"), ("", "off")])
@both
async def test_without_memory_there_is_no_mood_but_a_button_that_turns_it_on(
    language, choice, setting
):
    store = PersonalStore(choice)
    await felt(store, 0.5)
    card = await shown("/mood", store, language=language, fact_mood_memory=setting)
    assert card.text.startswith(say(language, "commands.mood_none"))
    assert pressed(card) == ["/memory on"]
    assert "/memory on" in card.text
    assert "moods all" not in store.log


async def test_who_was_not_asked_yet_is_asked_when_they_want_their_mood():
    card = await shown("/mood", PersonalStore())
    assert pressed(card) == ["/memory on", "/memory off"]


@pytest.mark.parametrize(
    ("mean", "feeling"),
    [
        (0.15, "positive"),
        (0.9, "positive"),
        (0.14, "neutral"),
        (-0.14, "neutral"),
        (0.0, "neutral"),
        (-0.15, "negative"),
    ],
)
@pytest.mark.parametrize("direction", list(Direction))
@both
def test_every_trend_has_its_words(language, direction, mean, feeling):
    trend = Trend(30, 12, mean, 0.2, mean - 0.1, mean + 0.1, mean, None, None, direction)
    words = mood_in_words(trend, language)
    assert say(language, f"commands.feeling_{feeling}") in words
    assert say(language, f"commands.{direction}") in words
    assert "{" not in words


@pytest.mark.parametrize(
    ("word", "chosen", "spoken", "key"),
    [
        ("en", "en", "en", "language_set"),
        ("English", "en", "en", "language_set"),
        ("ZH", "zh", "zh", "language_set"),
        ("中文", "zh", "zh", "language_set"),
        ("auto", "", "zh", "language_auto"),
    ],
)
async def test_a_choice_of_language_is_kept_and_answered_in_the_new_one(word, chosen, spoken, key):
    store = PersonalStore()
    store.languages[ANN] = "fr"
    notice = await told(f"/language {word}", store, language="zh")
    assert notice.text == say(spoken, f"commands.{key}")
    assert store.languages[ANN] == chosen


@pytest.mark.parametrize("text", ["/language", "/language klingon"])
@both
async def test_without_a_language_that_is_known_the_languages_are_shown(language, text):
    store = PersonalStore()
    card = await shown(text, store, language=language)
    assert pressed(card) == ["/language en", "/language zh", "/language auto"]
    assert all(command in card.text for command in pressed(card))
    assert store.languages == {}


@both
async def test_a_language_that_the_owner_has_set_cannot_be_changed(language):
    store = PersonalStore()
    notice = await told("/language zh", store, language=language, fact_language="en")
    assert notice.text == say(language, "commands.language_fixed")
    assert store.languages == {}


@both
async def test_an_owner_lets_somebody_in_by_their_code(language):
    notice = await told("/pair ABCD 1234", language=language, access=Gate())
    assert notice.text == say(language, "commands.paired", name="Bo")
    notice = await told("/pair WRONG", language=language, access=Gate())
    assert notice.text == say(language, "commands.pair_unknown")
    notice = await told("/pair", language=language, access=Gate())
    assert notice.text == say(language, "commands.pair_code")


@pytest.mark.parametrize(("user", "access"), [("bo", Gate()), ("ann", None)])
async def test_for_anybody_else_there_is_no_such_command(user, access):
    notice = await told("/pair ABCD1234", user=user, access=access)
    assert notice.text == say("en", "commands.unknown")
    assert "/pair" not in (await told("/help", user=user, access=access)).text
    assert "/pair" in (await told("/help", access=Gate())).text


@pytest.mark.parametrize("name", sorted(COMMANDS))
@pytest.mark.parametrize("private", [True, False])
@both
async def test_whatever_is_shown_fits_every_platform(language, name, private):
    for store in (None, PersonalStore(), PersonalStore("on")):
        for event in await ask(f"/{name}", store, language=language, private=private):
            if isinstance(event, Card):
                assert all(len(command.encode()) <= 60 for command in pressed(event))
            if isinstance(event, Card | Notice):
                assert 0 < len(event.text) <= 1900
