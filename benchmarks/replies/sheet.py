"""A sheet of replies: one JSON object a line, with all that the rules need to be counted again.

Knows: its form, and how a line is put before the rules. Does not know: models, figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.reply.rules import breaches
from bot.reply.text import Breach, Candidate


class BadSheet(ValueError):
    """A file is no sheet of replies, or not the one that was meant. One sentence says which."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reply. `said` and `replies` are the turns before it in its conversation, newest last.

    `label` is how the message was read, `feels` how it was meant. `fixed`: a human-written reply,
    which no rule is held against. `ms`: from the message to the end of the reply.
    """

    id: str
    seed: int
    model: str
    language: str
    kind: str
    text: str
    feels: str
    label: str
    reply: str
    fixed: bool
    judged: bool
    ms: float
    said: Sequence[str] = field(default_factory=tuple)
    replies: Sequence[str] = field(default_factory=tuple)

    def breaches(self) -> tuple[Breach, ...]:
        """The rules that the reply breaks."""
        if self.fixed:
            return ()
        said, replies = tuple(self.said), tuple(self.replies)
        return breaches(Candidate(self.reply, self.text, self.language, said, replies))


def read(file: Path) -> list[Line]:
    """The lines of a sheet.

    Raises:
        BadSheet: it cannot be read, or a line is none of a sheet.
    """
    try:
        texts = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeError) as error:
        raise BadSheet(f"{file} cannot be read: give a sheet of replies") from error
    lines = []
    for number, text in enumerate(texts, start=1):
        if text.strip():
            try:
                found = dict(json.loads(text))
                found.pop("breaches", None)
                lines.append(Line(**found))
            except (ValueError, TypeError) as error:
                raise BadSheet(f"{file}, line {number}: this is no line of replies") from error
    return lines


def so_far(file: Path) -> list[Line]:
    """The lines of a sheet that may not be begun yet.

    Raises:
        BadSheet.
    """
    return read(file) if file.exists() else []


def add(file: Path, lines: Iterable[Line]) -> None:
    """Write lines at a sheet's end, each with its breaches, for whoever reads it."""
    with file.open("a", encoding="utf-8") as out:
        for line in lines:
            told = [asdict(breach) for breach in line.breaches()]
            out.write(json.dumps({**asdict(line), "breaches": told}, ensure_ascii=False) + "\n")
