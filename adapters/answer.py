"""The events of one reply, read to the end and put together.

Knows: the handler's contract. Does not know: any platform. For adapters that show a whole answer,
and the one place that says how the iterator is closed and how its failure is logged.
"""

from __future__ import annotations

import base64
import traceback
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from adapters.messages import (
    Card,
    File,
    Finished,
    Handler,
    IncomingMessage,
    Labelled,
    Notice,
    Reply,
    Text,
)

LETTER = "letter"
"""The code of a notice that is news of its own and no answer: it comes before one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole reply. None means "not scored": a notice, or an answer that was given before.

    With both a reply and a notice, the notice ended the reply before it was whole, unless it is a
    letter: that came before it. A card may follow a reply.

    `timings` are milliseconds from the moment the handler was called, as in `Finished`.
    """

    reply: str = ""
    label: str | None = None
    probabilities: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    valence: float | None = None
    language: str | None = None
    model: str | None = None
    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    notice: Notice | None = None
    card: Card | None = None
    files: tuple[File, ...] = ()

    @property
    def words(self) -> str:
        """What a client shows that shows one text: the reply, or else what Warmline itself says."""
        own = [event.text for event in (self.notice, self.card) if event]
        told = "\n\n".join([*own, *(file.caption for file in self.files)])
        if self.reply and self.notice and self.notice.code == LETTER:
            return f"{self.notice.text}\n\n{self.reply}"
        return self.reply or told


class BrokenHandler(Exception):
    """The handler's events ended without `Finished`."""


class Gathered:
    """The events of one reply so far. Who waits and who is taken care of is not kept."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._labelled: Labelled | None = None
        self._notice: Notice | None = None
        self._card: Card | None = None
        self._files: list[File] = []
        self._finished: Finished | None = None

    def take(self, event: Reply) -> None:
        """Add the next event; the last one of its kind counts, pieces and files add up."""
        match event:
            case Labelled():
                self._labelled = event
            case Text():
                self._pieces.append(event.delta)
            case Notice():
                self._notice = _after(self._notice, event)
            case Card():
                self._card = event
            case File():
                self._files.append(event)
            case Finished():
                self._finished = event

    def answer(self) -> Answer:
        """All of it.

        Raises:
            BrokenHandler: the end has not come.
        """
        if self._finished is None:
            raise BrokenHandler
        labelled = self._labelled
        return Answer(
            reply="".join(self._pieces),
            label=labelled.label if labelled else None,
            probabilities=labelled.probabilities if labelled else MappingProxyType({}),
            valence=labelled.valence if labelled else None,
            language=labelled.language if labelled else None,
            model=labelled.model if labelled else None,
            timings=self._finished.timings,
            notice=self._notice,
            card=self._card,
            files=tuple(self._files),
        )


def opened(handler: Handler, message: IncomingMessage) -> aclosing[AsyncGenerator[Reply, None]]:
    """The handler's events as a context manager: leaving it stops the model."""
    return aclosing(handler(message))


async def collect(handler: Handler, message: IncomingMessage) -> Answer:
    """Call the handler once and read the reply to its end.

    Raises:
        BrokenHandler: the events ended early. Whatever the handler raises comes through.
    """
    gathered = Gathered()
    async with opened(handler, message) as events:
        async for event in events:
            gathered.take(event)
    return gathered.answer()


def _after(letter: Notice | None, notice: Notice) -> Notice:
    """A notice, with a letter that came before it in its words."""
    if letter is None or letter.code != LETTER:
        return notice
    return replace(notice, text=f"{letter.text}\n\n{notice.text}")


def card_in_words(card: Card) -> str:
    """A card where there are no buttons: what each would say stands on a line, to be typed."""
    buttons = (button for row in card.buttons for button in row)
    return "\n".join([card.text, *(f"{button.label}: {button.command}" for button in buttons)])


def card_json(card: Card) -> dict[str, object]:
    """A card for programs: its text and its buttons, row after row."""
    buttons = [
        {"label": button.label, "command": button.command} for row in card.buttons for button in row
    ]
    return {"text": card.text, "buttons": buttons}


def file_json(file: File) -> dict[str, str]:
    """A file for programs: text as it is, anything else in base64."""
    told = {"name": file.name, "media_type": file.media_type}
    if file.media_type.startswith("text/") or file.media_type == "application/json":
        return told | {"encoding": "utf-8", "content": file.content.decode()}
    return told | {"encoding": "base64", "content": base64.b64encode(file.content).decode()}


def failure_report(error: BaseException) -> str:
    """Where an error and its causes came from, for the log: types and lines of code.

    Never a message: a library likes to quote the text that it could not handle.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    report = f"{type(error).__name__}\n{frames}".rstrip()
    if error.__cause__ is None:
        return report
    return f"{report}\nbecause of {failure_report(error.__cause__)}"
