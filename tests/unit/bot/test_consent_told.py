"""Whatever the owner has set and the person chosen, every sentence about it is true.

All combinations of both settings, both choices and an end by age, in both languages. The sentences
are read, not compared: what they claim is found by the words for it, and held to what is kept.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.messages import Card, File, Scope
from bot.texts.sentences import LANGUAGES
from tests.unit.bot.asking import PersonalStore, ask, pressed

both = pytest.mark.parametrize("language", LANGUAGES)

Words = dict[str, dict[str, tuple[str, ...]]]

SIX_HOURS = {"en": "quiet for six hours", "zh": "安静六个小时以后"}
KEPT: Words = {
    "history": {"en": ("I keep our messages", "I keep yours"), "zh": ("我会保存", "我会把")},
    "moods": {"en": ("I remember how", "I also keep how", "I keep how"), "zh": ("会记住",)},
}
NOT_KEPT: Words = {
    "history": {"en": ("only while we talk",), "zh": ("我只在聊天的时候留着",)},
    "moods": {"en": ("I do not remember how", "I do not keep how"), "zh": ("我没有记住",)},
}
ASKED = {"en": "May I", "zh": "吗？"}
AN_AI = {"en": "AI", "zh": "人工智能"}


@dataclass(frozen=True)
class Case:
    """One combination, and what is true of it."""

    language: str
    history_set: str
    moods_set: str
    history: str
    moods: str
    keep_days: int | None

    @property
    def kept(self) -> dict[str, bool]:
        return {
            "history": (self.history or self.history_set) == "on",
            "moods": (self.moods or self.moods_set) == "on",
        }

    @property
    def open(self) -> set[str]:
        stands = {
            "history": (self.history, self.history_set),
            "moods": (self.moods, self.moods_set),
        }
        return {
            what for what, (chosen, setting) in stands.items() if not chosen and setting == "ask"
        }

    async def asked(self, text: str, **changes: Any) -> tuple[str, list[str]]:
        """All words of the answer, and what its buttons say."""
        answers = await ask(
            text,
            PersonalStore(self.moods, self.history),
            language=self.language,
            fact_keep_days=self.keep_days,
            fact_history=self.history_set,
            fact_mood_memory=self.moods_set,
            **changes,
        )
        words = [one.text for one in answers if not isinstance(one, File)]
        buttons = [command for one in answers if isinstance(one, Card) for command in pressed(one)]
        return "\n\n".join(words), buttons


def cases() -> list[Case]:
    settings, choices = ("ask", "on", "off"), ("", "on", "off")
    every = itertools.product(LANGUAGES, settings, settings, choices, choices, (None, 45))
    return [Case(*one) for one in every]


def parts(text: str, what: str) -> list[str]:
    """The paragraphs that speak of one of the two, by the command that changes it."""
    return [part for part in text.split("\n") if f"/memory {what} o" in part]


def claims(text: str, language: str, what: str) -> set[bool]:
    """What a text says of it: that it is kept, that it is not, both, or nothing."""
    found = set()
    for part in parts(text, what):
        if any(words in part for words in NOT_KEPT[what][language]):
            found.add(False)
        elif any(words in part for words in KEPT[what][language]):
            found.add(True)
    return found


@pytest.mark.parametrize("case", cases(), ids=str)
async def test_privacy_says_what_is_kept_and_how_each_is_changed(case: Case):
    text, _ = await case.asked("/privacy")
    for what, kept in case.kept.items():
        assert claims(text, case.language, what) == {kept}
        assert f"/memory {what} {'off' if kept else 'on'}" in text
    assert (SIX_HOURS[case.language] in text) == (not case.kept["history"])
    assert ("45" in text) == bool(case.keep_days)
    words_gone = {"en": "without its words", "zh": "文字删掉以后，只留下这些"}[case.language]
    assert (words_gone in text) == (case.kept == {"history": False, "moods": True})
    assert len(text) <= 1900


@pytest.mark.parametrize("case", cases(), ids=str)
async def test_start_and_memory_ask_what_is_open_and_tell_the_rest(case: Case):
    for command in ("/start", "/memory"):
        text, buttons = await case.asked(command)
        asks = case.open
        assert (ASKED[case.language] in text) == bool(asks)
        assert command != "/start" or AN_AI[case.language] in text
        for what, kept in case.kept.items():
            if what not in asks:
                assert claims(text, case.language, what) == {kept}
        if len(asks) == 2:
            assert buttons == ["/memory on", "/memory off"]
        elif asks:
            (what,) = asks
            assert buttons == [f"/memory {what} on", f"/memory {what} off"]
        elif command == "/memory":
            assert buttons == [
                f"/memory {what} {'off' if kept else 'on'}" for what, kept in case.kept.items()
            ]
        assert all(button in text for button in buttons)
        assert (SIX_HOURS[case.language] in text) == ("history" in asks or not case.kept["history"])
        told_days = "history" in asks or case.kept["history"]
        assert ("45" in text) == bool(case.keep_days and told_days)
        assert len(text) <= 1900


@pytest.mark.parametrize("case", cases(), ids=str)
async def test_mood_shows_nothing_where_moods_are_not_kept_and_says_how_to_change_it(case: Case):
    text, buttons = await case.asked("/mood")
    if case.kept["moods"]:
        assert buttons == []
        return
    assert buttons[0] in ("/memory moods on", "/memory on")
    assert all(button in text for button in buttons)
    assert (ASKED[case.language] in text) == ("moods" in case.open)


@pytest.mark.parametrize("case", cases(), ids=str)
async def test_after_a_choice_the_answer_says_how_both_stand(case: Case):
    for what, other in (("history", "moods"), ("moods", "history")):
        for choice in ("on", "off"):
            text, _ = await case.asked(f"/memory {what} {choice}")
            assert claims(text, case.language, other) == {case.kept[other]}
            goes = what == "history" and choice == "off"
            stays_open = other == "history" and not case.kept["history"]
            assert (SIX_HOURS[case.language] in text) == (goes or stays_open)


@pytest.mark.parametrize("platform", ["telegram", "discord", "console"])
@both
async def test_in_a_group_the_rule_is_told_and_help_names_no_choice(language, platform):
    for case in cases():
        if case.language != language or case.keep_days:
            continue
        where = {"private": False, "scope": Scope(platform, "9")}
        text, _ = await case.asked("/privacy", **where)
        rule = {"en": "except for people who said no", "zh": "拒绝过的人除外"}[language]
        settings = (case.history_set, case.moods_set)
        assert text.count(rule) == settings.count("on")
        assert SIX_HOURS[language].split("以后")[0].split("quiet")[0] in text
        help_text, _ = await case.asked("/help", **where)
        assert "/memory" not in help_text
