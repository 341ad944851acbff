"""Slash commands and presses of buttons as Warmline's values.

Knows: how a command reads that was filled in, who sees its answer. Pure: nothing is sent or kept.
Does not know: what a command means, how it is answered (`responses`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord
from discord.utils import MISSING

from adapters.discord.channel import PRESS
from adapters.discord.commands import SlashCommand
from adapters.discord.messages import person_of, scope_of
from adapters.discord.words import Kind, readable, whole
from adapters.messages import IncomingMessage

Interaction = discord.Interaction[Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A slash command. `message.ephemeral`: the answer is for the person alone."""

    message: IncomingMessage
    channel_id: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button under the message `card`: its command, said by who pressed it."""

    message: IncomingMessage
    channel_id: int
    card: int | None


def read_interaction(
    interaction: Interaction, commands: Mapping[str, SlashCommand]
) -> Asked | Pressed | None:
    """What an interaction says; None where it is none of ours. `commands` by their names."""
    channel = interaction.channel
    if channel is None or interaction.user is MISSING:
        return None
    if interaction.type is discord.InteractionType.application_command:
        data: Mapping[str, Any] = interaction.data or {}
        command = commands.get(data["name"]) or SlashCommand(data["name"])
        number = f"interaction:{interaction.id}"
        message = _message(interaction, number, _said(command, data), channel, command)
        return Asked(message, channel.id)
    custom_id = interaction.custom_id or ""
    if interaction.type is discord.InteractionType.component and custom_id.startswith(PRESS):
        text = custom_id.removeprefix(PRESS)
        name = text.partition(" ")[0].removeprefix("/")
        command = commands.get(name) or SlashCommand(name)
        message = _message(interaction, f"press:{interaction.id}", text, channel, command)
        card = interaction.message
        return Pressed(message, channel.id, card.id if card else None)
    return None


def _message(
    interaction: Interaction,
    number: str,
    text: str,
    channel: discord.abc.Snowflake,
    command: SlashCommand,
) -> IncomingMessage:
    private = _is_private(interaction)
    return IncomingMessage(
        scope=scope_of(channel),
        person=person_of(interaction.user),
        message_id=number,
        text=text,
        sent_at=interaction.created_at,
        private=private,
        locale=str(interaction.locale),
        server=str(interaction.guild_id or ""),
        manages=interaction.permissions.manage_guild,
        ephemeral=command.ephemeral and not private,  # in private it would only vanish
    )


def _is_private(interaction: Interaction) -> bool:
    """Whether the bot and the person are among themselves. Others' private chats are no such."""
    among_others = interaction.context.private_channel
    return isinstance(interaction.channel, discord.DMChannel) and not among_others


def _said(command: SlashCommand, data: Mapping[str, Any]) -> str:
    """The command as it would be typed; or the words alone, where it is for words."""
    values = list(_values(command, data.get("options", [])))
    if not command.words:
        return whole(" ".join([f"/{command.name}", *values]))
    resolved = data.get("resolved", {})
    return readable("\n".join(values), lambda kind, number: _name(resolved, kind, number)).strip()


def _values(command: SlashCommand, given: list[Mapping[str, Any]]) -> Iterator[str]:
    """The options that were given, in the command's own order."""
    values = {option["name"]: str(option.get("value", "")) for option in given}
    for option in command.options:
        value = values.pop(option.name, "").strip()
        if value:
            yield f"{option.name} {value}" if option.named else value
    yield from filter(None, map(str.strip, values.values()))  # of an older definition


def _name(resolved: Mapping[str, Any], kind: Kind, number: int) -> str:
    one = resolved.get(f"{kind}s", {}).get(str(number), {})
    member = resolved.get("members", {}).get(str(number), {}) if kind == "user" else {}
    names = (member.get("nick"), one.get("global_name"), one.get("username"), one.get("name"))
    return next(filter(None, names), "")
