"""Labelled rows: files of one JSON object a line, read with care.

Knows: the fields of a row, and how a bad line is told without showing its words. Does not know:
engines, tasks, figures.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.language import detect

_SEED = 7
_MOST_TOLD = 10


class BadRows(ValueError):
    """A file cannot be read, or lines of it are no rows. Each is named, without its text."""


class _BadLine(ValueError):
    """What is wrong with one line."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a person wrote, and how people labelled it.

    `file` is the file's short name, `line` its line there. `source` and `kind` say where a row
    comes from and what it is an example of, "" where that is not told. `context` holds the turns
    before the text, in order; the last one is not the person's. `plain` is the text without what
    was put into it to mislead a labeller, "" where nothing was.
    """

    text: str
    label: str
    language: str
    file: str
    line: int = 0
    source: str = ""
    kind: str = ""
    context: tuple[str, ...] = ()
    plain: str = ""


def read(files: Iterable[Path], labels: Collection[str]) -> list[Row]:
    """All rows of the files, in their order. `labels` are those that a row may have.

    Raises:
        BadRows: with every bad line, ten at most.
    """
    rows: list[Row] = []
    bad: list[str] = []
    for file in files:
        try:
            lines = file.read_bytes().split(b"\n")
        except OSError as error:
            raise BadRows(f"{file} cannot be read: give a file of labelled rows") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                rows.append(_row(line, file.name.split(".")[0], number, labels))
            except _BadLine as error:
                bad.append(f"{file}, line {number}: {error}")
    if bad:
        more = [f"and {len(bad) - _MOST_TOLD} more"] if len(bad) > _MOST_TOLD else []
        raise BadRows("\n".join([*bad[:_MOST_TOLD], *more]))
    return rows


def drawn(rows: Sequence[Row], limit: int) -> list[Row]:
    """At most `limit` rows of each file and language, at random and the same every time."""
    parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        parts[row.file, row.language].append(row)
    for part in parts.values():
        random.Random(_SEED).shuffle(part)  # noqa: S311 - a draw, not a secret
    return [row for part in parts.values() for row in part[:limit]]


def _row(line: bytes, file: str, number: int, labels: Collection[str]) -> Row:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise _BadLine("not JSON") from None
    if not isinstance(found, dict):
        raise _BadLine('a row is an object with "text" and "label"')
    text = _said(found, "text")
    if not text.strip():
        raise _BadLine('it needs a "text" that is not empty')
    if found.get("label") not in labels:
        raise _BadLine(f'its "label" must be one of {", ".join(labels)}')
    context = found.get("context", [])
    if not isinstance(context, list) or not all(isinstance(turn, str) for turn in context):
        raise _BadLine('its "context" must be a list of texts, the earliest first')
    return Row(
        text,
        found["label"],
        _said(found, "language") or _said(found, "lang") or detect(text),
        file,
        number,
        _said(found, "source"),
        _said(found, "kind") or _said(found, "category"),
        tuple(context),
        _said(found, "plain"),
    )


def _said(found: dict[str, Any], key: str) -> str:
    value = found.get(key, "")
    if not isinstance(value, str):
        raise _BadLine(f'its "{key}" must be text')
    return value
