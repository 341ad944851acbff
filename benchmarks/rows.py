"""Labelled rows: how they are read, and which of them are drawn.

Knows: files of one object a line with `text`, `label` (positive, neutral, negative) and `lang`. A
draw is the same every time. Does not know: engines, tasks, figures.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

LABELS = ("positive", "neutral", "negative")
LONGEST_TEXT = 600
"""Characters of a row that are read; a chat message is shorter."""

_SEED = 7


class UnreadableRow(ValueError):
    """A file is missing or a line is no row. The message names file and line, and shows no text."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a person wrote, and how people labelled it. `source` is the file's name, shortened."""

    source: str
    language: str
    text: str
    label: str


def read(file: Path) -> list[Row]:
    """All rows of a file, in its order.

    Raises:
        UnreadableRow.
    """
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeError) as error:
        raise UnreadableRow(f"{file} cannot be read: give a file of labelled rows") from error
    source = file.name.split(".")[0]
    numbered = enumerate(lines, start=1)
    return [_row(line, source, f"{file}, line {n}") for n, line in numbered if line.strip()]


def drawn(
    files: Sequence[Path], rows: int, labels: Collection[str] = LABELS
) -> Iterator[list[Row]]:
    """At most `rows` rows with one of the labels, of each file and language, in a random order.

    Raises:
        UnreadableRow.
    """
    for file in files:
        by_language: dict[str, list[Row]] = defaultdict(list)
        for row in read(file):
            by_language[row.language].append(row)
        for _, found in sorted(by_language.items()):
            random.Random(_SEED).shuffle(found)
            yield [row for row in found if row.label in labels][:rows]


def drawn_by_language(files: Sequence[Path], rows: int) -> dict[str, list[Row]]:
    """At most `rows` rows of each language, as evenly from the files as they allow.

    Raises:
        UnreadableRow.
    """
    parts: dict[str, list[list[Row]]] = defaultdict(list)
    for part in drawn(files, rows):
        if part:
            parts[part[0].language].append(part)
    return {language: _in_turns(found)[:rows] for language, found in sorted(parts.items())}


def _in_turns(parts: Sequence[Sequence[Row]]) -> list[Row]:
    """The first row of each part, then the second of each, and so on."""
    return [row for turn in zip_longest(*parts) for row in turn if row is not None]


def _row(line: str, source: str, place: str) -> Row:
    try:
        found = json.loads(line)
        row = Row(source, found["lang"], found["text"][:LONGEST_TEXT], found["label"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableRow(f"{place}: a row is an object with text, label and lang") from error
    if row.label not in LABELS:
        raise UnreadableRow(f"{place}: the label must be one of {', '.join(LABELS)}")
    return row
