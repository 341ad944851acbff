"""The console adapter: one person at a terminal, answered as the answer is written.

Knows: a terminal's prompt, its Ctrl-C, how each event of a reply is shown. Does not know: who
answers, what is stored, any sentence: those come in as `ConsoleTexts`. Pipes work too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TextIO

from adapters.answer import Answer, card_in_words, collect, failure_report, opened
from adapters.console_files import Unsaved, save
from adapters.console_input import LineReader
from adapters.console_screen import Screen
from adapters.interrupt import Interrupted, run_unless
from adapters.messages import (
    Card,
    File,
    Handler,
    IncomingMessage,
    Labelled,
    Notice,
    Person,
    Scope,
    Text,
    Waiting,
)

log = logging.getLogger(__name__)

PLATFORM = "console"

QUIT_COMMANDS = ("/quit", "/exit")
"""The commands that the console answers itself, by leaving."""


@dataclass(frozen=True, slots=True)
class ConsoleTexts:
    """What the console itself says, in the person's language. An empty text is not shown.

    `labels` holds a word for each label; one that is not in it is shown as it is. `saved` names the
    {path} of a file that was written, `unsaved` the one that could not be, with the {reason}.
    """

    prompt: str
    greeting: str = ""
    waiting: str = ""
    stopped: str = ""
    failed: str = ""
    saved: str = "{path}"
    unsaved: str = "{path}: {reason}"
    farewell: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Console:
    """A conversation of one person. See `run`."""

    def __init__(
        self,
        person_name: str,
        remember: bool,
        texts: ConsoleTexts,
        commands: Collection[str] = (),
        *,
        waiting: Sequence[IncomingMessage] = (),
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
    ) -> None:
        """`commands` ("/mood", "/help", …) are completed by the Tab key; the handler answers them.

        `waiting` are messages of this person that an earlier run left unanswered, oldest first:
        they are answered before anything is asked. The streams are the process's own unless given.
        """
        self._person_name = person_name
        self._remember = remember
        self._texts = texts
        self._commands = (*commands, *QUIT_COMMANDS)
        self._waiting = waiting
        self._stdin = stdin or sys.stdin
        self._stdout = stdout or sys.stdout
        self._screen = Screen(self._stdout)
        self._said: list[tuple[str, str]] = []  # kept here alone, when nobody else remembers
        self._presses = asyncio.Semaphore(0)  # of Ctrl-C, that nothing has reacted to

    async def run(self, handler: Handler) -> None:
        """Talk until Ctrl-D, /quit or Ctrl-C at the prompt. Ctrl-C stops an answer under way.

        Takes SIGINT while it runs: call it after the model is loaded, whose library takes it too.
        """
        lines = LineReader(self._stdin, self._stdout, self._commands)
        with _interrupts(self._presses), lines.ready():
            self._screen.line(self._texts.greeting, "dim")
            await self._answer_waiting(handler)
            while (line := await self._next_line(lines)) is not None:
                if line.strip() in QUIT_COMMANDS:
                    break
                if line.strip():
                    message = incoming(line, self._person_name, self._remember, self._said)
                    await self._answer(handler, message)
            self._screen.line(self._texts.farewell, "dim")

    async def _next_line(self, lines: LineReader) -> str | None:
        prompt = self._screen.printable(self._texts.prompt)
        try:
            line = await run_unless(lines.read_line(prompt), self._pressed())
        except Interrupted:
            line = None
        if line is None and lines.interactive:
            self._screen.new_line()  # the prompt still stands there
        return line

    async def _answer_waiting(self, handler: Handler) -> None:
        if self._waiting:
            self._screen.line(self._texts.waiting, "dim")
        for message in self._waiting:
            self._screen.line(f"{self._texts.prompt}{message.text}")
            await self._answer(handler, message)

    async def _answer(self, handler: Handler, message: IncomingMessage) -> None:
        try:
            await run_unless(self._show_answer(handler, message), self._pressed())
        except Interrupted:
            self._screen.line(self._texts.stopped, "dim")
        except Exception as error:  # noqa: BLE001 - one answer fails, the conversation goes on
            log.error("an answer failed: %s", failure_report(error))
            self._screen.line(self._texts.failed)

    async def _show_answer(self, handler: Handler, message: IncomingMessage) -> None:
        labelled: Labelled | None = None
        shown: list[str] = []
        try:
            async with opened(handler, message) as events:
                async for event in events:
                    match event:
                        case Waiting():
                            self._screen.line(event.text, "dim")
                        case Labelled():
                            labelled = event
                        case Text():
                            self._screen.piece(event.delta)
                            shown.append(event.delta)
                        case Notice():
                            self._screen.line(event.text)
                        case Card():
                            self._show_label(labelled)
                            labelled = None
                            self._screen.line(card_in_words(event))
                        case File():
                            self._save(event)
        finally:
            self._screen.end_line()
            if shown and not self._remember:
                self._said.append((message.text, "".join(shown)))
        self._show_label(labelled)

    def _show_label(self, labelled: Labelled | None) -> None:
        if labelled is None or labelled.fixed:
            return
        word = self._texts.labels.get(labelled.label, labelled.label)
        probability = labelled.probabilities.get(labelled.label, 0.0)
        self._screen.line(f"· {word} {probability:.2f}", "dim")

    def _save(self, file: File) -> None:
        try:
            self._screen.line(self._texts.saved.format(path=save(file)))
        except Unsaved as error:
            self._screen.line(self._texts.unsaved.format(path=error.path, reason=error.reason))

    async def _pressed(self) -> None:
        await self._presses.acquire()


async def once(handler: Handler, text: str, person: str, remember: bool) -> Answer:
    """Say one thing as `person` and read the whole answer, showing nothing.

    Raises:
        adapters.answer.BrokenHandler: it ended early. What the handler raises comes through.
    """
    return await collect(handler, incoming(text, person, remember))


def incoming(
    text: str, person: str, remember: bool, said: Sequence[tuple[str, str]] = ()
) -> IncomingMessage:
    """A line as a message. The name tells people apart: each has a conversation of their own.

    `said` are the earlier (person, companion) pairs of a conversation that nobody remembers.
    """
    return IncomingMessage(
        scope=Scope(PLATFORM, person),
        person=Person(PLATFORM, person, person),
        message_id=uuid.uuid4().hex,
        text=text,
        sent_at=datetime.now(UTC),
        locale=locale_of(os.environ),
        remember=remember,
        history=() if remember else tuple(said),
    )


def locale_of(environ: Mapping[str, str]) -> str:
    """The language that the terminal is set to, as in "zh-CN"; "" where it is set to none."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    value = next((environ[name] for name in names if environ.get(name)), "")
    tag = value.partition(".")[0].partition("@")[0].replace("_", "-")
    return "" if tag in ("C", "POSIX") else tag


@contextmanager
def _interrupts(presses: asyncio.Semaphore) -> Iterator[None]:
    """Count Ctrl-C instead of ending the process, for as long as one is inside."""
    loop = asyncio.get_running_loop()
    try:
        before = signal.getsignal(signal.SIGINT)
        loop.add_signal_handler(signal.SIGINT, presses.release)
    except (ValueError, RuntimeError, NotImplementedError):  # not the process's main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        if before is not None:  # None: installed by a C library, which cannot be put back
            signal.signal(signal.SIGINT, before)
