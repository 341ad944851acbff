"""One answer as the messages that hold it: created, edited, split where it outgrows one.

Knows: which messages exist and what each shows, what may be tried again. Does not know: where the
words come from. The order of truth: a creation is noted before it is tried and once it is known;
an edit may be repeated without harm, so the last one is tried until it lands. What was perhaps
sent is not sent again.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from adapters.channel import Channel, Manner
from adapters.ledger import Ledger
from adapters.messages import Card, File, IncomingMessage
from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError
from adapters.pace import ChatPace
from adapters.split import split

T = TypeVar("T")

PLACEHOLDER = "…"
"""Holds the place of an answer that will be edited in: a lone one says nothing twice."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0
_PATIENCE = 24 * 3600.0
"""An answer that cannot be sent for a day is given up. In seconds, as all pauses are."""

_NEVER, _TWICE, _ALWAYS = 0.0, 2.0, math.inf
"""How often a call that has perhaps landed is made again."""

_UNKNOWN = ""
"""What a message shows that was made by an earlier process, or whose edit was not confirmed."""


class Pages:
    """The messages of one answer."""

    def __init__(
        self,
        channel: Channel,
        pace: ChatPace,
        ledger: Ledger | None,
        message: IncomingMessage,
        sent: Sequence[str] = (),
    ) -> None:
        """`sent` are messages that an earlier process created for this very answer.

        Without a ledger nothing is noted: what is no answer to a kept message.
        """
        self._channel = channel
        self._pace = pace
        self._ledger = ledger
        self._message = message
        self._sent = list(sent)
        self._shows = [_UNKNOWN] * len(sent)
        self._manner: Manner = channel.manner
        self._hints = True

    async def free(self) -> None:
        """Wait until a hint may go out."""
        await self._pace.free()

    async def hint(self, text: str, *, line: bool = False) -> bool:
        """Show how it goes: the words so far, or a `line` before them. One call at most.

        False where there is more to show, or it has to be tried again. No failure is told, except
        that the chat cannot be reached.

        Raises:
            Unreachable: nobody will ever see the answer.
        """
        if not self._hints or (self._manner == "off" and not line):
            return True
        parts = self._split(text)
        try:
            if self._manner == "draft":
                return await self._draft(parts)
            return await self._glimpse(parts, line)
        except NotSent as error:
            if error.after:
                self._pace.hold(error.after)
            return False

    async def _draft(self, parts: list[str]) -> bool:
        """A preview holds one message: what goes beyond is shown at the end."""
        if len(parts) != 1:
            return True
        await self._pace.turn()
        try:
            await self._channel.draft(parts[0])
        except PerhapsSent:
            return False
        except Rejected:
            self._manner = "edit"  # an older server, or a chat without drafts
            return False
        self._pace.ease()
        return True

    async def _glimpse(self, parts: list[str], line: bool) -> bool:
        """The first message that does not show its part is edited, or created."""
        numbers = (n for n, part in enumerate(parts) if self._shows[n : n + 1] != [part])
        number = next(numbers, None)
        if number is None:
            return True
        await self._pace.turn()
        if number < len(self._sent):
            await self._glimpse_edited(number, parts[number])
        else:
            # A line may stand there twice, were it lost on the way; words of the answer may not.
            await self._glimpse_created(parts[number] if line else PLACEHOLDER)
        return self._shows == parts

    async def _glimpse_edited(self, number: int, part: str) -> None:
        self._shows[number] = _UNKNOWN
        try:
            await self._channel.edit(self._sent[number], part)
        except PerhapsSent:
            return
        except Rejected:
            self._hints = False  # somebody deleted it: it is written anew at the end
            return
        self._shows[number] = part
        self._pace.ease()

    async def _glimpse_created(self, shows: str) -> None:
        try:
            sent = await self._channel.create(shows)
        except (PerhapsSent, Rejected):
            self._hints = False  # one lone line may be there: not one more
            return
        self._keep(sent, shows)
        self._pace.ease()
        if self._ledger:
            await self._ledger.created(self._message, sent)

    async def finish(self, text: str, *, fixed: bool = False) -> None:
        """Let the messages hold the whole text. Waits as long as the platform asks for.

        `fixed` words, to somebody in danger, are rather said twice than not at all.

        Raises:
            PerhapsSent: a new message with words of it is there, or is not.
            Unreachable, Rejected: nobody will see it.
            NotSent: the platform could not be reached for a day.
        """
        parts = self._split(text)
        for number, part in enumerate(parts):
            if number < len(self._sent):
                await self._settle(number, part)
            else:
                self._keep(await self._created(part, _TWICE if fixed else _NEVER), part)
        while len(self._sent) > len(parts):
            self._shows.pop()
            await self._removed(self._sent.pop())

    async def card(self, card: Card) -> None:
        """A card of its own; errors as `finish`."""
        await self._firmly(lambda: self._channel.card(card), _NEVER)

    async def file(self, file: File) -> None:
        """A file of its own; errors as `finish`."""
        await self._firmly(lambda: self._channel.file(file), _NEVER)

    async def _settle(self, number: int, part: str) -> None:
        """An existing message shows the part; one that cannot be edited is written anew."""
        if self._shows[number] == part:
            return
        old = self._sent[number]
        try:
            await self._firmly(lambda: self._channel.edit(old, part), _ALWAYS)
        except Rejected:
            self._sent[number] = await self._created(part, _NEVER)
            await self._removed(old)
        self._shows[number] = part

    async def _removed(self, sent: str) -> None:
        with suppress(Rejected):  # somebody was faster
            await self._firmly(lambda: self._channel.remove(sent), _ALWAYS)

    async def _created(self, part: str, repeats: float) -> str:
        return await self._firmly(lambda: self._create(part), repeats)

    async def _create(self, part: str) -> str:
        """A new message, noted around this very try: while none runs, nothing is in doubt."""
        if self._ledger is None:
            return await self._channel.create(part)
        await self._ledger.creating(self._message)
        try:
            sent = await self._channel.create(part)
        except NotSent:
            await self._ledger.not_created(self._message)
            raise
        await self._ledger.created(self._message, sent)
        return sent

    async def _firmly(self, call: Callable[[], Awaitable[T]], repeats: float) -> T:
        """Try until it lands; where it has perhaps landed, so many times more."""
        failure: SendError
        waited, pause = 0.0, _FIRST_PAUSE
        while True:
            await self._pace.turn()
            try:
                result = await call()
            except NotSent as error:
                failure, asked = error, error.after
            except PerhapsSent as error:
                if repeats <= 0:
                    raise
                failure, asked, repeats = error, 0.0, repeats - 1
            else:
                self._pace.ease()
                return result
            waited += asked or pause
            if waited > _PATIENCE:
                raise failure
            if asked:
                self._pace.hold(asked)
            else:
                await self._pace.rest(pause)
            pause = min(pause * 3, _LONGEST_PAUSE)

    def _split(self, text: str) -> list[str]:
        limits = self._channel.limits
        return [part.shown for part in split(text, limits.max_characters, limits.measure)]

    def _keep(self, sent: str, shows: str) -> None:
        self._sent.append(sent)
        self._shows.append(shows)
