"""Slash commands and presses become messages: what they say, and who sees the answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.discord.commands import SlashCommand, SlashOption
from adapters.discord.interactions import Asked, Pressed, read_interaction
from adapters.messages import IncomingMessage, Person, Scope
from tests.unit.adapters.discord.wire import (
    ANNA,
    BEN,
    BOT,
    CHANNEL,
    DM,
    FORUM,
    GUILD,
    MANAGE_SERVER,
    PEOPLE,
    THREAD,
    Json,
    client,
    interaction,
    message,
)

COMMANDS = {
    command.name: command
    for command in (
        SlashCommand("mood", (SlashOption("days", "number"),)),
        SlashCommand("help", ephemeral=False),
        SlashCommand("chat", (SlashOption("message"),), ephemeral=False, words=True),
        SlashCommand("trend", (SlashOption("where"), SlashOption("days", "number"))),
        SlashCommand("settings", (SlashOption("quiet", named=True), SlashOption("moods"))),
    )
}


def command(name: str, **options: Any) -> Json:
    given = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
    return {"id": "1", "type": 1, "name": name, "options": given}


def read(**fields: Any) -> Asked | Pressed | None:
    bot, _ = client()
    return read_interaction(interaction(bot, **fields), COMMANDS)


def asked(**fields: Any) -> IncomingMessage:
    found = read(**fields)
    assert isinstance(found, Asked)
    return found.message


def pressed(custom_id: str, **fields: Any) -> Pressed | None:
    card = message(id="77", author=BOT, channel_id=str(CHANNEL))
    data = {"component_type": 2, "custom_id": custom_id}
    found = read(type=3, data=data, message=card, **fields)
    assert found is None or isinstance(found, Pressed)
    return found


async def test_a_slash_command_is_read_as_it_would_be_typed():
    assert read(data=command("mood", days=7)) == Asked(
        IncomingMessage(
            scope=Scope("discord", str(CHANNEL)),
            person=Person("discord", str(ANNA), "Annie"),
            message_id="interaction:6000",
            text="/mood 7",
            sent_at=datetime(2015, 1, 1, tzinfo=UTC),
            private=False,
            locale="zh-TW",
            server=str(GUILD),
            ephemeral=True,
        ),
        CHANNEL,
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (command("mood"), "/mood"),
        (command("trend", days=30, where="server"), "/trend server 30"),
        (command("trend", days=30), "/trend 30"),
        (command("settings", moods="off", quiet="22-7"), "/settings quiet 22-7 off"),
        (command("settings", quiet=" "), "/settings"),
        (command("older", what="x"), "/older x"),
        (command("chat", message="  I lost my keys\n\ud83d "), "I lost my keys\n\ufffd"),
    ],
)
async def test_options_stand_in_the_commands_own_order(data: Json, text: str):
    assert asked(data=data).text == text


async def test_names_in_what_is_said_are_read_as_words():
    resolved = {
        "users": {str(BEN): PEOPLE[BEN], str(ANNA): PEOPLE[ANNA]},
        "members": {str(ANNA): {"nick": "Annie"}},
        "roles": {"5": {"name": "Mods"}},
        "channels": {"6": {"name": "chat"}},
    }
    said = command("chat", message=f"<@{BEN}> <@{ANNA}> <@&5> <#6> <@1>")
    assert asked(data={**said, "resolved": resolved}).text == "@Ben @Annie @Mods #chat @user"


async def test_only_personal_answers_are_for_the_person_alone():
    assert asked(data=command("mood")).ephemeral
    assert asked(data=command("unknown")).ephemeral
    assert not asked(data=command("help")).ephemeral
    assert not asked(data=command("chat", message="hi")).ephemeral


async def test_in_the_bots_own_direct_messages_all_is_private_and_stays():
    said = asked(data=command("mood"), context=1)
    assert (said.private, said.ephemeral, said.for_one) == (True, False, True)
    assert said.scope == Scope("discord", str(DM))
    assert (said.server, said.manages) == ("", False)


async def test_in_the_private_chat_of_others_nothing_is_private():
    said = asked(data=command("help"), context=2)
    assert not said.private
    assert not said.for_one
    assert asked(data=command("mood"), context=2).ephemeral


async def test_a_thread_is_a_conversation_of_its_own():
    found = read(data=command("help"), channel={"id": str(THREAD), "type": 11})
    assert isinstance(found, Asked)
    assert found.channel_id == THREAD
    assert found.message.scope == Scope("discord", str(FORUM), str(THREAD))


async def test_who_may_manage_the_server_is_told():
    member: Json = {"user": PEOPLE[ANNA], "roles": [], "joined_at": None, "flags": 0}
    said = asked(data=command("trend"), member={**member, "permissions": str(MANAGE_SERVER)})
    assert said.manages
    assert not asked(data=command("trend")).manages


async def test_a_press_says_its_command_for_who_pressed():
    found = pressed("say:/memory on")
    assert found is not None
    assert found.message.text == "/memory on"
    assert found.message.message_id == "press:6000"
    assert found.message.person == Person("discord", str(ANNA))
    assert found.message.ephemeral
    assert (found.channel_id, found.card) == (CHANNEL, 77)
    assert (public := pressed("say:/help")) is not None
    assert not public.message.ephemeral


async def test_what_is_none_of_ours_is_nothing():
    assert pressed("another:button") is None
    assert read(type=1) is None
    assert read(type=4, data=command("mood")) is None
    assert read(data=command("mood"), channel={"id": "1", "type": 99}) is None
