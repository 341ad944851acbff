"""Messages and moods are remembered when a person, or the owner's setting, says so; it is told."""

from __future__ import annotations

import pytest

from adapters.messages import Notice
from bot.command import Facts
from bot.consent import asks, card, remembers, untold
from bot.texts.sentences import LANGUAGES, say
from storage.records import Preferences
from tests.unit.bot.asking import ANN, PersonalStore, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)
DECIDED = {"fact_history": "on", "fact_mood_memory": "off"}


def memory(language: str, *keys: str, **fields: object) -> str:
    return "\n\n".join(say(language, f"memory.{key}", **fields) for key in keys)


@pytest.mark.parametrize("setting", ["ask", "on", "off"])
@pytest.mark.parametrize("chosen", ["", "on", "off"])
def test_a_persons_choice_comes_before_the_owners_setting(chosen, setting):
    assert remembers(chosen, setting) == (chosen == "on" or (not chosen and setting == "on"))
    assert asks(chosen, setting) == (not chosen and setting == "ask")


@both
def test_the_card_says_that_this_is_an_ai_and_asks_for_both_with_two_buttons(language):
    shown = card(language, Preferences(), Facts("tiny"))
    long = say(language, "memory.long")
    assert shown.text == memory(language, "ai", "ask", long=long)
    assert ("AI" if language == "en" else "人工智能") in shown.text
    assert pressed(shown) == ["/memory on", "/memory off"]
    for command in (*pressed(shown), "/memory history on", "/memory moods on"):
        assert command in shown.text
    assert len(shown.text) <= 560


@both
def test_the_card_says_for_how_many_days_messages_would_be_kept(language):
    text = card(language, Preferences(), Facts("tiny", keep_days=30)).text
    assert say(language, "memory.long_days", days=30) in text
    assert say(language, "memory.long") not in text


@pytest.mark.parametrize(
    ("chosen", "facts", "said", "buttons"),
    [
        ({"history": "on"}, {}, ("history_on", "ask_moods"), "moods"),
        ({"history": "off"}, {}, ("history_off", "ask_moods"), "moods"),
        ({"mood_memory": "on"}, {}, ("moods_on", "ask_history"), "history"),
        ({}, {"mood_memory": "off"}, ("moods_off", "ask_history"), "history"),
        ({}, {"history": "on"}, ("history_on", "ask_moods"), "moods"),
    ],
)
@both
def test_where_one_is_decided_the_card_tells_it_and_asks_for_the_other(
    language, chosen, facts, said, buttons
):
    shown = card(language, Preferences(**chosen), Facts("tiny", **facts))
    assert shown.text == memory(language, "ai", *said, long=say(language, "memory.long"))
    assert pressed(shown) == [f"/memory {buttons} on", f"/memory {buttons} off"]
    assert all(command in shown.text for command in pressed(shown))


@both
def test_where_the_owner_has_decided_both_the_card_still_tells_and_has_the_ways_out(language):
    facts = Facts("tiny", history="on", mood_memory="on")
    shown = card(language, Preferences(), facts)
    assert shown.text == memory(language, "ai", "history_on", "moods_on", "more")
    assert pressed(shown) == ["/memory history off", "/memory moods off"]


@pytest.mark.parametrize("carded", [True, False])
@pytest.mark.parametrize("history", ["", "on", "off"])
@pytest.mark.parametrize("moods", ["", "on", "off"])
def test_the_card_is_for_whoever_has_neither_seen_it_nor_chosen_both(carded, history, moods):
    chosen = Preferences(carded=carded, history=history, mood_memory=moods)
    assert untold(chosen) == (not carded and "" in (history, moods))


@both
async def test_start_tells_what_this_is_and_asks_with_two_buttons(language):
    store = PersonalStore()
    shown_ = await shown("/start", store, language=language)
    for part in ("start", "start_kept"):
        assert say(language, f"commands.{part}") in shown_.text
    assert memory(language, "ask", long=say(language, "memory.long")) in shown_.text
    assert memory(language, "ai") not in shown_.text, "the greeting has said it"
    assert pressed(shown_) == ["/memory on", "/memory off"]
    assert store.carded == {ANN}


@pytest.mark.parametrize(
    ("moods", "history", "facts", "states"),
    [
        ("", "", {"fact_history": "on", "fact_mood_memory": "on"}, ("history_on", "moods_on")),
        ("", "", DECIDED, ("history_on", "moods_off")),
        ("on", "off", {}, ("history_off", "moods_on")),
        ("off", "off", {"fact_history": "on"}, ("history_off", "moods_off")),
    ],
)
@both
async def test_start_only_tells_where_there_is_nothing_to_ask(
    language, moods, history, facts, states
):
    store = PersonalStore(moods, history)
    notice = await told("/start", store, language=language, **facts)
    assert notice.text.endswith(memory(language, *states))
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


@pytest.mark.parametrize("choice", ["on", "off", "OFF"])
@both
async def test_one_word_chooses_both(language, choice):
    store = PersonalStore()
    notice = await told(f"/memory {choice}", store, language=language)
    assert notice.text == memory(language, f"turned_{choice.lower()}")
    assert store.choices[ANN] == store.histories[ANN] == choice.lower()


@pytest.mark.parametrize(
    ("command", "one", "other"),
    [
        ("/memory history on", ("history", "on"), "moods_off"),
        ("/memory OFF History", ("history", "off"), "moods_off"),
        ("/memory 消息 off", ("history", "off"), "moods_off"),
        ("/memory moods on", ("moods", "on"), "history_off"),
        ("/memory mood off", ("moods", "off"), "history_off"),
        ("/mood on", ("moods", "on"), "history_off"),
        ("/MOOD Off", ("moods", "off"), "history_off"),
    ],
)
@both
async def test_each_can_be_chosen_alone_and_the_other_is_told(language, command, one, other):
    store = PersonalStore()
    notice = await told(command, store, language=language)
    what, choice = one
    assert notice.text == memory(language, f"{what}_turned_{choice}", other)
    kept = {"history": store.histories, "moods": store.choices}
    assert {name: choices[ANN] for name, choices in kept.items()} == {
        "history": "", "moods": ""
    } | {what: choice}  # fmt: skip


@pytest.mark.parametrize(
    ("moods", "history", "facts", "buttons"),
    [
        ("on", "on", {}, ["/memory history off", "/memory moods off"]),
        ("", "", DECIDED, ["/memory history off", "/memory moods on"]),
        ("off", "off", {}, ["/memory history on", "/memory moods on"]),
        ("", "", {}, ["/memory on", "/memory off"]),
        ("on", "", {}, ["/memory history on", "/memory history off"]),
    ],
)
@pytest.mark.parametrize("text", ["/memory", "/memory perhaps", "/memory history"])
@both
async def test_without_a_choice_it_is_shown_how_it_stands(
    language, text, moods, history, facts, buttons
):
    store = PersonalStore(moods, history)
    shown_ = await shown(text, store, language=language, **facts)
    assert pressed(shown_) == buttons
    assert all(command in shown_.text for command in buttons)
    assert (store.choices[ANN], store.histories[ANN]) == (moods, history)
