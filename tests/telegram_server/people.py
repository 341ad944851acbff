"""Who and where: the people, bots, chats and topics of the tests, as Telegram's JSON shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a bot."""

    id: int
    first_name: str
    username: str = ""
    language_code: str = ""
    is_bot: bool = False

    def json(self) -> Json:
        found: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        named = {"username": self.username, "language_code": self.language_code}
        return found | {key: value for key, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or a topic of a forum."""

    id: int
    type: str
    title: str
    username: str = ""
    forum: bool = False
    thread: int | None = None

    def json(self) -> Json:
        name = "first_name" if self.type == "private" else "title"
        found: Json = {"id": self.id, "type": self.type, name: self.title}
        if self.username:
            found["username"] = self.username
        return found | ({"is_forum": True} if self.forum else {})

    def topic(self, thread: int) -> Place:
        return replace(self, thread=thread)


BOT = Person(7000000001, "Warmline", "warmline_bot", is_bot=True)
ANN = Person(101, "Ann", "ann_smith", "en")
BEN = Person(102, "Ben", "", "en")
LI = Person(103, "李伟", "li_wei", "zh-hans")
OTHER_BOT = Person(901, "Other", "other_bot", is_bot=True)
ANONYMOUS = Person(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
"""Stands as the sender for an admin who writes anonymously: `sender_chat` is then the group."""

BASIC = Place(-201, "group", "Small group")
GROUP = Place(-1001000000001, "supergroup", "Group")
FORUM = Place(-1001000000002, "supergroup", "Forum", forum=True)
CHANNEL = Place(-1001000000003, "channel", "News")


def private(person: Person) -> Place:
    return Place(person.id, "private", person.first_name, person.username)


_RIGHTS = (
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
    "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories "
    "can_delete_stories can_pin_messages can_manage_topics"
)
_MAY = (
    "can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos "
    "can_send_video_notes can_send_voice_notes can_send_polls can_send_other_messages "
    "can_add_web_page_previews can_change_info can_invite_users can_pin_messages "
    "can_manage_topics can_edit_tag can_react_to_messages"
)


def member(person: Person, status: str, **rights: object) -> Json:
    """A ChatMember: creator, administrator, member, restricted, left, or kicked."""
    more: Json = {}
    if status == "creator":
        more = {"is_anonymous": False}
    elif status == "administrator":
        more = dict.fromkeys(_RIGHTS.split(), True)
        more |= {"can_be_edited": False, "is_anonymous": False}
    elif status == "restricted":
        more = dict.fromkeys(_MAY.split(), False) | {"is_member": True, "until_date": 0}
    elif status == "kicked":
        more = {"until_date": 0}
    return {"status": status, "user": person.json(), **more, **rights}
