"""Discord's messages as Warmline's values: what asks for an answer.

Knows: who is spoken to, what is read, what is nobody's business. Pure: nothing is sent or kept.
Does not know: who may talk, what is answered, which messages came before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import discord

from adapters.discord.words import Kind, one_line, readable, unaddressed, whole
from adapters.messages import IncomingMessage, Person, Scope

PLATFORM = "discord"

HIDDEN = "hidden"
"""The kind of a message whose content Discord keeps to itself, where the bot lacks the Message
Content intent: a reply that does not ping it, a mention of its role alone."""

_SAID = (discord.MessageType.default, discord.MessageType.reply)
_MEDIA = {"image": "photo", "video": "video", "audio": "audio"}


@dataclass(frozen=True, slots=True)
class Said:
    """Something that asks for an answer in the channel (or thread) `channel_id`."""

    message: IncomingMessage
    channel_id: int
    reply_to: int


def read(
    message: discord.Message,
    me: discord.ClientUser,
    listening: Collection[str],
    *,
    edited: bool = False,
) -> Said | None:
    """What a message means for the bot `me`; None where it means nothing.

    `listening`: ids of the channels in which everything is answered, but what is said to somebody
    else there. `edited`: Discord told of a change, which may be a link's preview as well.
    """
    if not _is_of_a_person(message) or (edited and message.edited_at is None):
        return None
    private = isinstance(message.channel, discord.DMChannel)
    named = _is_named(message, me)
    if not (private or named or _replies_to(message, me) or _is_heard(message, listening)):
        return None
    text = _text(message, me)
    shown = private or bool(message.content) or _is_mentioned(message, me)
    kind = _kind(message, text, shown=shown)
    if edited and not text:
        return None
    return Said(
        message=IncomingMessage(
            scope=scope_of(message.channel),
            person=person_of(message.author),
            message_id=str(message.id),
            text=text,
            sent_at=message.created_at,
            private=private,
            locale=str(message.guild.preferred_locale) if message.guild else "",
            kind=kind,
            quoted=_quoted(message, me),
            edited=edited,
            joins=kind == "text" and text != "" and not text.startswith("/"),
            server=_server(message),
            manages=_manages(message),
        ),
        channel_id=message.channel.id,
        reply_to=message.id,
    )


def _text(message: discord.Message, me: discord.ClientUser) -> str:
    """The words without the bot's name. In a command a mark is an argument, and stays."""
    text = unaddressed(_content(message), _own_marks(message, me))
    if text.startswith("/"):
        return whole(text)
    return readable(text, lambda kind, number: name_of(message, kind, number))


def scope_of(channel: discord.abc.Snowflake) -> Scope:
    """The conversation of a channel. A thread has one of its own within its parent's."""
    if isinstance(channel, discord.Thread):
        return Scope(PLATFORM, str(channel.parent_id), str(channel.id))
    return Scope(PLATFORM, str(channel.id))


def person_of(user: discord.User | discord.Member) -> Person:
    """Who it is, under the name that is shown."""
    return Person(PLATFORM, str(user.id), one_line(user.display_name))


def name_of(message: discord.Message, kind: Kind, number: int) -> str:
    """What the message's readers see in place of an id; "" where nobody knows."""
    guild = message.guild
    match kind:
        case "user":
            known = next((user for user in message.mentions if user.id == number), None)
            user = known or (guild.get_member(number) if guild else None)
            return user.display_name if user else ""
        case "role":
            role = guild.get_role(number) if guild else None
            return role.name if role else ""
        case "channel":
            channel = guild.get_channel_or_thread(number) if guild else None
            return channel.name if channel else ""


def _is_of_a_person(message: discord.Message) -> bool:
    """Whether a person wrote it: no bot, no webhook, not Discord itself."""
    author = message.author
    return (
        message.type in _SAID
        and message.webhook_id is None
        and not author.bot
        and not author.system
    )


def _is_named(message: discord.Message, me: discord.ClientUser) -> bool:
    """Whether the bot, or the role that is its own, is mentioned; a reply can ping without words.

    Discord counts neither @everyone nor a mention inside of code.
    """
    return _is_mentioned(message, me) or any(_is_own(role, me) for role in message.role_mentions)


def _is_mentioned(message: discord.Message, me: discord.ClientUser) -> bool:
    """Whether the bot itself is: only then are a server's words shown whatever its intents are."""
    return any(user.id == me.id for user in message.mentions)


def _is_own(role: discord.Role, me: discord.ClientUser) -> bool:
    """Whether Discord made the role for this bot when it was invited."""
    return role.tags is not None and role.tags.bot_id == me.id


def _own_marks(message: discord.Message, me: discord.ClientUser) -> str:
    """A pattern of the bot's own marks in this message."""
    roles = [f"<@&{role.id}>" for role in message.role_mentions if _is_own(role, me)]
    return "|".join([f"<@!?{me.id}>", *roles])


def _replied(message: discord.Message) -> discord.Message | None:
    """The message that this one replies to, where Discord shows it."""
    replied = message.reference.resolved if message.reference else None
    return replied if isinstance(replied, discord.Message) else None


def _replies_to(message: discord.Message, me: discord.ClientUser) -> bool:
    replied = _replied(message)
    return replied is not None and replied.author.id == me.id


def _is_heard(message: discord.Message, listening: Collection[str]) -> bool:
    """Whether it is said where the bot listens, and not to somebody else."""
    here = {message.channel.id, getattr(message.channel, "parent_id", None)}
    return not message.mentions and any(str(number) in listening for number in here)


def _content(message: discord.Message) -> str:
    """What was written, or else the words that are passed on."""
    return message.content or "\n".join(shot.content for shot in message.message_snapshots)


def _quoted(message: discord.Message, me: discord.ClientUser) -> str:
    """The words that this one replies to; the bot's own are in the history."""
    replied = _replied(message)
    if replied is None or replied.author.id == me.id:
        return ""
    return readable(_content(replied), lambda kind, number: name_of(replied, kind, number)).strip()


def _kind(message: discord.Message, text: str, *, shown: bool) -> str:
    """What it is, by what it carries; a picture keeps its kind beside words.

    `shown`: Discord shows its content whatever the bot's intents are.
    """
    forwarded = message.message_snapshots[:1]
    carrier = forwarded[0] if forwarded and not message.content else message
    if carrier.attachments:
        return "voice" if carrier.flags.voice else _media(carrier.attachments[0])
    if carrier.stickers:
        return "sticker"
    if message.poll:
        return "poll"
    if text:
        return "text"
    if forwarded:
        return "forward"
    if message.activity or message.application or message.embeds:
        return "other"
    return "text" if shown else HIDDEN


def _media(attachment: discord.Attachment) -> str:
    media_type = attachment.content_type or ""
    return _MEDIA.get(media_type.partition("/")[0], "document")


def _server(message: discord.Message) -> str:
    guild_id = message.guild.id if message.guild else getattr(message.channel, "guild_id", None)
    return str(guild_id) if guild_id else ""


def _manages(message: discord.Message) -> bool:
    """Whether the author may manage the server, as far as Discord told."""
    author = message.author
    if message.guild is None or not isinstance(author, discord.Member):
        return False  # a server that is not known yet has no roles to look at
    return author.guild_permissions.manage_guild
