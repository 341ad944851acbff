"""A console chat with a scripted companion, run in a terminal by `test_console_terminal.py`."""

from __future__ import annotations

import asyncio
import sys
import termios
from collections.abc import AsyncGenerator

from adapters.console import Console, ConsoleTexts
from adapters.messages import Finished, IncomingMessage, Labelled, Notice, Reply, Text

TEXTS = ConsoleTexts(
    prompt="you> ", greeting="Hello there.", stopped="(stopped)", farewell="Goodbye."
)


class Companion:
    """Echoes; "slow" never ends, "/how" tells how the last slow answer ended."""

    ending = "not at all"

    async def __call__(self, message: IncomingMessage) -> AsyncGenerator[Reply, None]:
        if message.text == "/how":
            yield Notice(f"It ended by {self.ending}.", "command")
        else:
            yield Labelled("negative", {"positive": 0.08, "negative": 0.92}, -0.84, "en", "fake")
            yield Text("I heard: ")
            yield Text(message.text.encode("ascii", "backslashreplace").decode())
            if message.text == "slow":
                await self._hang()
        yield Finished()

    async def _hang(self) -> None:
        try:
            await asyncio.Event().wait()
        except BaseException as error:
            self.ending = type(error).__name__
            raise


def main() -> None:
    asyncio.run(Console("mei", True, TEXTS, ["/mood", "/how"]).run(Companion()))
    if sys.stdin.isatty():
        echo = termios.tcgetattr(0)[3] & termios.ECHO
        print("left with echo", "on" if echo else "off")


if __name__ == "__main__":
    main()
