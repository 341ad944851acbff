"""One turn under way: what belongs to it, how long it took, what it has said so far.

Knows: values of one turn. Does not know: how a turn goes; that is `bot.chat`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from adapters.messages import IncomingMessage, Labelled
from bot.crisis.finding import Finding, find
from bot.halt import Halt
from bot.record import Record
from engine.tasks import Scores
from storage.errors import StorageError
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

    `text` is all that is answered: the message, and what was joined to it. `again`: the message
    came before, and was not answered. `fixed`: its answer is a human's. `open`: no words of the
    answer have shown. `grown`: its text changed since it was read. `stopped`: the person wants no
    more of it. `moodless`: how it sounds is not kept. `sent_at`: when the latest of its messages
    was sent. `quotes`: what they reply to. `earlier`: what the same person wrote just before, in
    turns of their own. `danger`: what its text speaks of, begun in those perhaps. `alerted`: it is
    settled whether the responder is told of that. `unread`: words of the answer are ours, which the
    model has not read.
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
    open: bool = True
    grown: bool = False
    moodless: bool = False
    alerted: bool = False
    unread: bool = False
    outcome: str = ""
    text: str = ""
    earlier: tuple[str, ...] = ()
    danger: Finding | None = field(init=False)
    halt: Halt = field(default_factory=Halt)
    sent_at: datetime = field(init=False)
    quotes: list[str] = field(init=False)
    _pieces: list[str] = field(default_factory=list)
    _message_ids: list[str] = field(default_factory=list)
    _writers: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.text = self.text or self.message.text
        self.danger = find(self.text, self.earlier)
        self.sent_at = self.message.sent_at
        self.quotes = [self.message.quoted]
        self._message_ids.append(self.message.message_id)
        self._idle.set()

    @property
    def conversation(self) -> str:
        """The key of the conversation; "" where nothing is remembered."""
        return str(self.turn.conversation_id) if self.message.remember else ""

    @property
    def stopped(self) -> bool:
        """Whether the person wants no more of it."""
        return self.halt.asked

    @property
    def grows(self) -> bool:
        """Whether a message may still join it, and an edit still change it."""
        return self.open and not self.stopped

    @property
    def reply(self) -> str:
        """What was shown so far, without the space at its ends."""
        return "" if self.open else "".join(self._pieces).strip()

    def say(self, piece: str) -> str:
        """Take the next piece of the reply; gives what of it is to be shown."""
        if not self._pieces:
            piece = piece.lstrip()
        if piece:
            self._pieces.append(piece)
            self.watch.mark("first_token_ms")
        return piece

    def say_ours(self, piece: str) -> str:
        """`say` what the model has not read."""
        self.unread = True
        return self.say(piece)

    @property
    def parts(self) -> int:
        """How many messages and edits have gone into it."""
        return len(self._message_ids)

    def holds(self, message_id: str) -> bool:
        """Whether that message is answered by this turn."""
        return message_id in self._message_ids

    @asynccontextmanager
    async def growing(self) -> AsyncIterator[None]:
        """While its text is being changed in the memory; no first words show meanwhile."""
        self._writers += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._writers -= 1
            if not self._writers:
                self._idle.set()

    def grow(self, message: IncomingMessage) -> None:
        """Its text has changed, by that message."""
        self._message_ids.append(message.message_id)
        self.sent_at = max(self.sent_at, message.sent_at)
        if not message.edited:
            self.quotes.append(message.quoted)
        self.grown = True

    async def settled(self) -> None:
        """Wait until nobody changes its text."""
        await self._idle.wait()

    def labelled(self, scores: Scores) -> Labelled:
        """How it was read, as adapters are told."""
        return Labelled(
            label=scores.label,
            probabilities=scores.probabilities,
            valence=scores.valence,
            language=self.language,
            model=scores.model,
            fixed=self.fixed,
        )

    def reread(self, text: str) -> None:
        """Begin again with a new text; nothing of the answer has shown."""
        self.text = text
        self.danger = find(text, self.earlier)
        self.fixed = False
        self.scores, self.note = None, ""
        self._pieces.clear()

    async def finish(self) -> bool:
        """Reply, label and note, in one transaction. False: the person was forgotten meanwhile."""
        scores, note = (None, "") if self.moodless else (self.scores, self.note)
        kept = await self.record.complete(self.turn, self.reply, scores, note)
        self.written_down = True
        if kept and self.fixed and self.danger:
            await self._note(self.danger)
            await self.alert()  # where it failed, or the answer was cut off before
        return kept

    async def alert(self) -> bool:
        """Tell the responder of the danger, as the person allowed: whether that is written now."""
        if self.alerted or not (self.fixed and self.danger):
            return False
        try:
            told = await self.record.alert(self.message, self.danger.kind)
        except StorageError as error:
            log.warning("turn %s: the responder is not told: %s", self.turn.id, error)
            return False
        self.alerted = True
        return told

    async def _note(self, danger: Finding) -> None:
        """That it happened, for the turns that follow. The answer stands, also where this fails."""
        try:
            await self.record.note_crisis(self.message, danger.kind)
        except StorageError as error:
            log.warning("turn %s: that it was a crisis is not noted: %s", self.turn.id, error)

    def log(self, outcome: str) -> None:
        """One line a turn, with facts and without a word of what was said."""
        self.outcome = outcome
        log.info(
            "turn=%s platform=%s language=%s outcome=%s characters=%d timings=%s",
            self.turn.id,
            self.message.scope.platform,
            self.language,
            outcome,
            len(self.text),
            self.watch.timings(),
        )
