"""Who wrote a Telegram message: a person, a bot, a group's unnamed administrator, or nobody.

Knows: how Telegram marks each. Pure. Does not know: who is spoken to, what is answered.
"""

from __future__ import annotations

from telegram import Chat, Message, Update, User
from telegram.constants import ChatType
from telegram.ext import filters

from adapters.messages import Person
from adapters.telegram.mentions import whole

PLATFORM = "telegram"

# Service messages that the library's own filter of them leaves out.
_MORE_SERVICE = ("boost_added", "passport_data", "successful_payment", "suggested_post_info")


def is_of_a_person(message: Message, speaker: User, me: User) -> bool:
    """Whether a person wrote it, as themselves, where the bot can answer."""
    return not (
        speaker.is_bot
        or message.sender_chat is not None  # a channel, or an administrator who stays unnamed
        or message.is_automatic_forward
        or is_user(message.via_bot, me)  # our own words, through inline mode
        or message.chat.type == ChatType.CHANNEL
        or message.chat.is_direct_messages  # a channel's letter box: it answers as the channel
    )


def is_of_the_group(message: Message) -> bool:
    """Whether an administrator wrote it who stays unnamed: it stands there as the group's own."""
    sender, chat = message.sender_chat, message.chat
    if sender is None or sender.id != chat.id or message.via_bot is not None:
        return False
    return chat.type in (ChatType.GROUP, ChatType.SUPERGROUP) and not chat.is_direct_messages


def is_service(update: Update, message: Message) -> bool:
    """Told by Telegram, not said by anybody: joins, pins, titles, topics, payments."""
    known = bool(filters.StatusUpdate.ALL.check_update(update))
    return known or any(getattr(message, name) for name in _MORE_SERVICE)


def person(user: User) -> Person:
    """Somebody who writes as themselves."""
    return Person(PLATFORM, str(user.id), whole(user.full_name))


def group(chat: Chat) -> Person:
    """Whoever manages the group, unnamed: told apart by the group alone."""
    return Person(PLATFORM, str(chat.id), whole(chat.title or ""))


def is_from(me: User, message: Message) -> bool:
    """Whether this user wrote it, and as themselves."""
    return message.sender_chat is None and is_user(message.from_user, me)


def is_user(user: User | None, me: User) -> bool:
    """Whether that is this one."""
    return user is not None and user.id == me.id
