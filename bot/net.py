"""What stands under an answer: whatever fails, the turn and the person are told, and it is counted.

Knows: which failure is whose, and since when nothing has worked. Does not know: what is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from adapters.messages import Reply
from bot import endings
from bot.talk import Talk
from engine.base import EngineError, EngineNotReady
from storage.errors import StorageError, TurnGone

BROKEN_AFTER_FAILURES = 3
"""So many failures in a row, and health turns red."""


class Net:
    """One for all turns."""

    def __init__(self) -> None:
        self._failures = 0
        self._closing = False

    @property
    def failing(self) -> bool:
        """Whether the last few turns all failed, through no fault of the messages."""
        return self._failures >= BROKEN_AFTER_FAILURES

    def close(self) -> None:
        """From now on a turn that is cut off is left for the next start, not taken as stopped."""
        self._closing = True

    def failed(self) -> None:
        """A message could not even become a turn."""
        self._failures += 1

    async def under(
        self, talk: Talk, answer: AsyncGenerator[Reply, None]
    ) -> AsyncGenerator[Reply, None]:
        """The events of an answer; where it fails, what is said then."""
        try:
            async with aclosing(answer) as events:
                async for event in events:
                    yield event
            if talk.scores is not None:  # a turn without the model says nothing of its health
                self._failures = 0
        except (GeneratorExit, asyncio.CancelledError):
            await asyncio.shield(endings.cut_off(talk, closing=self._closing))
            raise
        except TurnGone:
            talk.log("forgotten")
        except EngineNotReady:
            yield endings.closed(talk)
        except (EngineError, StorageError) as error:
            self._failures += 1
            notice = await endings.failed(talk, error)
            if notice is not None:
                yield notice
