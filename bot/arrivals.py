"""Messages that come while an answer is on its way: joined to it, changed, or telling it to stop.

Knows: which turns are under way, whose they are, and whether their first words have shown.
Does not know: how a turn is answered, what is said.

Until its first words show, a turn is open: a further message of the same person in the same scope
becomes part of it, and an edit replaces its words. The turn is then read again, whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from adapters.messages import IncomingMessage, Person, Scope
from bot.crisis.rulebook import UNSURE
from bot.talk import Talk

Sleep = Callable[[float], Awaitable[object]]


class Arrivals:
    """The turns under way, oldest first."""

    def __init__(self, patience: float, *, sleep: Sleep = asyncio.sleep) -> None:
        """`patience`: seconds that a quick second message is waited for."""
        self._patience = patience
        self._sleep = sleep
        self._talks: list[Talk] = []

    @asynccontextmanager
    async def under_way(self, talk: Talk) -> AsyncIterator[None]:
        """From now on messages may join the turn; from its end on none can."""
        self._talks.append(talk)
        try:
            yield
        finally:
            self._talks.remove(talk)

    async def join(self, talk: Talk) -> bool:
        """Let an open turn of the same person answer for this one too."""
        message = talk.message
        lead = self._find(lambda t: t.message.joins and _same_speaker(t.message, message))
        if lead is None or not message.joins:
            return False
        async with lead.growing():
            joined = await talk.record.join(talk.turn, lead.turn)
            if joined:
                lead.grow(message)
            return joined

    async def edit(self, message: IncomingMessage, write: Callable[[], Awaitable[object]]) -> None:
        """Let `write` replace the words of a message, unless its answer shows already."""
        known = [t for t in self._talks if _is_in(message.scope, t) and t.holds(message.message_id)]
        if not known:
            await write()
        for talk in known:
            if talk.grows:
                async with talk.growing():
                    if await write():
                        talk.grow(message)

    def stop(self, message: IncomingMessage, *, own: bool = False) -> bool:
        """Stop what is being answered in the message's scope; with `own`, only that person's."""
        found = [
            talk
            for talk in self._talks
            if _is_in(message.scope, talk) and (not own or talk.message.person == message.person)
        ]
        for talk in found:
            talk.halt.ask()
        return bool(found)

    def keep_no_moods(self, person: Person) -> None:
        """What that person's turns sound like is not to be written down when they end."""
        for talk in self._talks:
            if talk.message.person == person:
                talk.moodless = True

    def answers(self, message: IncomingMessage) -> bool:
        """Whether an answer to this person is under way in this scope."""
        return any(_same_speaker(talk.message, message) for talk in self._talks)

    async def gathered(self, talk: Talk) -> None:
        """Wait until no further message has come for a moment. Nobody in danger waits."""
        seen = -1
        while talk.message.joins and seen != talk.parts and not talk.danger:
            seen = talk.parts
            await self._sleep(self._patience)

    async def shut(self, talk: Talk) -> bool:
        """The first words are about to show. False: the turn has grown; read it again."""
        if talk.danger is None or talk.danger.kind == UNSURE:  # nobody surely in danger waits
            await talk.settled()
            if talk.grown:
                return False
        talk.open = False
        return True

    def _find(self, fits: Callable[[Talk], bool]) -> Talk | None:
        return next((talk for talk in reversed(self._talks) if talk.grows and fits(talk)), None)


def _same_speaker(one: IncomingMessage, other: IncomingMessage) -> bool:
    return (one.scope, one.person) == (other.scope, other.person)


def _is_in(scope: Scope, talk: Talk) -> bool:
    return talk.message.scope == scope
