"""Lines that a person types, read in a thread so that the event loop never waits for a key.

Knows: terminals, pipes, line editing. Does not know: what a line means. What was typed is kept in
memory for the arrow keys and never written to a file.
"""

from __future__ import annotations

import asyncio
import codecs
import io
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_MAX_LINE_BYTES = 1 << 20
"""A line that goes on for longer is handed over in pieces: no input can fill the memory."""


class LineReader:
    """Reads one line at a time from a stream. One `read_line` at a time."""

    def __init__(self, stdin: TextIO, stdout: TextIO, commands: Collection[str] = ()) -> None:
        """`commands` are what the Tab key completes: words with their leading slash."""
        self._stdin = stdin
        self._commands = sorted(commands)
        self._pending = b""
        self._encoding = _known_encoding(stdin)
        # input() edits lines only on the process's own terminal.
        self.interactive = stdin is sys.stdin and stdin.isatty() and stdout.isatty()

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Line editing while inside; the terminal is as before afterwards, however one leaves."""
        if not self.interactive:
            yield
            return
        import termios  # not on every system, and needed by a terminal only

        fd = self._stdin.fileno()
        before = termios.tcgetattr(fd)
        self._set_up_editing()
        try:
            yield
        finally:
            # A thread may still sit in readline, which has switched echo off.
            termios.tcsetattr(fd, termios.TCSADRAIN, before)

    async def read_line(self, prompt: str) -> str | None:
        """The next line without its end, or None when there are no more. Bytes that are not text
        become lone surrogates. Cancelling leaves the thread behind, waiting: then read no more."""
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[str | None] = loop.create_future()

        def deliver(line: str | None, error: Exception | None) -> None:
            if arrived.done():
                return
            if error is not None:
                arrived.set_exception(error)
            else:
                arrived.set_result(line)

        def read() -> None:
            line: str | None = None
            failure: Exception | None = None
            try:
                line = self._read(prompt)
            except EOFError:
                pass
            except Exception as error:  # noqa: BLE001 - raised again where it is awaited
                failure = error
            with suppress(RuntimeError):  # the loop is closed, nobody waits any more
                loop.call_soon_threadsafe(deliver, line, failure)

        # A daemon, for it cannot be woken: a process that leaves must not wait for a key.
        threading.Thread(target=read, name="console-input", daemon=True).start()
        return await arrived

    def _read(self, prompt: str) -> str | None:
        if self.interactive:
            return input(prompt)
        try:
            fd = self._stdin.fileno()
        except io.UnsupportedOperation:  # a stream in memory
            line = self._stdin.readline()
            return line.rstrip("\r\n") if line else None
        return self._read_bytes(lambda: os.read(fd, 1 << 16))

    def _read_bytes(self, more: Callable[[], bytes]) -> str | None:
        # Not through the stream's buffer: its lock, held by a thread that waits, aborts the exit.
        line, end, rest = self._pending.partition(b"\n")
        while not end and len(line) < _MAX_LINE_BYTES:
            chunk = more()
            if not chunk:
                break
            head, end, rest = chunk.partition(b"\n")
            line += head
        self._pending = rest
        if not line and not end:
            return None
        return line.rstrip(b"\r").decode(self._encoding, "surrogateescape")

    def _set_up_editing(self) -> None:
        if isinstance(self._stdin, io.TextIOWrapper):
            with suppress(io.UnsupportedOperation):  # something has been read from it already
                self._stdin.reconfigure(errors="surrogateescape")
        with suppress(ImportError):  # a Python without readline has plain lines
            import readline

            readline.set_completer_delims(" ")
            readline.set_completer(self._complete)
            readline.parse_and_bind("tab: complete")

    def _complete(self, text: str, state: int) -> str | None:
        if not text.startswith("/"):
            return None
        found = [command for command in self._commands if command.startswith(text)]
        return found[state] if state < len(found) else None


def _known_encoding(stream: TextIO) -> str:
    try:
        return codecs.lookup(stream.encoding or "utf-8").name
    except (AttributeError, LookupError):
        return "utf-8"
