"""What the bot makes of a message, as its payload comes through the gateway."""

from __future__ import annotations

from typing import Any

import discord

from adapters.discord.messages import Said, read
from adapters.messages import IncomingMessage
from tests.unit.adapters.discord.wire import BEN, CHANNEL, GUILD, ME, PEOPLE, Json, client, message

MENTION: Json = {"content": f"<@{ME}> hello", "mentions": [PEOPLE[ME]]}
OF_THE_BOT = message(id="3999", author=PEOPLE[ME], content="I am here", channel_id=str(CHANNEL))
OF_BEN = message(id="3998", author=PEOPLE[BEN], content="I lost my keys", channel_id=str(CHANNEL))


def reply_to(replied: Json | None, **fields: Any) -> Json:
    number = replied["id"] if replied else "1"
    reference = {"message_id": number, "channel_id": str(CHANNEL), "guild_id": str(GUILD)}
    return {"type": 19, "message_reference": reference, "referenced_message": replied, **fields}


def heard(
    fields: Json, *, listening: tuple[str, ...] = (), edited: bool = False, server: bool = True
) -> Said | None:
    """What the bot makes of a message, by default in the server's channel."""
    bot, _ = client()
    state: Any = bot._connection
    member: Json = {"roles": [], "joined_at": None, "flags": 0}
    place = {"guild_id": str(GUILD), "channel_id": str(CHANNEL), "member": member}
    data = message(**{**(place if server else {}), **fields})
    channel, _ = state._get_guild_channel(data)
    told = discord.Message(state=state, channel=channel, data=data)  # type: ignore[arg-type]
    assert bot.user is not None
    return read(told, bot.user, listening, edited=edited)


def incoming(fields: Json, **how: Any) -> IncomingMessage:
    said = heard(fields, **how)
    assert said is not None
    return said.message
