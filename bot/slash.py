"""The slash commands as Discord lists them: their options, and what they are called.

Knows: which commands are listed there, in which order their options stand. Does not know: what a
command does (`bot.commands`), Discord's own form of all this.
"""

from __future__ import annotations

from adapters.discord.commands import SlashCommand, SlashOption
from bot.texts.sentences import section_of

TREND_DAYS = ("7", "30", "90")


def slash_commands() -> tuple[SlashCommand, ...]:
    """The commands in the order of the list."""
    return (
        SlashCommand(
            "chat", (SlashOption("text", required=True, most=4000),), ephemeral=False, words=True
        ),
        SlashCommand("help"),
        SlashCommand(
            "mood",
            (
                SlashOption("days", "number", least=1, most=365),
                SlashOption("show", choices=("why", "correct")),
            ),
        ),
        SlashCommand(
            "memory",
            (
                SlashOption("choice", choices=("on", "off")),
                SlashOption("what", choices=("history", "moods")),
            ),
        ),
        SlashCommand("checkin", (SlashOption("when"), SlashOption("zone"))),
        SlashCommand("stop", ephemeral=False),
        SlashCommand("retry", ephemeral=False),
        SlashCommand("language", (SlashOption("language", choices=("en", "zh", "auto")),)),
        SlashCommand(
            "privacy",
            (SlashOption("choice", choices=("share", "unshare", "alert")), SlashOption("who")),
        ),
        SlashCommand("export"),
        SlashCommand("forget"),
        SlashCommand(
            "trend",
            (
                SlashOption("where", choices=("server", "channel")),
                SlashOption("days", choices=TREND_DAYS),
            ),
            manages_only=True,
        ),
        SlashCommand(
            "settings",
            (
                SlashOption("channels", named=True),
                SlashOption("moods", choices=("on", "off"), named=True),
                SlashOption("quiet", named=True),
            ),
            manages_only=True,
        ),
    )


def described(language: str) -> dict[str, str]:
    """What each command does, by its name."""
    menu = section_of(language, "menu")
    chat = section_of(language, "slash")["chat"]
    return {
        command.name: chat if command.name == "chat" else menu[command.name]
        for command in slash_commands()
    }


def options_described(language: str) -> dict[str, str]:
    """What each option is, by "command.option"."""
    words = section_of(language, "slash")
    return {
        f"{command.name}.{option.name}": words[f"{command.name}_{option.name}"]
        for command in slash_commands()
        for option in command.options
    }


def names(language: str) -> dict[str, str]:
    """What commands, options and choices are called, where that differs from their plain names."""
    words = section_of(language, "slash_names")
    called = {key.replace("_", "."): name for key, name in words.items()}
    return {key: name for key, name in called.items() if name != key.rpartition(".")[2]}
