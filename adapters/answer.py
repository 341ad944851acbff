"""The events of one reply, read to the end and put together.

Knows: the handler's contract. Does not know: any platform. For adapters that show a whole answer,
and the one place that says how the iterator is closed and how its failure is logged.
"""

from __future__ import annotations

import traceback
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from types import MappingProxyType

from adapters.messages import Finished, Handler, IncomingMessage, Labelled, Notice, Reply, Text


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole reply. None means "not scored": a notice, or an answer that was given before.

    With both a reply and a notice, the notice ended the reply before it was whole.

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


class BrokenHandler(Exception):
    """The handler's events ended without `Finished`."""


def opened(handler: Handler, message: IncomingMessage) -> aclosing[AsyncGenerator[Reply, None]]:
    """The handler's events as a context manager: leaving it stops the model."""
    return aclosing(handler(message))


async def collect(handler: Handler, message: IncomingMessage) -> Answer:
    """Call the handler once and read the reply to its end.

    Raises:
        BrokenHandler: the events ended early. Whatever the handler raises comes through.
    """
    pieces: list[str] = []
    labelled: Labelled | None = None
    notice: Notice | None = None
    finished: Finished | None = None
    async with opened(handler, message) as events:
        async for event in events:
            match event:
                case Labelled():
                    labelled = event
                case Text():
                    pieces.append(event.delta)
                case Notice():
                    notice = event
                case Finished():
                    finished = event
    if finished is None:
        raise BrokenHandler
    return _put_together("".join(pieces), labelled, notice, finished)


def _put_together(
    reply: str, labelled: Labelled | None, notice: Notice | None, finished: Finished
) -> Answer:
    if labelled is None:
        return Answer(reply=reply, timings=finished.timings, notice=notice)
    return Answer(
        reply=reply,
        label=labelled.label,
        probabilities=labelled.probabilities,
        valence=labelled.valence,
        language=labelled.language,
        model=labelled.model,
        timings=finished.timings,
        notice=notice,
    )


def failure_report(error: BaseException) -> str:
    """Where an error and its causes came from, for the log: types and lines of code.

    Never a message: a library likes to quote the text that it could not handle.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    report = f"{type(error).__name__}\n{frames}".rstrip()
    if error.__cause__ is None:
        return report
    return f"{report}\nbecause of {failure_report(error.__cause__)}"
