"""/retry: another answer to a person's last message, in the place of the one it had.

Knows: which turn that is, and that its words and its mood stay. Does not know: how a turn is
answered, SQL.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.messages import IncomingMessage, Notice, Reply
from bot import endings
from bot.answering import Answering
from bot.arrivals import Arrivals
from bot.gate import Gate
from bot.net import Net
from bot.record import RetryRecord
from bot.talk import Talk
from bot.texts.sentences import say
from storage.records import Preferences, Turn

if TYPE_CHECKING:
    from storage.store import Store


class Retry:
    """Answers once more. Without a store, and while an answer is under way, there is nothing to."""

    def __init__(
        self, store: Store | None, gate: Gate, arrivals: Arrivals, answering: Answering, net: Net
    ) -> None:
        self._store = store
        self._gate = gate
        self._arrivals = arrivals
        self._answering = answering
        self._net = net

    async def __call__(self, asked: Talk, chosen: Preferences) -> AsyncGenerator[Reply, None]:
        """The events of the new answer; `asked` is the command itself."""
        turn = await self._last_answered(asked.message)
        if turn is None or self._store is None:
            yield Notice(say(asked.language, "commands.nothing_to_retry"), "command")
            await endings.command_done(asked)
            return
        message = replace(asked.message, text=turn.text, joins=False, quoted="")
        record = RetryRecord(self._store, lambda: self._gate.remembers(message, chosen))
        # In the language of now: it may have been chosen because of the first answer.
        talk = Talk(message, turn, record, self._gate.language(message, chosen), asked.watch)
        async with (
            self._arrivals.under_way(talk),
            aclosing(self._net.under(talk, self._answering(talk))) as events,
        ):
            async for event in events:
                yield event
        await endings.command_done(asked)

    async def _last_answered(self, message: IncomingMessage) -> Turn | None:
        if self._store is None or not message.remember:
            return None
        scope, person = message.scope, message.person
        turn = await self._store.last_answered(
            scope.platform, scope.chat_id, scope.thread_id, person.user_id
        )
        return None if self._arrivals.answers(message) else turn
