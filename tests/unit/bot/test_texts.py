"""Every sentence exists in both languages, takes the same fields, and is said somewhere."""

from __future__ import annotations

import ast
import string
from functools import cache
from pathlib import Path

import pytest

import bot
from bot.commands import COMMANDS, MENU
from bot.texts.sentences import LANGUAGES, lines, say, section_of
from bot.trends import Direction

SECTIONS = (
    "turn",
    "honesty",
    "safety",
    "care_close",
    "care_fading",
    "commands",
    "memory",
    "menu",
    "telegram",
    "console",
    "access",
    "checkin",
    "letters",
    "share",
    "alert",
    "digest",
    "slash",
    "slash_names",
    "admin",
)
LINES = ("moves", "counsel", "kinds")
"""Sections of lists, of which one line is said. tests/unit/bot/reply/test_moves.py holds names."""

WORDLESS = {"console.prompt"}


def sentences(language: str) -> dict[str, str]:
    return {
        f"{section}.{name}": sentence
        for section in SECTIONS
        for name, sentence in section_of(language, section).items()
    }


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@cache
def sources() -> list[ast.AST]:
    files = Path(bot.__file__).parent.rglob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    return [node for tree in trees for node in ast.walk(tree)]


def literals() -> set[str]:
    return {str(node.value) for node in sources() if isinstance(node, ast.Constant)}


def arguments_of_say() -> list[ast.expr]:
    calls = [node for node in sources() if isinstance(node, ast.Call)]
    return [a for call in calls if ast.unparse(call.func) == "say" for a in call.args]


@cache
def beginnings() -> set[str]:
    """What stands before the field of a key that is put together, as in f"turn.{reason}"."""
    made = [argument for argument in arguments_of_say() if isinstance(argument, ast.JoinedStr)]
    return {ast.literal_eval(key.values[0]) for key in made}


def test_both_languages_hold_the_same_sentences_with_the_same_fields():
    english, chinese = sentences("en"), sentences("zh")
    assert list(english) == list(chinese)
    for key, sentence in english.items():
        assert fields(sentence) == fields(chinese[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_section_is_unknown_to_these_tests(language):
    path = Path(bot.__file__).parent / "texts" / f"{language}.toml"
    headings = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "["]
    assert headings == [f"[{section}]" for section in (*SECTIONS, *LINES)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_not_blank_and_in_their_language(language):
    listed = {
        f"{section}.{name} {number}": line
        for section in LINES
        for name in section_of(language, section)
        for number, line in enumerate(lines(language, f"{section}.{name}"))
    }
    for key, sentence in (sentences(language) | listed).items():
        assert sentence.strip(), key
        has_han = any("\u4e00" <= character <= "\u9fff" for character in sentence)
        assert has_han == (language == "zh") or key in WORDLESS, key


def test_every_sentence_that_the_code_says_exists():
    keys = {a.value for a in arguments_of_say() if isinstance(a, ast.Constant)} - set(LANGUAGES)
    assert len(keys) >= 5
    for language in LANGUAGES:
        assert keys <= sentences(language).keys()
        for beginning in beginnings():
            assert any(key.startswith(beginning) for key in sentences(language)), beginning


def test_every_sentence_is_said_somewhere():
    words = literals() | set(Direction)
    unsaid = set()
    for key in sentences("en"):
        section, name = key.split(".")
        whole = key in words or (section in ("console", "turn", "safety") and name in words)
        made = any(key.startswith(b) and key[len(b) :] in words for b in beginnings())
        # `bot.slash` makes these keys of commands and their options, and the dashboard's templates
        # say [admin]; their own tests hold that.
        if not whole and not made and not key.startswith(("safety.helpline_", "slash", "admin.")):
            unsaid.add(key)
    assert unsaid == set()


def test_every_command_has_a_description():
    for language in LANGUAGES:
        assert {*COMMANDS, *MENU} == section_of(language, "menu").keys()


def test_fields_are_filled_in():
    words = say("en", "commands.mood_few", n=2, days=30, needed=5)
    assert words == "There is too little to tell: 2 messages in the last 30 days, and I need 5."
    assert "{" not in say("zh", "commands.mood_few", n=2, days=30, needed=5)


def test_an_unknown_language_reads_english():
    assert say("de", "turn.empty") == say("en", "turn.empty")


@pytest.mark.parametrize("key", ["turn.nonsense", "nonsense.empty"])
def test_an_unknown_sentence_is_a_programmers_mistake(key):
    with pytest.raises(KeyError):
        say("en", key)
