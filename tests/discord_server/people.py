"""Who is there: the bot, people, other bots and webhooks, as Discord's JSON shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """A person, a bot, or a webhook that writes as one. `locale`: of their client."""

    id: int
    username: str
    global_name: str = ""
    locale: str = "en-US"
    is_bot: bool = False
    is_webhook: bool = False

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "username": self.username,
            "global_name": self.global_name or None,
            "discriminator": "0000" if self.is_webhook else "4321" if self.is_bot else "0",
            "avatar": None,
            "bot": self.is_bot,
            "system": False,
            "public_flags": 0,
        }

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(slots=True)
class Member:
    """Somebody in a server. `joined`: ISO time."""

    person: Person
    joined: str
    nick: str = ""
    roles: set[int] = field(default_factory=set)

    def json(self, *, with_user: bool = True) -> Json:
        found: Json = {
            "nick": self.nick or None,
            "roles": [str(role) for role in sorted(self.roles)],
            "joined_at": self.joined,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "avatar": None,
            "communication_disabled_until": None,
        }
        return found | ({"user": self.person.json()} if with_user else {})


APPLICATION_ID = 1100000000000000900
"""Not the bot's own id: with older applications the two differ."""

BOT = Person(1100000000000000001, "Warmline", is_bot=True)
ANN = Person(1100000000000000101, "ann_smith", "Ann")
BEN = Person(1100000000000000102, "ben")
LI = Person(1100000000000000103, "li_wei", "李伟", "zh-CN")
OTHER_BOT = Person(1100000000000000201, "OtherBot", is_bot=True)
HOOK = Person(1100000000000000301, "News", is_bot=True, is_webhook=True)
