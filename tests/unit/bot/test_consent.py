"""Moods are remembered when a person, or the owner's setting, says so; and that is told."""

from __future__ import annotations

import pytest

from adapters.messages import Notice
from bot.consent import asks, question, remembers
from bot.texts.sentences import LANGUAGES, say
from tests.unit.bot.asking import ANN, PersonalStore, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("setting", ["ask", "on", "off"])
@pytest.mark.parametrize("chosen", ["", "on", "off"])
def test_a_persons_choice_comes_before_the_owners_setting(chosen, setting):
    assert remembers(chosen, setting) == (chosen == "on" or (not chosen and setting == "on"))
    assert asks(chosen, setting) == (not chosen and setting == "ask")


@both
async def test_start_tells_what_this_is_and_asks_with_two_buttons(language):
    store = PersonalStore()
    card = await shown("/start", store, language=language)
    for part in ("start", "start_kept", "memory_ask"):
        assert say(language, f"commands.{part}") in card.text
    assert ("AI" if language == "en" else "人工智能") in card.text
    assert pressed(card) == ["/memory on", "/memory off"]
    assert all(command in card.text for command in pressed(card))
    assert store.carded == {ANN}


@pytest.mark.parametrize(
    ("chosen", "setting", "state"),
    [
        ("", "on", "memory_on"),
        ("", "off", "memory_off"),
        ("on", "ask", "memory_on"),
        ("off", "ask", "memory_off"),
        ("off", "on", "memory_off"),
    ],
)
@both
async def test_start_only_tells_where_there_is_nothing_to_ask(language, chosen, setting, state):
    store = PersonalStore(chosen)
    notice = await told("/start", store, language=language, fact_mood_memory=setting)
    assert notice.text.endswith(say(language, f"commands.{state}"))
    assert notice.code == "command"
    assert store.carded == {ANN}


@both
async def test_start_says_it_where_nothing_is_kept(language):
    notice = await told("/start", None, language=language)
    assert say(language, "commands.start") in notice.text
    assert say(language, "commands.not_remembered") in notice.text
    assert say(language, "commands.start_kept") not in notice.text


@both
async def test_start_in_a_group_greets_the_group_and_asks_nobody(language):
    store = PersonalStore()
    notice = await told("/start", store, language=language, private=False)
    assert notice == Notice(say(language, "telegram.group_hello"), "command")
    assert store.log == []


@pytest.mark.parametrize("command", ["/memory", "/mood", "/MOOD"])
@pytest.mark.parametrize("choice", ["on", "off", "OFF"])
@both
async def test_a_choice_is_kept_and_confirmed(language, command, choice):
    store = PersonalStore()
    notice = await told(f"{command} {choice}", store, language=language)
    assert notice.text == say(language, f"commands.memory_turned_{choice.lower()}")
    assert store.choices[ANN] == choice.lower()


@pytest.mark.parametrize(
    ("chosen", "setting", "buttons"),
    [
        ("on", "ask", ["/memory off"]),
        ("", "on", ["/memory off"]),
        ("off", "on", ["/memory on"]),
        ("", "off", ["/memory on"]),
        ("", "ask", ["/memory on", "/memory off"]),
    ],
)
@pytest.mark.parametrize("text", ["/memory", "/memory perhaps"])
@both
async def test_without_a_choice_it_is_shown_how_it_stands(language, text, chosen, setting, buttons):
    store = PersonalStore(chosen)
    card = await shown(text, store, language=language, fact_mood_memory=setting)
    assert pressed(card) == buttons
    assert all(command in card.text for command in buttons)
    assert store.choices[ANN] == chosen


def test_the_question_may_stand_alone():
    assert question("zh").text == say("zh", "commands.memory_ask")
    assert question("en", "Hello.").text == f"Hello.\n\n{say('en', 'commands.memory_ask')}"
