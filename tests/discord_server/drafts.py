"""What a bot's message may hold: checked as Discord checks it, before anything is kept.

Knows the limits of contents, embeds, components, nonces and files; not who may send them where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.discord_server.calls import Call, File
from tests.discord_server.faults import EMPTY_MESSAGE, TOO_LARGE, Refusal, form
from tests.discord_server.messages import NO_FLAGS, Flag, Message, walk
from tests.discord_server.people import Json

MESSAGE_CHARACTERS = 2000
EMBED_DESCRIPTION = 4096
EMBED_CHARACTERS = 6000
NONCE_CHARACTERS = 25
FILE_BYTES = 10 * 1024 * 1024
_FIRST_FILE = 1_500_000_000_000_000_000
"""Files that are there are numbered from here, so that no new one's place in a form is like one."""

_SETTABLE = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.VOICE | Flag.COMPONENTS_V2
_LONG = "Must be {limit} or fewer in length."


@dataclass(slots=True)
class Draft:
    """The checked parts of a message."""

    content: str
    embeds: list[Json]
    components: list[Json]
    files: dict[int, File]
    flags: Flag = NO_FLAGS
    allowed_mentions: Json | None = None
    nonce: str | int | None = None
    poll: Json | None = None
    more: Json = field(default_factory=dict)

    def put_into(self, message: Message) -> None:
        message.content, message.embeds = self.content, self.embeds
        message.components, message.files = self.components, self.files
        message.allowed_mentions = self.allowed_mentions


def new(call: Call, body: Json | None = None) -> Draft:
    """A new message, of the body that came or of the part of it that is given."""
    body = call.body if body is None else body
    flags = Flag(int(body.get("flags") or 0)) & (_SETTABLE | Flag.EPHEMERAL)
    draft = Draft(
        _content(body.get("content")),
        _embeds(body.get("embeds")),
        _components(body.get("components")),
        _files(call, body, {}),
        flags,
        body.get("allowed_mentions"),
        _nonce(body.get("nonce")),
        body.get("poll"),
    )
    return _whole(draft)


def changed(call: Call, message: Message, body: Json | None = None) -> Draft:
    """The message after an edit: what isn't named stays as it is."""
    body = call.body if body is None else body
    content, embeds, components = message.content, message.embeds, message.components
    draft = Draft(
        _content(body["content"]) if "content" in body else content,
        _embeds(body["embeds"]) if "embeds" in body else embeds,
        _components(body["components"]) if "components" in body else components,
        _files(call, body, message.files) if "attachments" in body or call.files else message.files,
        message.flags,
        # An edit that allows no less than before would ping again.
        body.get("allowed_mentions"),
    )
    return _whole(draft)


def _whole(draft: Draft) -> Draft:
    if not (draft.content or draft.embeds or draft.components or draft.files or draft.poll):
        raise Refusal(EMPTY_MESSAGE)
    if draft.flags & Flag.COMPONENTS_V2 and (draft.content or draft.embeds):
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        raise form("content", code, "The 'content' field cannot be used with components v2")
    return draft


def _content(given: Any) -> str:
    """The words without the white space around them, as Discord keeps them."""
    if given is None:
        return ""
    if not isinstance(given, str):
        raise form("content", "STRING_TYPE_CONVERT", "Could not interpret as string.")
    words = given.strip()
    if len(words) > MESSAGE_CHARACTERS:
        raise form("content", "BASE_TYPE_MAX_LENGTH", _LONG.format(limit=MESSAGE_CHARACTERS))
    return words


def _embeds(given: Any) -> list[Json]:
    embeds: list[Json] = given or []
    if len(embeds) > 10:
        raise form("embeds", "BASE_TYPE_MAX_LENGTH", _LONG.format(limit=10))
    for number, embed in enumerate(embeds):
        if len(embed.get("description") or "") > EMBED_DESCRIPTION:
            why = _LONG.format(limit=EMBED_DESCRIPTION)
            raise form(f"embeds.{number}.description", "BASE_TYPE_MAX_LENGTH", why)
    if sum(map(_embed_size, embeds)) > EMBED_CHARACTERS:
        why = f"Embed size exceeds maximum size of {EMBED_CHARACTERS}"
        raise form("embeds.0", "MAX_EMBED_SIZE_EXCEEDED", why)
    return embeds


def _embed_size(embed: Mapping[str, Any]) -> int:
    fields = [one.get("name", "") + one.get("value", "") for one in embed.get("fields", [])]
    words = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    return sum(len(one or "") for one in words + fields)


def _components(given: Any) -> list[Json]:
    components: list[Json] = given or []
    seen: set[str] = set()
    for one in walk(components):
        if len(one.get("label") or "") > 80:
            raise form("components", "BASE_TYPE_MAX_LENGTH", _LONG.format(limit=80))
        custom_id = one.get("custom_id")
        if custom_id is None:
            continue
        if not 1 <= len(custom_id) <= 100:
            why = "Must be between 1 and 100 in length."
            raise form("components", "BASE_TYPE_BAD_LENGTH", why)
        if custom_id in seen:
            why = "Component custom id cannot be duplicated"
            raise form("components", "COMPONENT_CUSTOM_ID_DUPLICATED", why)
        seen.add(custom_id)
    return components


def _nonce(given: Any) -> str | int | None:
    if given is not None and len(str(given)) > NONCE_CHARACTERS:
        raise form("nonce", "BASE_TYPE_MAX_LENGTH", _LONG.format(limit=NONCE_CHARACTERS))
    nonce: str | int | None = given
    return nonce


def _files(call: Call, body: Json, old: Mapping[int, File]) -> dict[int, File]:
    """The files to be attached: of the old ones those that are named, then the new ones."""
    if any(len(one.content) > FILE_BYTES for one in call.files.values()):
        raise Refusal(TOO_LARGE)
    named: dict[int, Json] = {int(one["id"]): one for one in body.get("attachments") or []}
    every = "attachments" not in body
    found = {number: file for number, file in old.items() if every or number in named}
    first = max(found, default=_FIRST_FILE) + 1
    for number, file in sorted(call.files.items()):
        words = named.get(number, {})
        name = str(words.get("filename") or file.name)
        found[first + number] = File(name, file.content, str(words.get("description") or ""))
    return found
