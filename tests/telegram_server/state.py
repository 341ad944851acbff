"""Telegram as a test sees it: what people do there, what the bot did, what now stands in the chats.

Knows no socket: `server.BotApi` adds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.chats import Chats, Message
from tests.telegram_server.faults import Fault, Faults, Flood, Params
from tests.telegram_server.methods import Methods
from tests.telegram_server.people import BOT, Json, Person, Place, member
from tests.telegram_server.updates import Updates, Webhook
from tests.watched import Watched


class State(Watched):
    """All that is kept for one bot."""

    def __init__(self, bot_id: int) -> None:
        self.bot = replace(BOT, id=bot_id)
        self.calls: list[Call] = []
        self._chats = Chats(self.bot)
        self._methods = Methods(self._chats)
        self._updates = Updates()
        self._faults = Faults()
        self._flood = Flood()
        self._changed = asyncio.Event()

    # What people and admins do

    def feed(self, update: Mapping[str, Any]) -> int:
        """Queues an update for the long poll. Gives its id: its own, or the next."""
        numbered = self._updates.numbered(update)
        self._chats.learn(numbered)
        self._updates.add(numbered)
        self._tell()
        return int(numbered["update_id"])

    def know(self, place: Place) -> None:
        """A chat, or a topic, that is there without an update."""
        self._chats.know(place)

    def lose_topic(self, place: Place) -> None:
        self._chats.of(place.id).topics.discard(place.thread or 0)

    def remove(self, chat_id: int, message_id: int) -> None:
        """Somebody deletes a message: the bot's, or another."""
        chat = self._chats.of(chat_id)
        chat.others.pop(message_id, None)
        if message_id in chat.messages:
            chat.messages[message_id].deleted = True

    def put_member(self, chat_id: int, person: Person, status: str) -> None:
        self._chats.of(chat_id).members[person.id] = member(person, status)

    # What goes wrong

    def fail(
        self,
        method: str,
        *spoilt: Fault,
        when: Callable[[Params], bool] | None = None,
        always: bool = False,
    ) -> None:
        """Faults for the next calls of a method ("*": any). `always`: the last never ends."""
        self._faults.add(method, spoilt, when, always=always)

    def mend(self) -> None:
        """No more faults."""
        self._faults.clear()

    def flood(self, per_chat_seconds: float, retry_after: float | None = None) -> None:
        """One send or edit to a chat in so many seconds.

        `retry_after`: what a 429 says; left out, whole seconds, as Telegram has it.
        """
        self._flood.per_chat, self._flood.retry_after = per_chat_seconds, retry_after

    @property
    def violations(self) -> int:
        """Sends and edits that came while flood control, or a `TooMany`, kept their chat shut."""
        return self._flood.violations

    # What there is to see

    def messages(self, chat_id: int) -> list[Message]:
        """The bot's messages that are now shown, in order."""
        return [one for one in self._chats.of(chat_id).messages.values() if not one.deleted]

    def texts(self, chat_id: int) -> list[str]:
        """The bot's texts that are now shown, in order; a file's caption is not among them."""
        return [one.text for one in self.messages(chat_id) if not one.is_file]

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def count(self, method: str) -> int:
        return len(self.calls_of(method))

    def pending(self) -> list[Json]:
        """The updates that are not confirmed."""
        return [one.update for one in self._updates.queue]

    @property
    def withheld(self) -> list[Json]:
        """Updates of kinds that the bot didn't ask for: never delivered."""
        return self._updates.withheld

    @property
    def confirmed(self) -> int:
        """The highest update id that was confirmed; 0: none."""
        return self._updates.confirmed

    @property
    def polling(self) -> bool:
        """Whether a long poll waits now."""
        return self._updates.polling

    @property
    def allowed_updates(self) -> list[str]:
        return self._updates.allowed

    @property
    def webhook(self) -> Webhook:
        return self._updates.webhook

    @property
    def drafts(self) -> list[tuple[int, int, str]]:
        """Chat, draft id and text of every draft, in order."""
        return self._methods.drafts

    @property
    def actions(self) -> list[tuple[int, int | None, str]]:
        """Chat, topic and name of every chat action, in order."""
        return self._methods.actions

    @property
    def commands(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """The command lists, by scope and language: see `CommandLists`."""
        return self._methods.commands.kept

    def dump(self) -> str:
        """Everything that helps to see why a test failed."""
        lines = [f"chat {chat.json['id']}: {self.texts(chat.json['id'])}" for chat in self._chats]
        lines += [f"draft: {draft}" for draft in self.drafts[-5:]]
        for call in self.calls[-20:]:
            shown = {name: str(value)[:80] for name, value in call.params.items()}
            lines.append(f"{call.time:.3f} {call.method} {shown} -> {call.status or 'no answer'}")
        lines += [f"pending: {update}" for update in self.pending()[:10]]
        lines += [f"fault to come: {method} {fault}" for method, fault in self._faults.left()]
        return "\n".join(lines)
