"""A message as Discord keeps it and shows it, and whom it mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING, Any

from tests.discord_server.calls import File
from tests.discord_server.clock import iso
from tests.discord_server.people import Json, Person

if TYPE_CHECKING:
    from tests.discord_server.interactions import Interaction
    from tests.discord_server.places import Channel

DEFAULT, REPLY, CHAT_COMMAND = 0, 19, 20
"""Types of messages that carry words."""


class Flag(IntFlag):
    """Flags of messages, with Discord's numbers."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    VOICE = 1 << 13
    SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


NO_FLAGS = Flag(0)


@dataclass(slots=True, eq=False)
class Message:
    """A message, of the bot or of others. A deleted one stays, and says so.

    `versions`: every text that stood here, the last one now. `sent` and `edited`: seconds since
    1970. `allowed_mentions`, `nonce` and `flags`: as the bot gave them. `seen_by`: the only person
    who sees it, where it is ephemeral.
    """

    id: int
    channel: Channel
    author: Person
    content: str
    sent: float
    kind: int = DEFAULT
    flags: Flag = NO_FLAGS
    mentions: list[Person] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    replied: Message | None = None
    reference: Json | None = None
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    files: dict[int, File] = field(default_factory=dict)
    stickers: list[Json] = field(default_factory=list)
    poll: Json | None = None
    snapshots: list[Json] = field(default_factory=list)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    allowed_mentions: Json | None = None
    nonce: str | int | None = None
    interaction: Interaction | None = None
    seen_by: Person | None = None
    versions: list[str] = field(default_factory=list)
    edited: float | None = None
    deleted: bool = False

    @property
    def is_ephemeral(self) -> bool:
        return bool(self.flags & Flag.EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """The bot "is thinking": a deferred answer without words yet."""
        return bool(self.flags & Flag.LOADING)

    @property
    def edits(self) -> int:
        return max(len(self.versions) - 1, 0)

    @property
    def attachments(self) -> list[File]:
        return list(self.files.values())

    @property
    def pings(self) -> list[str]:
        """What rings a bell, as written: "<@1>", "<@&2>", "@everyone"."""
        found = [one.mention for one in self.mentions]
        found += [f"<@&{role}>" for role in self.mention_roles]
        return found + (["@everyone"] if self.mention_everyone else [])

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Label and custom id of each button that can be pressed or was."""
        parts = walk(self.components)
        return [(one.get("label", ""), one.get("custom_id", "")) for one in parts if is_button(one)]

    def json(self, cdn: str) -> Json:
        """As REST gives it. `cdn`: where files are fetched."""
        found: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.json(),
            "content": self.content,
            "timestamp": iso(self.sent),
            "edited_timestamp": iso(self.edited) if self.edited else None,
            "tts": False,
            "pinned": False,
            "type": self.kind,
            "flags": int(self.flags),
            "mention_everyone": self.mention_everyone,
            "mentions": [one.json() for one in self.mentions],
            "mention_roles": [str(role) for role in self.mention_roles],
            "embeds": self.embeds,
            "components": self.components,
            "attachments": [self._file(cdn, number, file) for number, file in self.files.items()],
            "reactions": [self._reaction(emoji, who) for emoji, who in self.reactions.items()],
            "sticker_items": self.stickers,
        }
        return found | self._optional(cdn)

    def _optional(self, cdn: str) -> Json:
        found: Json = {"nonce": self.nonce, "poll": self.poll, "message_snapshots": self.snapshots}
        if self.author.is_webhook:
            found["webhook_id"] = str(self.author.id)
        if self.interaction:
            found["interaction_metadata"] = self.interaction.metadata()
        if self.reference:
            found["message_reference"] = self.reference
        shown: Json = {key: value for key, value in found.items() if value}
        if self.kind == REPLY:
            gone = self.replied is None or self.replied.deleted
            # A reply to a reply names the inner one, but doesn't show it.
            inner = self.replied.json(cdn) if self.replied else {}
            inner.pop("referenced_message", None)
            shown["referenced_message"] = None if gone else inner
        return shown

    def _file(self, cdn: str, number: int, file: File) -> Json:
        url = f"{cdn}/attachments/{self.channel.id}/{self.id}-{number}/{file.name}"
        found: Json = {"id": str(number), "filename": file.name, "size": len(file.content)}
        found |= {"url": url, "proxy_url": url, "content_type": file.media_type or None}
        return found | ({"description": file.description} if file.description else {})

    @staticmethod
    def _reaction(emoji: str, who: list[int]) -> Json:
        details = {"normal": len(who), "burst": 0}
        found: Json = {"emoji": {"id": None, "name": emoji}, "count": len(who), "me": False}
        return found | {"count_details": details, "me_burst": False, "burst_colors": []}


def is_button(component: Mapping[str, Any]) -> bool:
    return component.get("type") == 2


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, those inside of others too."""
    for one in components:
        yield one
        yield from walk(one.get("components", []))
        if isinstance(inner := one.get("accessory"), dict):
            yield from walk([inner])


_USER, _ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def users_in(content: str) -> list[int]:
    """Ids of the people whom the words mention, in order. In code nobody is mentioned."""
    return list(dict.fromkeys(map(int, _USER.findall(_CODE.sub("", content)))))


def roles_in(content: str) -> list[int]:
    return list(dict.fromkeys(map(int, _ROLE.findall(_CODE.sub("", content)))))


def everyone_in(content: str) -> bool:
    words = _CODE.sub("", content)
    return "@everyone" in words or "@here" in words
