"""Raw scores kept in a file, one row a line, so that fitting again need not ask the model again.

Knows: the fields of a line, that a file holds the scores of one model and one prompt. Does not
know: engines, what the scores are for. No text of a row is kept, but its digest.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.labelled import Row
from bot.row_scores import Scored
from engine.tasks import FREE, LabelTask


class BadScores(ValueError):
    """The file cannot be used. The message says what to do."""


class ScoreFile:
    """The scores of a file that may not be there yet. Each new one is written at once."""

    def __init__(self, path: Path, task: LabelTask, model: str) -> None:
        """Read it.

        Raises:
            BadScores: it cannot be read, is none, or is of another model or prompt.
        """
        self._path = path
        self._task = task
        self._belongs = {"task": task.name, "prompt": task.version, "model": model}
        self._labels = frozenset(task.words("").labels)
        self._known: dict[str, Mapping[str, float]] = {}
        self._words: dict[tuple[str, str], Mapping[str, float]] = {}
        self._felt: dict[tuple[str, str], Mapping[str, float]] = {}
        try:
            *lines, torn = path.read_bytes().split(b"\n") if path.exists() else [b""]
        except OSError as error:
            raise BadScores(f"{path} cannot be read ({error.strerror})") from error
        for number, line in enumerate(lines, start=1):
            self._read(f"{path}, line {number}", line)
        # The line at which an earlier run was cut off is measured again.
        self._whole = sum(len(line) + 1 for line in lines)
        if torn and not lines:
            raise BadScores(f"{path} is no file of scores: give another name to --scores")

    def known(self, rows: Iterable[Row], *, feelings: bool = True) -> dict[Row, Scored]:
        """Those of the rows whose scores are there, with all feelings and near words that are asked
        of them; without `feelings`, whether these are there or not."""
        found = {}
        for row in rows:
            digest = _digest(row)
            scores, felt = self._known.get(digest), self._felt.get((digest, row.label), {})
            words = self._words.get((digest, self._near(row.language)))
            manner = self._task.words(row.language).manners.get(row.label, FREE)
            felt_all = not feelings or felt.keys() == set(manner.feelings)
            if scores is not None and words is not None and felt_all:
                found[row] = Scored(row, scores, felt, words)
        return found

    def add(self, one: Scored) -> None:
        """Write one more.

        Raises:
            BadScores: it cannot be written.
        """
        row = one.row
        line = {
            "file": row.file,
            "line": row.line,
            "language": row.language,
            "label": row.label,
            "scores": dict(one.scores),
            "near": self._near(row.language),
            "words": {word: round(log, 4) for word, log in one.words.items()},
            "feelings": dict(one.feelings),
            **self._belongs,
            "digest": _digest(row),
        }
        written = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            with self._path.open("r+b" if self._path.exists() else "wb") as out:
                out.truncate(self._whole)
                out.seek(self._whole)
                self._whole += out.write(written)
        except OSError as error:
            raise BadScores(f"{self._path} cannot be written ({error.strerror})") from error

    def _read(self, place: str, line: bytes) -> None:
        try:
            found: Any = json.loads(line)
            scores, feelings = found["scores"], found.get("feelings", {})
            near, words = str(found["near"]), found["words"]
            digest, label = str(found["digest"]), str(found["label"])
            belongs = {key: found[key] for key in self._belongs}
            numbers = [*scores.values(), *feelings.values(), *words.values()]
            right = scores.keys() == self._labels and all(map(math.isfinite, numbers))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            right = False
        if not right:
            raise BadScores(f"{place}: these are no scores: give another name to --scores")
        for key, value in self._belongs.items():
            if belongs[key] != value:
                raise BadScores(
                    f"{place}: the scores are of {key} {belongs[key]}, and wanted are those of "
                    f"{value}: give another name to --scores"
                )
        self._known[digest] = scores
        self._words[digest, near] = words
        self._felt[digest, label] = feelings

    def _near(self, language: str) -> str:
        """Which words near the labels the task asks for, in few letters."""
        near = self._task.words(language).near
        return hashlib.sha256(json.dumps(near).encode()).hexdigest()[:8] if near else ""


def _digest(row: Row) -> str:
    """The same for the same words in the same language after the same turns."""
    asked = json.dumps([row.language, *row.context, row.text])
    return hashlib.sha256(asked.encode()).hexdigest()[:16]
