"""One turn under way: what belongs to it, how long it took, what it has said so far.

Knows: values of one turn. Does not know: how a turn goes; that is `bot.chat`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from adapters.messages import IncomingMessage
from bot.record import Record
from engine.tasks import Scores
from storage.records import Turn

log = logging.getLogger("warmline.turn")


class Watch:
    """Milliseconds from the moment the message was handed in."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._marks: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Something happened for the first time; later marks of the same name do not count."""
        self._marks.setdefault(name, (time.perf_counter() - self._began) * 1000)

    def timings(self) -> dict[str, float]:
        """All marks so far, and the total."""
        self.mark("total_ms")
        return {name: round(ms, 1) for name, ms in self._marks.items()}


@dataclass(slots=True)
class Talk:
    """One message on its way through the stops, and the answer as it grows.

    `again`: the message came before, and was not answered. `fixed`: its answer is a human's.
    """

    message: IncomingMessage
    turn: Turn
    record: Record
    language: str
    watch: Watch
    again: bool = False
    fixed: bool = False
    scores: Scores | None = None
    note: str = ""
    written_down: bool = False
    _pieces: list[str] = field(default_factory=list)

    @property
    def conversation(self) -> str:
        """The key of the conversation; "" where nothing is remembered."""
        return str(self.turn.conversation_id) if self.message.remember else ""

    @property
    def reply(self) -> str:
        """What was shown so far, without the space at its ends."""
        return "".join(self._pieces).strip()

    def say(self, piece: str) -> str:
        """Take the next piece of the reply; gives what of it is to be shown."""
        if not self._pieces:
            piece = piece.lstrip()
        if piece:
            self._pieces.append(piece)
            self.watch.mark("first_token_ms")
        return piece

    async def finish(self) -> bool:
        """Reply, label and note, in one transaction. False: the person was forgotten meanwhile."""
        kept = await self.record.complete(self.turn, self.reply, self.scores, self.note)
        self.written_down = True
        return kept

    def log(self, outcome: str) -> None:
        """One line a turn, with facts and without a word of what was said."""
        log.info(
            "turn=%s platform=%s language=%s outcome=%s label=%s characters=%d timings=%s",
            self.turn.id,
            self.message.scope.platform,
            self.language,
            outcome,
            self.scores.label if self.scores else "",
            len(self.message.text),
            self.watch.timings(),
        )
