"""The slash commands: every one has its words in both languages, and none has others."""

from __future__ import annotations

import pytest

from adapters.discord.commands import payload
from bot.commands import COMMANDS, MANAGERS_MENU, RETRY, STOP
from bot.config import load
from bot.platforms import discord_settings
from bot.slash import described, names, options_described, slash_commands
from bot.texts.sentences import LANGUAGES, section_of

BY_NAME = {command.name: command for command in slash_commands()}
OPTIONS = {f"{c.name}.{o.name}" for c in slash_commands() for o in c.options}
CHOICES = {
    f"{c.name}.{o.name}.{choice}"
    for c in slash_commands()
    for o in c.options
    for choice in o.choices
}


def test_every_command_is_known_to_the_bot():
    assert {*BY_NAME} - {"chat"} <= {*COMMANDS, STOP, RETRY}


def test_only_what_is_said_to_all_is_public():
    assert {name for name, c in BY_NAME.items() if not c.ephemeral} == {"chat", STOP, RETRY}


def test_those_who_manage_a_server_have_their_own():
    assert {name for name, c in BY_NAME.items() if c.manages_only} == {*MANAGERS_MENU}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_words_and_no_words_are_left_over(language):
    assert described(language).keys() == BY_NAME.keys()
    assert options_described(language).keys() == OPTIONS
    spare = {"chat", *(key.replace(".", "_") for key in OPTIONS)}
    assert section_of(language, "slash").keys() == spare
    called = {key.replace("_", ".") for key in section_of(language, "slash_names")}
    assert called == {*BY_NAME, *OPTIONS, *CHOICES}


def test_english_names_are_the_plain_ones_but_for_choices():
    assert names("en").keys() <= CHOICES
    assert names("en")["language.language.en"] == "English"


def test_chinese_clients_see_chinese_names():
    zh = names("zh")
    assert zh.keys() == {*BY_NAME, *OPTIONS, *CHOICES}
    assert (zh["chat"], zh["chat.text"], zh["memory.choice.on"]) == ("聊天", "内容", "记住")


def test_names_in_one_language_are_told_apart():
    zh = names("zh")
    assert len({zh[name] for name in BY_NAME}) == len(BY_NAME)


@pytest.mark.parametrize("language", LANGUAGES)
def test_discord_takes_them_all(language):
    settings = discord_settings(load(None, {}))
    (mood,) = (
        c for c in payload(settings.commands, settings.texts, language) if c["name"] == "mood"
    )
    assert mood["options"][0]["name_localizations"] == {"zh-CN": "天数", "zh-TW": "天数"}
    assert (mood["options"][0]["min_value"], mood["options"][0]["max_value"]) == (1, 365)
    assert [choice["value"] for choice in mood["options"][1]["choices"]] == ["why", "correct"]
