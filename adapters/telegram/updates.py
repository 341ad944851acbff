"""Telegram's updates as Warmline's values: what asks for an answer, and what only tells something.

Knows: who is spoken to, what is read, what is nobody's business. Pure: nothing is sent or kept.
Does not know: who may talk, what is answered, which messages came before. A field of a wrong type
(Telegram sends none) may raise whatever it likes: the caller goes on with the next update.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Message, MessageOriginUser, Update, User
from telegram.constants import ChatType

from adapters.messages import IncomingMessage, Scope
from adapters.telegram.membership import Membership, read_membership
from adapters.telegram.mentions import Words, read_words, whole
from adapters.telegram.writers import (
    PLATFORM,
    group,
    is_from,
    is_of_a_person,
    is_of_the_group,
    is_service,
    is_user,
    person,
)

__all__ = ["PLATFORM", "Membership", "Moved", "Pressed", "Said", "read"]

# A message may carry two of these: an animation is also a document, a venue also a location.
_KINDS = (
    *("animation", "audio", "live_photo", "paid_media", "photo", "sticker", "story", "video"),
    *("video_note", "voice", "document", "contact", "dice", "game", "poll", "venue", "location"),
    *("invoice", "checklist", "giveaway", "giveaway_winners"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """Something that asks for an answer.

    `reply_to` is the Telegram id of the message, `thread_id` that of its topic (None outside one).
    `command`: it begins with that one; "" for none. `album` is shared by the pictures sent
    together, "" for anything alone: of these only the first, and each that has words, asks for an
    answer.
    """

    message: IncomingMessage
    reply_to: int
    chat_id: int
    thread_id: int | None
    private: bool
    command: str
    album: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button under a message of the bot, whose id is `card`. `message.text` is its command.

    Under a message that Telegram no longer shows the bot, the topic is unknown: None.
    """

    query_id: str
    message: IncomingMessage
    chat_id: int
    thread_id: int | None
    card: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup. Told twice, once in each of the two chats."""

    old: Scope
    new: Scope


def read(
    update: Update,
    me: User,
    commands: Collection[str],
    *,
    now: datetime,
    managing: Collection[str] = (),
) -> Said | Pressed | Moved | Membership | None:
    """What an update means for the bot `me`; None where it means nothing.

    `commands`: the names that this bot knows, in lower case, without the slash; `managing`: those
    that are for administrators, and so are heard from one who stays unnamed too, for the whole
    group. `now` (aware) is the time of a press, which Telegram does not tell.
    """
    if update.my_chat_member is not None:
        return read_membership(update.my_chat_member)
    if update.callback_query is not None:
        return _read_press(update.callback_query, me, now)
    if update.message is not None:
        message, moved = update.message, _read_move(update.message)
        return moved or _read_message(update, message, me, commands, managing, edited=False)
    if update.edited_message is not None:
        return _read_message(update, update.edited_message, me, commands, (), edited=True)
    return None  # a post in a channel, a reaction, a poll's vote, a business chat


def _read_move(message: Message) -> Moved | None:
    here = Scope(PLATFORM, str(message.chat.id))
    if message.migrate_to_chat_id is not None:
        return Moved(here, Scope(PLATFORM, str(message.migrate_to_chat_id)))
    if message.migrate_from_chat_id is not None:
        return Moved(Scope(PLATFORM, str(message.migrate_from_chat_id)), here)
    return None


def _read_message(
    update: Update,
    message: Message,
    me: User,
    commands: Collection[str],
    managing: Collection[str],
    *,
    edited: bool,
) -> Said | None:
    speaker = message.from_user
    if speaker is None or is_service(update, message):
        return None
    words = read_words(message, me)
    unnamed = words.command in managing and is_of_the_group(message)
    if not unnamed and not is_of_a_person(message, speaker, me):
        return None
    if edited and not (message.text or message.caption):
        return None  # a live location moves, a picture is exchanged: nothing to read
    if not _is_for(me, message, words, commands):
        return None
    kind = _kind(message)
    private = message.chat.type == ChatType.PRIVATE
    thread_id = _thread_id(message)
    return Said(
        message=IncomingMessage(
            scope=_scope(message.chat.id, thread_id),
            person=group(message.chat) if unnamed else person(speaker),
            message_id=str(message.message_id),
            text=words.text,
            sent_at=message.date,
            private=private,
            locale=speaker.language_code or "",
            kind=kind,
            quoted=_quoted(message, me),
            edited=edited,
            joins=kind == "text" and words.text != "" and not words.command,
            manages=unnamed,
        ),
        reply_to=message.message_id,
        chat_id=message.chat.id,
        thread_id=thread_id,
        private=private,
        command=words.command,
        album=message.media_group_id or "",
    )


def _read_press(query: CallbackQuery, me: User, now: datetime) -> Pressed | None:
    card = query.message
    if card is None or not query.data or query.from_user.is_bot:
        return None  # under a message sent through inline mode, or a game's button
    # The library makes a Message, with nothing in it, of one that it says is inaccessible.
    shown = card if isinstance(card, Message) and card.is_accessible else None
    if shown is not None and not is_from(me, shown):
        return None
    thread_id = _thread_id(shown) if shown is not None else None
    return Pressed(
        query_id=query.id,
        message=IncomingMessage(
            scope=_scope(card.chat.id, thread_id),
            person=person(query.from_user),
            message_id=f"press:{query.id}",
            text=whole(query.data),
            sent_at=now,
            private=card.chat.type == ChatType.PRIVATE,
            locale=query.from_user.language_code or "",
        ),
        chat_id=card.chat.id,
        thread_id=thread_id,
        card=card.message_id,
    )


def _is_for(me: User, message: Message, words: Words, commands: Collection[str]) -> bool:
    """Whether the bot is spoken to. In a group it keeps quiet unless it clearly is."""
    if message.chat.type == ChatType.PRIVATE:
        return True
    if words.for_another:
        return False
    if words.named or (words.command and words.command in commands):
        return True
    # "@anna look at this", written under the bot's words, is for Anna.
    return _replies_to(me, message) and not words.calls_another


def _replied(message: Message) -> Message | None:
    """The message that this one replies to. In a topic, its beginning stands there for none."""
    reply = message.reply_to_message
    return None if reply is None or reply.forum_topic_created is not None else reply


def _replies_to(me: User, message: Message) -> bool:
    reply, elsewhere = _replied(message), message.external_reply
    if reply is not None:
        return is_from(me, reply)
    origin = elsewhere.origin if elsewhere is not None else None
    return isinstance(origin, MessageOriginUser) and is_user(origin.sender_user, me)


def _quoted(message: Message, me: User) -> str:
    """The words that this one replies to, as far as the model does not know them already."""
    reply, quote = _replied(message), message.quote
    known = reply is not None and is_from(me, reply)  # the bot's own: in the history
    if quote is not None and (quote.is_manual or not known):
        return whole(quote.text)
    if reply is None or known:
        return ""
    return whole(reply.text or reply.caption or "")


def _kind(message: Message) -> str:
    if message.text:
        return "text"
    return next((name for name in _KINDS if getattr(message, name, None)), "other")


def _thread_id(message: Message) -> int | None:
    """The topic. Outside topics a thread id only numbers a chain of replies."""
    return message.message_thread_id if message.is_topic_message else None


def _scope(chat_id: int, thread_id: int | None) -> Scope:
    return Scope(PLATFORM, str(chat_id), "" if thread_id is None else str(thread_id))
