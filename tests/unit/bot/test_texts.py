"""Every sentence exists in both languages, takes the same fields, and is said somewhere."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import bot
from bot.commands import COMMANDS
from bot.texts.sentences import LANGUAGES, say, section_of

SECTIONS = ("turn", "honesty", "safety", "commands", "console")
NOT_YET_SHOWN = {"commands.help_mood", "commands.help_forget", "commands.help_help"}
"""Descriptions for the command menus of platforms that have one."""


def sentences(language: str) -> dict[str, str]:
    return {
        f"{section}.{name}": sentence
        for section in SECTIONS
        for name, sentence in section_of(language, section).items()
    }


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def written_in_the_sources() -> tuple[set[str], set[str]]:
    """All literal strings of `bot`, and what stands before the first field of its f-strings."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
    return whole, beginnings


def said_by_name() -> set[str]:
    """Every key that is a literal argument of `say`, whole or up to its first field."""
    keys = set()
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "say":
                keys |= {
                    argument.value
                    for argument in node.args
                    if isinstance(argument, ast.Constant) and "." in str(argument.value)
                }
    return keys


def test_both_languages_hold_the_same_sentences_with_the_same_fields():
    english, chinese = sentences("en"), sentences("zh")
    assert list(english) == list(chinese)
    for key, sentence in english.items():
        assert fields(sentence) == fields(chinese[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_section_is_unknown_to_these_tests(language):
    path = Path(bot.__file__).parent / "texts" / f"{language}.toml"
    headings = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "["]
    assert headings == [f"[{section}]" for section in SECTIONS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_not_blank_and_in_their_language(language):
    for key, sentence in sentences(language).items():
        assert sentence.strip(), key
        has_han = any("\u4e00" <= character <= "\u9fff" for character in sentence)
        assert has_han == (language == "zh") or key == "console.prompt", key


def test_every_sentence_that_the_code_says_exists():
    keys = said_by_name()
    assert len(keys) >= 8
    for key in keys:
        for language in LANGUAGES:
            assert key in sentences(language)


def test_every_sentence_is_said_somewhere():
    whole, beginnings = written_in_the_sources()
    unsaid = set()
    for key in sentences("en"):
        name = key.split(".")[1]
        made = any(
            len(start) > 4 and name.startswith(start) for start in beginnings | {"helpline_"}
        )
        if key not in whole and name not in whole and not made:
            unsaid.add(key)
    reasons = {
        "commands." + str(direction) for direction in ("rising", "falling", "steady", "unclear")
    }
    assert unsaid - reasons == NOT_YET_SHOWN


def test_help_names_every_command():
    for language in LANGUAGES:
        for command in COMMANDS.keys() - {"start"}:
            assert f"/{command}" in say(language, "commands.help")


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
