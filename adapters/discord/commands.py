"""Slash commands, and how Discord is told of them.

Knows: the shape of Discord's command tree, its rules for names, which of its locales speak a
language. Does not know: which commands there are and what they mean; that is handed in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import regex

if TYPE_CHECKING:
    from adapters.discord.settings import DiscordTexts

# Source of the numbers and rules: Discord's documentation, Application Commands.
_OPTION_TYPES = {"text": 3, "number": 4, "channel": 7}
_RANGES = {"text": ("min_length", "max_length"), "number": ("min_value", "max_value")}
_MANAGE_SERVER = str(1 << 5)
_TO_SERVERS, _TO_PEOPLE = 0, 1
_IN_SERVERS, _WITH_THE_BOT, _AMONG_PEOPLE = 0, 1, 2
_NAME = regex.compile(r"[-_\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}")
_LONGEST_DESCRIPTION = 100
_MOST_OPTIONS = 25

_LOCALES = {"en": ("en-GB", "en-US"), "zh": ("zh-CN", "zh-TW")}
"""Discord's locales that speak a language of ours."""


@dataclass(frozen=True, slots=True)
class SlashOption:
    """Something that a command asks for.

    A text may be one of `choices` alone. `least` and `most` bound a number, or a text's characters.
    With `named` its name stands before its value in the command: "/settings quiet 22-7".
    """

    name: str
    kind: Literal["text", "number", "channel"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command by its plain name.

    `ephemeral`: its answer is for the person alone. `manages_only`: for those who may manage the
    server, and in servers only. `words`: no command at all, its options hold what the person says.
    """

    name: str
    options: tuple[SlashOption, ...] = ()
    ephemeral: bool = True
    manages_only: bool = False
    words: bool = False


def payload(
    commands: Iterable[SlashCommand], texts: Mapping[str, DiscordTexts], language: str
) -> list[dict[str, Any]]:
    """All commands as Discord's bulk overwrite takes them.

    People whose client speaks none of the `texts` see `language`.

    Raises:
        ValueError: a name, a description or a number of options that Discord would not take.
    """
    words = _Words(texts, language)
    return [_command(command, words) for command in commands]


def fingerprint(commands: Sequence[Mapping[str, Any]]) -> str:
    """A hash of a payload that changes with what it says, and not with the order of commands."""
    in_order = sorted(commands, key=lambda command: str(command["name"]))
    written = json.dumps(in_order, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _command(command: SlashCommand, words: _Words) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": 1,
        **words.name(command.name),
        **words.description(command.name, "commands"),
        "options": _bounded(
            [
                _option(option, f"{command.name}.{option.name}", words)
                # Discord wants the required ones first.
                for option in sorted(command.options, key=lambda option: not option.required)
            ],
            command.name,
        ),
        "integration_types": [_TO_SERVERS, _TO_PEOPLE],
        "contexts": [_IN_SERVERS, _WITH_THE_BOT, _AMONG_PEOPLE],
        "default_member_permissions": None,
    }
    if command.manages_only:
        told |= {
            "integration_types": [_TO_SERVERS],
            "contexts": [_IN_SERVERS],
            "default_member_permissions": _MANAGE_SERVER,
        }
    return told


def _option(option: SlashOption, key: str, words: _Words) -> dict[str, Any]:
    told = {
        "type": _OPTION_TYPES[option.kind],
        **words.name(key),
        **words.description(key, "options"),
        "required": option.required,
    }
    bounds = zip(_RANGES.get(option.kind, ()), (option.least, option.most), strict=False)
    told |= {bound: value for bound, value in bounds if value is not None}
    if option.choices:
        choices = [words.choice(key, choice) for choice in option.choices]
        told["choices"] = _bounded(choices, key)
    return told


def _bounded(those: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    if len(those) > _MOST_OPTIONS:
        raise ValueError(f"{key} has {len(those)} options or choices: give at most {_MOST_OPTIONS}")
    return those


class _Words:
    """What things are called and how they are described, in every language."""

    def __init__(self, texts: Mapping[str, DiscordTexts], language: str) -> None:
        self._texts = texts
        self._language = language

    def name(self, key: str) -> dict[str, Any]:
        """The name of a command or an option: the last word of its key, and that of languages."""
        plain = key.rpartition(".")[2]
        localised = dict(self._names(key))
        for name in (plain, *localised.values()):
            if not _NAME.fullmatch(name) or name != name.lower():
                raise ValueError(
                    f"{name!r}, the name of {key}, is none that Discord takes: use at most 32"
                    " small letters, digits, - and _"
                )
        return {"name": plain, "name_localizations": localised or None}

    def choice(self, option: str, value: str) -> dict[str, Any]:
        """A value that a text may have, and what it is called."""
        key = f"{option}.{value}"
        return {
            "name": self._texts[self._language].names.get(key, value),
            "name_localizations": dict(self._names(key)) or None,
            "value": value,
        }

    def description(self, key: str, kind: Literal["commands", "options"]) -> dict[str, Any]:
        """What a command or an option is for."""
        by_language = {}
        for language, texts in self._texts.items():
            found: Mapping[str, str] = getattr(texts, kind)
            words = found.get(key, "")
            if not 1 <= len(words) <= _LONGEST_DESCRIPTION:
                raise ValueError(
                    f"the description of {key} in {language!r} has {len(words)} characters:"
                    f" write 1 to {_LONGEST_DESCRIPTION}"
                )
            by_language[language] = words
        return {
            "description": by_language[self._language],
            "description_localizations": {
                locale: words
                for language, words in by_language.items()
                for locale in _LOCALES.get(language, ())
            },
        }

    def _names(self, key: str) -> Iterator[tuple[str, str]]:
        for language, texts in self._texts.items():
            for locale in _LOCALES.get(language, ()):
                if key in texts.names:
                    yield locale, texts.names[key]
