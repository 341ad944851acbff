"""Chats as Telegram keeps them: what is in them, and whether the bot may still write there.

Learns from the updates that are fed (people's messages, topics, a block, a migration) and from the
bot's own calls. Does not answer calls: that is `methods`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server import faults
from tests.telegram_server.people import BOT, Json, Person, Place, member
from tests.telegram_server.texts import Entity

FIRST_OF_BOT = 1_000_001
"""The bot's messages are numbered from here, so that they never meet those of `messages`."""


@dataclass(frozen=True, slots=True)
class File:
    """An upload."""

    name: str
    content: bytes
    media_type: str


@dataclass(slots=True)
class Message:
    """A message of the bot. `edits` counts its changes; a deleted one stays, and says so."""

    chat: Json
    message_id: int
    sender: Json
    text: str = ""
    entities: tuple[Entity, ...] = ()
    thread_id: int | None = None
    reply_parameters: Json | None = None
    reply_to: Json | None = None
    reply_markup: Json | None = None
    document: File | None = None
    photo: File | None = None
    edits: int = 0
    deleted: bool = False
    date: int = field(default_factory=lambda: int(time.time()))

    @property
    def chat_id(self) -> int:
        return int(self.chat["id"])

    @property
    def is_file(self) -> bool:
        return bool(self.document or self.photo)

    def json(self) -> Json:
        """As the Bot API gives it, and as a person's reply to it names it."""
        words = "caption" if self.is_file else "text"
        found: Json = {"message_id": self.message_id, "from": self.sender, "chat": self.chat}
        found |= {"date": self.date, words: self.text}
        marks = [dict(one) for one in self.entities]
        optional: Json = {
            "caption_entities" if self.is_file else "entities": marks,
            "message_thread_id": self.thread_id,
            "is_topic_message": bool(self.thread_id),
            "reply_to_message": self.reply_to,
            "edit_date": int(time.time()) if self.edits else None,
        }
        if self.reply_markup and "inline_keyboard" in self.reply_markup:
            optional["reply_markup"] = self.reply_markup
        if self.document:
            optional["document"] = _file(self.document, self.message_id)
            optional["document"] |= {"file_name": self.document.name}
        if self.photo:
            optional["photo"] = [_file(self.photo, self.message_id) | {"width": 640, "height": 480}]
        return found | {key: value for key, value in optional.items() if value}

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Label and data of each inline button."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [(one["text"], one.get("callback_data", "")) for row in rows for one in row]


def _file(file: File, number: int) -> Json:
    known = {"file_id": f"file-{number}", "file_unique_id": f"unique-{number}"}
    return {**known, "file_size": len(file.content)}


@dataclass(slots=True)
class Chat:
    """One chat. `refusal`: what the bot gets for writing there."""

    json: Json
    messages: dict[int, Message] = field(default_factory=dict)
    others: dict[int, Json] = field(default_factory=dict)
    topics: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    members: dict[int, Json] = field(default_factory=dict)
    refusal: faults.Error | None = None

    @property
    def kind(self) -> str:
        return str(self.json["type"])

    def find(self, message_id: object) -> Json | None:
        """Any message that is still there, of the bot or of others."""
        if not isinstance(message_id, int):
            return None
        own = self.messages.get(message_id)
        if own is None:
            return self.others.get(message_id)
        return None if own.deleted else own.json()


class Chats:
    """All chats, by id."""

    def __init__(self, bot: Person = BOT) -> None:
        self.bot = bot
        self.presses: set[str] = set()
        self._chats: dict[int, Chat] = {}
        self._numbers = itertools.count(FIRST_OF_BOT)

    def __iter__(self) -> Iterator[Chat]:
        return iter(self._chats.values())

    def of(self, chat_id: int) -> Chat:
        """The chat; one never heard of is private, or a forum without topics, by its sign."""
        kind = "private" if chat_id > 0 else "supergroup"
        place = Place(chat_id, kind, "Unnamed", forum=chat_id < 0)
        return self._chats.setdefault(chat_id, Chat(place.json()))

    def know(self, place: Place) -> Chat:
        """Makes a chat, and its topic, known without an update."""
        chat = self.of(place.id)
        chat.json.clear()
        chat.json.update(place.json())
        chat.topics |= {place.thread} if place.thread else set()
        return chat

    def add(self, chat: Chat, **content: Any) -> Message:
        """Puts a new message of the bot into the chat."""
        new = Message(chat.json, next(self._numbers), self.bot.json(), **content)
        chat.messages[new.message_id] = new
        return new

    def learn(self, update: Mapping[str, Any]) -> None:
        """Takes from an update what Telegram would know too. A malformed one teaches nothing."""
        for kind, value in update.items():
            if not isinstance(value, dict):
                continue
            if kind == "callback_query":
                self.presses.add(str(value.get("id")))
            elif isinstance(found := value.get("chat"), dict) and isinstance(found.get("id"), int):
                chat = self.of(found["id"])
                chat.json.clear()
                chat.json.update(found)
                if kind == "my_chat_member":
                    self._status(chat, value)
                elif isinstance(value.get("message_id"), int):
                    self._message(chat, value)

    def _message(self, chat: Chat, value: Json) -> None:
        chat.others[value["message_id"]] = value
        thread = value.get("message_thread_id")
        if isinstance(thread, int) and value.get("is_topic_message"):
            chat.topics.add(thread)
            if "forum_topic_closed" in value:
                chat.closed.add(thread)
            elif "forum_topic_reopened" in value:
                chat.closed.discard(thread)
        if isinstance(new := value.get("migrate_to_chat_id"), int):
            chat.refusal = faults.migrated(new)

    def _status(self, chat: Chat, change: Json) -> None:
        now = change.get("new_chat_member", {})
        chat.members[self.bot.id] = now
        chat.refusal = None
        if now.get("status") == "kicked":
            private = chat.kind == "private"
            chat.refusal = faults.BLOCKED if private else faults.kicked(chat.kind)
        elif now.get("status") == "left":
            chat.refusal = faults.not_a_member(chat.kind)
        elif now.get("status") == "restricted" and not now.get("can_send_messages"):
            why = "Bad Request: not enough rights to send text messages to the chat"
            chat.refusal = faults.Error(400, why)

    def leave(self, chat: Chat) -> None:
        chat.members[self.bot.id] = member(self.bot, "left")
        chat.refusal = faults.not_a_member(chat.kind)
