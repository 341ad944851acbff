"""What stands on the terminal: pieces of a line that grows, whole lines, quiet colours.

Knows: which characters steer a terminal, what its encoding can show. Does not know: answers, or any
sentence. A pipe gets no colours.
"""

from __future__ import annotations

from typing import TextIO

from rich.console import Console as RichConsole

# A model may write any character: those that steer a terminal are not shown.
_UNSEEN = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])


class Screen:
    """The lines of one output stream."""

    def __init__(self, out: TextIO) -> None:
        self._rich = RichConsole(
            file=out, markup=False, highlight=False, emoji=False, soft_wrap=True
        )
        self._line_open = False

    def piece(self, text: str) -> None:
        """The next piece of a line that goes on."""
        self._print(text)
        self._line_open = True

    def line(self, text: str, style: str | None = None) -> None:
        """A line of its own, or several. An empty text is none."""
        self.end_line()
        if text:
            self._print(f"{text}\n", style)

    def end_line(self) -> None:
        """What follows stands on a line of its own."""
        if self._line_open:
            self.new_line()

    def new_line(self) -> None:
        """The same, where somebody else, such as a prompt, has left the line open."""
        self._print("\n")
        self._line_open = False

    def printable(self, text: str) -> str:
        """The text without what steers a terminal; what cannot be shown becomes "?"."""
        encoding = self._rich.encoding
        return text.translate(_UNSEEN).encode(encoding, "replace").decode(encoding)

    def _print(self, text: str, style: str | None = None) -> None:
        self._rich.print(self.printable(text), style=style, end="")
