"""Slash commands as Discord is told of them, in both languages, and when they count as changed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from adapters.delivery import DeliveryTexts
from adapters.discord.commands import SlashCommand, SlashOption, fingerprint, payload
from adapters.discord.settings import DiscordTexts

DELIVERY = DeliveryTexts("", "", "")
EN = DiscordTexts(
    DELIVERY,
    commands={"mood": "How it was", "trend": "How the server was", "chat": "Talk"},
    options={
        "mood.days": "How many days",
        "trend.where": "Whose",
        "trend.days": "How many days",
        "chat.message": "What you say",
    },
    names={"trend.where.server": "the whole server"},
)
ZH = DiscordTexts(
    DELIVERY,
    commands={"mood": "近来如何", "trend": "服务器近来如何", "chat": "聊天"},
    options={
        "mood.days": "多少天",
        "trend.where": "哪里",
        "trend.days": "多少天",
        "chat.message": "你说的话",
    },
    names={"mood": "心情", "mood.days": "天数", "trend.where.server": "整个服务器"},
)
TEXTS = {"en": EN, "zh": ZH}
DAYS = SlashOption("days", "number", least=1, most=365)
MOOD = SlashCommand("mood", (DAYS,))
TREND = SlashCommand(
    "trend", (SlashOption("where", choices=("server", "channel")), DAYS), manages_only=True
)
CHAT = SlashCommand(
    "chat", (SlashOption("message", required=True, most=2000),), ephemeral=False, words=True
)


def test_a_command_is_described_in_both_languages():
    (told,) = payload([MOOD], TEXTS, "en")
    assert told == {
        "type": 1,
        "name": "mood",
        "name_localizations": {"zh-CN": "心情", "zh-TW": "心情"},
        "description": "How it was",
        "description_localizations": {
            "en-GB": "How it was",
            "en-US": "How it was",
            "zh-CN": "近来如何",
            "zh-TW": "近来如何",
        },
        "options": [
            {
                "type": 4,
                "name": "days",
                "name_localizations": {"zh-CN": "天数", "zh-TW": "天数"},
                "description": "How many days",
                "description_localizations": {
                    "en-GB": "How many days",
                    "en-US": "How many days",
                    "zh-CN": "多少天",
                    "zh-TW": "多少天",
                },
                "required": False,
                "min_value": 1,
                "max_value": 365,
            }
        ],
        "integration_types": [0, 1],
        "contexts": [0, 1, 2],
        "default_member_permissions": None,
    }


def test_the_owners_language_is_what_all_other_clients_see():
    (told,) = payload([MOOD], TEXTS, "zh")
    assert told["name"] == "mood"
    assert told["description"] == "近来如何"
    assert told["description_localizations"]["en-US"] == "How it was"


def test_what_is_for_managers_is_in_servers_alone_and_takes_the_permission():
    (told,) = payload([TREND], TEXTS, "en")
    assert told["default_member_permissions"] == "32"
    assert told["contexts"] == [0]
    assert told["integration_types"] == [0]


def test_choices_are_called_by_their_names_and_mean_their_values():
    (told,) = payload([TREND], TEXTS, "en")
    server, channel = told["options"][0]["choices"]
    assert server["value"] == "server"
    assert server["name"] == "the whole server"
    assert server["name_localizations"]["zh-CN"] == "整个服务器"
    assert channel == {"name": "channel", "name_localizations": None, "value": "channel"}


def test_a_text_is_bounded_by_its_length():
    (told,) = payload([CHAT], TEXTS, "en")
    (option,) = told["options"]
    assert (option["type"], option["required"], option["max_length"]) == (3, True, 2000)
    assert "min_length" not in option


def test_required_options_come_first_as_discord_wants():
    last = SlashOption("message", required=True)
    texts = {"en": replace(EN, options={"chat.message": "a", "chat.days": "b"})}
    (told,) = payload([SlashCommand("chat", (DAYS, last))], texts, "en")
    assert [option["name"] for option in told["options"]] == ["message", "days"]


@pytest.mark.parametrize("name", ["Mood", "mood day", "", "m" * 33, "心 情", "mood!"])
def test_a_name_that_discord_refuses_is_refused_here(name: str):
    texts = {"en": replace(EN, names={"mood": name})}
    with pytest.raises(ValueError, match="the name of mood"):
        payload([MOOD], texts, "en")


@pytest.mark.parametrize("words", ["", "w" * 101])
def test_a_description_that_discord_refuses_is_refused_here(words: str):
    texts = {"en": EN, "zh": replace(ZH, options={"mood.days": words})}
    with pytest.raises(ValueError, match=r"mood\.days in 'zh'"):
        payload([MOOD], texts, "en")


def test_more_choices_than_discord_takes_are_refused_here():
    many = SlashOption("days", choices=tuple(map(str, range(26))))
    with pytest.raises(ValueError, match="at most 25"):
        payload([SlashCommand("mood", (many,))], TEXTS, "en")


def test_the_fingerprint_changes_with_the_definition_and_not_with_the_order():
    first = fingerprint(payload([MOOD, TREND], TEXTS, "en"))
    assert first == fingerprint(payload([TREND, MOOD], dict(reversed(TEXTS.items())), "en"))
    assert first != fingerprint(payload([MOOD], TEXTS, "en"))
    assert first != fingerprint(payload([MOOD, replace(TREND, manages_only=False)], TEXTS, "en"))
    reworded = {"en": EN, "zh": replace(ZH, names={})}
    assert first != fingerprint(payload([MOOD, TREND], reworded, "en"))


def test_commands_and_settings_can_be_made_without_loading_the_library():
    code = "import sys, adapters.discord.settings; sys.exit('discord' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
