"""REST on messages: sending, editing, deleting, reading back, typing, reactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.discord_server import drafts
from tests.discord_server.access import (
    channel_of,
    may,
    message_of,
    require,
    require_open,
    require_sending,
)
from tests.discord_server.calls import Call
from tests.discord_server.faults import (
    MISSING_ACCESS,
    NO_HISTORY_FOR_REPLY,
    NOT_IN_DM,
    NOT_YOURS,
    Refusal,
    form,
)
from tests.discord_server.intents import hide_content
from tests.discord_server.messages import Flag, Message
from tests.discord_server.people import BOT, Json
from tests.discord_server.places import Channel
from tests.discord_server.world import World

NONCE_S = 300.0
_UNKNOWN_REPLY = ("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")


class RestMessages:
    """What each route does. `table`: method and route to function."""

    def __init__(self, world: World) -> None:
        self.world = world
        message = "/channels/{channel}/messages/{message}"
        self.table: dict[tuple[str, str], Callable[[Call], Any]] = {
            ("POST", "/channels/{channel}/messages"): self.create,
            ("GET", "/channels/{channel}/messages"): self.history,
            ("GET", message): self.get,
            ("PATCH", message): self.edit,
            ("DELETE", message): self.delete,
            ("PUT", message + "/reactions/{emoji}/@me"): self.react,
            ("DELETE", message + "/reactions/{emoji}/@me"): self.unreact,
            ("POST", "/channels/{channel}/typing"): self.typing,
        }

    def create(self, call: Call) -> Json:
        channel = channel_of(self.world, call)
        require_sending(channel)
        draft = drafts.new(call)
        if draft.files:
            require(channel, "attach_files")
        if draft.embeds:
            require(channel, "embed_links")
        if before := self._sent_before(channel, draft, call):
            return self.shown(before)
        new = self.world.post(
            channel,
            BOT,
            draft.content,
            replied=self._replied(call, channel),
            flags=draft.flags & ~Flag.EPHEMERAL,
            embeds=draft.embeds,
            components=draft.components,
            files=draft.files,
            allowed_mentions=draft.allowed_mentions,
            nonce=draft.nonce,
            poll=draft.poll,
        )
        return self.shown(new)

    def _sent_before(self, channel: Channel, draft: drafts.Draft, call: Call) -> Message | None:
        """The message that this one repeats, told by its nonce."""
        if draft.nonce is None or not call.body.get("enforce_nonce"):
            return None
        since = self.world.clock.now() - NONCE_S
        for one in channel.messages.values():
            own = one.author.id == BOT.id and one.sent >= since
            if own and str(one.nonce) == str(draft.nonce):
                return one
        return None

    def _replied(self, call: Call, channel: Channel) -> Message | None:
        asked = call.body.get("message_reference")
        if not asked:
            return None
        if not may(channel, "read_message_history"):
            raise Refusal(NO_HISTORY_FOR_REPLY)
        if int(asked.get("channel_id") or channel.id) != channel.id:
            code = "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL"
            raise form("message_reference", code, "Cannot reply to a message in another channel")
        found = self.world.find(channel, int(asked["message_id"]))
        if (found is None or found.is_ephemeral) and asked.get("fail_if_not_exists", True):
            raise form(*_UNKNOWN_REPLY)
        return found

    def edit(self, call: Call) -> Json:
        channel = channel_of(self.world, call)
        message = message_of(self.world, call, channel)
        if message.author.id != BOT.id:
            raise Refusal(NOT_YOURS)
        require_open(channel)
        if call.files:
            require(channel, "attach_files")
        self.change(message, drafts.changed(call, message))
        return self.shown(message)

    def change(self, message: Message, draft: drafts.Draft) -> None:
        """Gives the message its new parts, and tells of it."""
        draft.put_into(message)
        message.versions.append(message.content)
        message.edited = self.world.clock.now()
        self.world.mention(message)
        self.world.tell_message("MESSAGE_UPDATE", message)

    def delete(self, call: Call) -> None:
        channel = channel_of(self.world, call)
        message = message_of(self.world, call, channel)
        if message.author.id != BOT.id:
            if channel.guild is None:
                raise Refusal(NOT_IN_DM)
            require(channel, "manage_messages")
        self.world.remove(message)

    def get(self, call: Call) -> Json:
        channel = channel_of(self.world, call)
        if not may(channel, "read_message_history"):
            raise Refusal(MISSING_ACCESS)
        return self.shown(message_of(self.world, call, channel))

    def history(self, call: Call) -> list[Json]:
        """Newest first. Without the right to read back there is nothing to see, and no error."""
        channel = channel_of(self.world, call)
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            why = "int value should be between 1 and 100."
            raise form("limit", "NUMBER_TYPE_MAX", why)
        if not may(channel, "read_message_history"):
            return []
        found = channel.shown
        if "after" in call.query:
            found = [one for one in found if one.id > int(call.query["after"])][:limit]
        elif "before" in call.query:
            found = [one for one in found if one.id < int(call.query["before"])]
        elif "around" in call.query:
            middle = int(call.query["around"])
            older = [one for one in found if one.id <= middle][-(limit // 2 + 1) :]
            found = older + [one for one in found if one.id > middle][: limit // 2]
        return [self.shown(one) for one in reversed(found[-limit:])]

    def react(self, call: Call) -> None:
        channel = channel_of(self.world, call)
        message = message_of(self.world, call, channel)
        if not may(channel, "read_message_history"):
            raise Refusal(MISSING_ACCESS)
        require_open(channel)
        if call.args["emoji"] not in message.reactions:
            require(channel, "add_reactions")
        message.reactions.setdefault(call.args["emoji"], []).append(BOT.id)

    def unreact(self, call: Call) -> None:
        message = message_of(self.world, call, channel_of(self.world, call))
        if BOT.id in (who := message.reactions.get(call.args["emoji"], [])):
            who.remove(BOT.id)

    def typing(self, call: Call) -> None:
        channel = channel_of(self.world, call)
        require_sending(channel)
        self.world.typing.append((channel.id, call.time))

    def shown(self, message: Message) -> Json:
        """As REST gives it: without the words that the portal doesn't let the bot read."""
        found = message.json(self.world.cdn)
        if "message_content" not in self.world.privileged:
            hide_content(found, private=message.channel.guild is None)
        return found
