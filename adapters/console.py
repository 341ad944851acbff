"""The console adapter: one person at a terminal, answered as the answer is written.

Knows: a terminal's prompt, its Ctrl-C, quiet colours. Does not know: who answers, what is stored,
any sentence: those come in as `ConsoleTexts`. Piped input and output work too, without colours.
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

from rich.console import Console as Screen

from adapters.answer import Answer, collect, failure_report, opened
from adapters.console_input import LineReader
from adapters.interrupt import Interrupted, run_unless
from adapters.messages import Handler, IncomingMessage, Labelled, Notice, Person, Scope, Text

log = logging.getLogger(__name__)

PLATFORM = "console"

QUIT_COMMANDS = ("/quit", "/exit")
"""The commands that the console answers itself, by leaving."""

# A model may write any character: those that steer a terminal are not shown.
_UNSEEN = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])


@dataclass(frozen=True, slots=True)
class ConsoleTexts:
    """What the console itself says, in the person's language. An empty text is not shown.

    `labels` holds a word for each label; one that is not in it is shown as it is.
    """

    prompt: str
    greeting: str = ""
    waiting: str = ""
    stopped: str = ""
    failed: str = ""
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
        self._screen = Screen(
            file=self._stdout, markup=False, highlight=False, emoji=False, soft_wrap=True
        )
        self._said: list[tuple[str, str]] = []  # kept here alone, when nobody else remembers
        self._presses = asyncio.Semaphore(0)  # of Ctrl-C, that nothing has reacted to

    async def run(self, handler: Handler) -> None:
        """Talk until Ctrl-D, /quit or Ctrl-C at the prompt. Ctrl-C stops an answer under way.

        Takes SIGINT while it runs: call it after the model is loaded, whose library takes it too.
        """
        lines = LineReader(self._stdin, self._stdout, self._commands)
        with _interrupts(self._presses), lines.ready():
            self._say(self._texts.greeting, style="dim")
            await self._answer_waiting(handler)
            while (line := await self._next_line(lines)) is not None:
                if line.strip() in QUIT_COMMANDS:
                    break
                if line.strip():
                    message = incoming(line, self._person_name, self._remember, self._said)
                    await self._answer(handler, message)
            self._say(self._texts.farewell, style="dim")

    async def _next_line(self, lines: LineReader) -> str | None:
        prompt = _printable(self._texts.prompt, self._screen.encoding)
        try:
            line = await run_unless(lines.read_line(prompt), self._pressed())
        except Interrupted:
            line = None
        if line is None and lines.interactive:
            self._show("\n")  # what follows stands on a line of its own
        return line

    async def _answer_waiting(self, handler: Handler) -> None:
        if self._waiting:
            self._say(self._texts.waiting, style="dim")
        for message in self._waiting:
            self._say(f"{self._texts.prompt}{message.text}")
            await self._answer(handler, message)

    async def _answer(self, handler: Handler, message: IncomingMessage) -> None:
        try:
            await run_unless(self._show_answer(handler, message), self._pressed())
        except Interrupted:
            self._say(self._texts.stopped, style="dim")
        except Exception as error:  # noqa: BLE001 - one answer fails, the conversation goes on
            log.error("an answer failed: %s", failure_report(error))
            self._say(self._texts.failed)

    async def _show_answer(self, handler: Handler, message: IncomingMessage) -> None:
        labelled: Labelled | None = None
        shown: list[str] = []
        line_open = False
        try:
            async with opened(handler, message) as events:
                async for event in events:
                    match event:
                        case Labelled():
                            labelled = event
                        case Text():
                            self._show(event.delta)
                            shown.append(event.delta)
                            line_open = True
                        case Notice():
                            self._show("\n" if line_open else "")
                            line_open = False
                            self._say(event.text)
        finally:
            if line_open:
                self._show("\n")
            if shown and not self._remember:
                self._said.append((message.text, "".join(shown)))
        if labelled is not None and not labelled.fixed:
            self._say(self._label_line(labelled), style="dim")

    def _label_line(self, labelled: Labelled) -> str:
        word = self._texts.labels.get(labelled.label, labelled.label)
        return f"· {word} {labelled.probabilities.get(labelled.label, 0.0):.2f}"

    def _show(self, text: str, style: str | None = None) -> None:
        self._screen.print(_printable(text, self._screen.encoding), style=style, end="")

    def _say(self, text: str, style: str | None = None) -> None:
        if text:
            self._show(f"{text}\n", style)

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


def _printable(text: str, encoding: str) -> str:
    return text.translate(_UNSEEN).encode(encoding, "replace").decode(encoding)


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
