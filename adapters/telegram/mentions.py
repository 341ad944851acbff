"""Which words of a Telegram message are meant for whom, and what is left without the bot's name.

Knows: entities and commands. Does not know: chats, replies, what Warmline answers.
Entities count UTF-16 code units, so all cutting is done in that encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from telegram import Message, MessageEntity, User

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,64})(?:@(?P<bot>[A-Za-z0-9_]+))?(?=\s|$)")
_BLANK = " \t"
_CLOSING = ",.!?;:，。！？；：、"
_VOCATIVE = ",:，：、"


@dataclass(frozen=True, slots=True)
class Words:
    """What was written, without the bot's own name.

    `named`: the bot was mentioned, anywhere. `command`: the name of the command that it begins
    with, in lower case, or "". `for_another`: it begins with a command for another bot.
    `calls_another`: it begins with a mention of somebody else and never mentions the bot.
    """

    text: str
    named: bool
    command: str
    for_another: bool
    calls_another: bool


def read_words(message: Message, me: User) -> Words:
    """The text or the caption of a message, as meant for the bot `me`."""
    written = whole(message.text or message.caption or "")
    entities = message.entities if message.text else message.caption_entities
    units = written.encode("utf-16-le")
    own = sorted(span for entity in entities if (span := _own_span(entity, units, me)))
    text = _without(units, own) if own else written
    command = _COMMAND.match(text)
    addressee = command["bot"] if command else None
    return Words(
        text=text,
        named=bool(own),
        command=command["name"].lower() if command else "",
        for_another=addressee is not None and not _is_me(addressee, me),
        calls_another=not own and _begins_with_mention(entities),
    )


def whole(text: str) -> str:
    """The text with every half of a surrogate pair made U+FFFD: such a half can't be stored."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _own_span(entity: MessageEntity, units: bytes, me: User) -> tuple[int, int] | None:
    """Where the entity names the bot, from and to in UTF-16 units; None where it does not."""
    start, end = entity.offset, entity.offset + entity.length
    if entity.type == MessageEntity.TEXT_MENTION:
        return (start, end) if entity.user is not None and entity.user.id == me.id else None
    if entity.type not in (MessageEntity.MENTION, MessageEntity.BOT_COMMAND):
        return None
    # A cut through a pair leaves no name of ours; "replace" keeps it from raising.
    before, at, name = units[2 * start : 2 * end].decode("utf-16-le", "replace").partition("@")
    if not at or not _is_me(name, me):
        return None
    return start + len(before), end  # "/mood@warmline_bot" keeps its "/mood", which is ASCII


def _is_me(name: str, me: User) -> bool:
    return name.lower() == (me.username or "").lower() != ""


def _begins_with_mention(entities: Iterable[MessageEntity]) -> bool:
    return any(
        entity.offset == 0 and entity.type in (MessageEntity.MENTION, MessageEntity.TEXT_MENTION)
        for entity in entities
    )


def _without(units: bytes, spans: list[tuple[int, int]]) -> str:
    """The text without these spans, the blanks around each made one, line breaks kept."""
    text, position = "", 0
    for start, end in [*spans, (len(units) // 2, 0)]:
        piece = units[2 * position : 2 * start].decode("utf-16-le", "replace")
        text = _joined(text, piece) if position else piece
        position = max(position, end)
    return text.strip()


def _joined(left: str, right: str) -> str:
    """What stood before a name and what stood after it."""
    if not left.strip():
        # "@warmline_bot, how are you?": the comma belongs to the name.
        return left + right.lstrip(_BLANK).lstrip(_VOCATIVE).lstrip(_BLANK)
    before, after = left.rstrip(_BLANK), right.lstrip(_BLANK)
    if right == "" or right[0] in "\n" + _CLOSING or before.endswith("\n"):
        return before + (right if right[:1] == "\n" else after)
    return before + (" " if (before, after) != (left, right) else "") + after
