"""What Telegram does with a text and its entities before it keeps them: refuse, trim, shift.

Does not parse Markdown or HTML, and does not find mentions or links in a bot's text. The wordings
are those of Telegram's own server. For given entities it does not say "can't parse entities":
that is its answer to a `parse_mode`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.telegram_server.faults import bad

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024
_TYPES = (
    "mention hashtag cashtag bot_command url email phone_number bold italic underline "
    "strikethrough spoiler blockquote expandable_blockquote code pre text_link text_mention "
    "custom_emoji date_time"
)
TYPES = frozenset(_TYPES.split())

Entity = Mapping[str, Any]


def units(text: str) -> int:
    """The length in UTF-16 code units: Telegram's measure."""
    return len(text.encode("utf-16-le")) // 2


def kept(
    text: str, entities: object, *, limit: int, empty: bool = False
) -> tuple[str, tuple[Entity, ...]]:
    """The text and entities as Telegram keeps them. `empty`: may be empty, as a caption may.

    Raises `Refusal`, with Telegram's words.
    """
    if not text and not empty:
        raise bad("message text is empty")
    checked = _checked(text, entities)
    start = min((one["offset"] for one in checked), default=units(text))
    shown = text.rstrip(" \n")
    lead = min(len(shown) - len(shown.lstrip(" \n")), start)  # of one unit each
    shown = shown[lead:]
    if not shown and not empty:
        raise bad("text must be non-empty")
    if units(shown) > limit:
        raise bad("message caption is too long" if empty else "message is too long")
    return shown, tuple(_shifted(checked, lead, units(shown)))


def _checked(text: str, entities: object) -> list[Entity]:
    found = entities or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise bad("can't parse entities: expected an Array of MessageEntity")
    wide = text.encode("utf-16-le")
    size = len(wide) // 2
    for one in found:
        offset, length = one.get("offset"), one.get("length")
        if not isinstance(offset, int) or not isinstance(length, int):
            raise bad("can't parse MessageEntity: Can't find field \"offset\"")
        if one.get("type") not in TYPES:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        if offset < 0:
            raise bad(f"receive an entity with incorrect offset {offset}")
        if length < 0:
            raise bad(f"receive an entity with incorrect length {length}")
        if offset > size:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {offset}")
        end = offset + length
        begins = f"entity beginning at UTF-16 offset {offset}"
        if end > size:
            raise bad(f"{begins} ends after the end of the text at UTF-16 offset {end}")
        if _inside(wide, offset):
            raise bad(f"entity begins in a middle of a UTF-16 symbol at byte offset {offset}")
        if _inside(wide, end):
            raise bad(f"{begins} ends in a middle of a UTF-16 symbol at byte offset {end}")
    return found


def _inside(wide: bytes, offset: int) -> bool:
    """Whether the unit at this offset is the second half of a pair."""
    unit = wide[2 * offset : 2 * offset + 2]
    return len(unit) == 2 and 0xDC <= unit[1] <= 0xDF


def _shifted(entities: Iterable[Entity], lead: int, size: int) -> Iterable[Entity]:
    for one in sorted(entities, key=lambda one: (one["offset"], -one["length"])):
        start = max(one["offset"] - lead, 0)
        end = min(one["offset"] + one["length"] - lead, size)
        if end > start:
            yield {**one, "offset": start, "length": end - start}
