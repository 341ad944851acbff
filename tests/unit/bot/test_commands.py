"""What a person may ask Warmline itself: the table, the menus and the short answers."""

from __future__ import annotations

import re

import pytest

from adapters.messages import Card, Notice
from bot.commands import (
    COMMANDS,
    GROUP_MENU,
    MANAGERS_MENU,
    MENU,
    PRIVATE,
    RETRY,
    STOP,
    menu,
)
from bot.texts.sentences import LANGUAGES, say
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
    for question in ("moods", "forget", "export", "preferences", "set_mood_memory", "set_language"):
        store.broken[question] = DatabaseBusy("Another program holds it.")
    notice = await told(text, store, language=language)
    assert notice == Notice(say(language, "commands.failed"), "command")
    assert "Another program holds it." in caplog.text


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
