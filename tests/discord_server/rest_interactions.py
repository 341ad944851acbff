"""REST of interactions: the first answer, and what follows it under the interaction's token.

None of it needs the bot's token, nor the right to write in the channel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.discord_server import drafts
from tests.discord_server.calls import Call
from tests.discord_server.faults import (
    ACKNOWLEDGED,
    EXPIRED_TOKEN,
    SEALED,
    TOO_MANY_FOLLOWUPS,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refusal,
    form,
)
from tests.discord_server.interactions import Answer, Interaction
from tests.discord_server.messages import CHAT_COMMAND, DEFAULT, Flag, Message
from tests.discord_server.people import APPLICATION_ID, BOT, Json
from tests.discord_server.rest_messages import RestMessages
from tests.discord_server.world import World

FOLLOWUPS_WHERE_NOT_A_MEMBER = 5
_COMMAND, _COMPONENT = 2, 3
CALLBACK = "/interactions/{interaction}/{token}/callback"
WEBHOOK = "/webhooks/{application}/{token}"


class RestInteractions:
    """What each route does. `table`: method and route to function."""

    def __init__(self, world: World, messages: RestMessages) -> None:
        self.world = world
        self.messages = messages
        one = WEBHOOK + "/messages/{message}"
        self.table: dict[tuple[str, str], Callable[[Call], Any]] = {
            ("POST", CALLBACK): self.answer,
            ("POST", WEBHOOK): self.follow,
            ("GET", one): lambda call: self._shown(self._message(call)),
            ("PATCH", one): self.edit,
            ("DELETE", one): lambda call: self.world.remove(self._message(call)),
        }

    def answer(self, call: Call) -> Json | None:
        found = self.world.interactions.get(call.id("interaction"))
        if found is None or found.token != call.args["token"]:
            raise Refusal(UNKNOWN_INTERACTION)
        if found.answer:
            raise Refusal(ACKNOWLEDGED)
        if found.too_late_to_answer(self.world.clock.now()):
            raise Refusal(UNKNOWN_INTERACTION)
        if found.channel.archived and found.channel.locked:
            raise Refusal(SEALED)
        kind, data = Answer(call.body.get("type", 0)), call.body.get("data") or {}
        if kind in (Answer.DEFERRED_UPDATE, Answer.UPDATE) and found.kind != _COMPONENT:
            raise form("type", "BASE_TYPE_CHOICES", "Only a component has a message to update.")
        self._first(kind, found, call, data)
        found.answer = kind
        return self._receipt(found) if call.query.get("with_response") in ("1", "true") else None

    def _first(self, kind: Answer, found: Interaction, call: Call, data: Json) -> None:
        match kind:
            case Answer.MESSAGE:
                found.original = self._post(found, drafts.new(call, data))
            case Answer.DEFERRED:
                flags = Flag(int(data.get("flags") or 0)) & Flag.EPHEMERAL | Flag.LOADING
                found.original = self._post(found, drafts.Draft("", [], [], {}, flags))
            case Answer.DEFERRED_UPDATE:
                found.original = found.on
            case Answer.UPDATE:
                found.original = found.on
                assert found.on
                self.messages.change(found.on, drafts.changed(call, found.on, data))
            case Answer.MODAL:
                found.modal = data
            case _:
                raise form("type", "BASE_TYPE_CHOICES", "Value must be one of {4, 5, 6, 7, 9}.")

    def _receipt(self, found: Interaction) -> Json:
        original = found.original
        interaction: Json = {"id": str(found.id), "type": found.kind}
        if original:
            interaction |= {
                "response_message_id": str(original.id),
                "response_message_loading": original.is_loading,
                "response_message_ephemeral": original.is_ephemeral,
            }
        if not original or found.answer is Answer.DEFERRED_UPDATE:
            return {"interaction": interaction}
        resource = {"type": int(found.answer), "message": self._shown(original)}
        return {"interaction": interaction, "resource": resource}

    def _post(self, found: Interaction, draft: drafts.Draft) -> Message:
        new = self.world.post(
            found.channel,
            BOT,
            draft.content,
            kind=CHAT_COMMAND if found.kind == _COMMAND else DEFAULT,
            flags=draft.flags,
            embeds=draft.embeds,
            components=draft.components,
            files=draft.files,
            allowed_mentions=draft.allowed_mentions,
            interaction=found,
            seen_by=found.person if draft.flags & Flag.EPHEMERAL else None,
        )
        found.answers.append(new)
        return new

    def follow(self, call: Call) -> Json:
        """One more message. While the first answer is still thinking, this one becomes it."""
        found = self._interaction(call)
        if found.original and found.original.is_loading:
            return self._changed(found.original, call)
        draft = drafts.new(call)
        after = len(found.answers) - (1 if found.original in found.answers else 0)
        if found.user_only and after >= FOLLOWUPS_WHERE_NOT_A_MEMBER:
            raise Refusal(TOO_MANY_FOLLOWUPS)
        return self._shown(self._post(found, draft))

    def edit(self, call: Call) -> Json:
        return self._changed(self._message(call), call)

    def _changed(self, message: Message, call: Call) -> Json:
        draft = drafts.changed(call, message)
        if message.is_loading:
            message.flags &= ~Flag.LOADING
            message.versions.clear()
        self.messages.change(message, draft)
        return self._shown(message)

    def _interaction(self, call: Call) -> Interaction:
        found = [one for one in self.world.interactions.values() if one.token == call.args["token"]]
        if not found or call.id("application") != APPLICATION_ID:
            raise Refusal(UNKNOWN_WEBHOOK)
        if found[0].expired(self.world.clock.now()):
            raise Refusal(EXPIRED_TOKEN)
        if not found[0].answer:
            raise Refusal(UNKNOWN_WEBHOOK)
        return found[0]

    def _message(self, call: Call) -> Message:
        found = self._interaction(call)
        own = [*found.answers, *([found.original] if found.original else [])]
        for one in own:
            named = call.args["message"] == "@original" and one is found.original
            if (named or call.id("message") == one.id) and not one.deleted:
                return one
        raise Refusal(UNKNOWN_MESSAGE)

    def _shown(self, message: Message) -> Json:
        return message.json(self.world.cdn)
