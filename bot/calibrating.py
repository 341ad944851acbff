"""Calibrations fitted to labelled rows, with figures of rows that each fit had not seen.

Knows: languages, folds, which figures are told. Does not know: how a fit is found
(`engine.fitting`), how rows are scored, where a calibration is kept.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.evaluation import SENTIMENT, Judged, judge
from bot.evaluation_table import percent, table
from bot.labelled import Row
from bot.row_scores import Scored
from engine import fitting, metrics
from engine.calibration import UNCALIBRATED, Calibration
from engine.fitting import Point
from engine.tasks import LabelTask

FOLDS = 5
_SEED = 7

_TAKEN_OFF = 0.5
"""Of a feeling's mean log-probability: what the model says of anything means less ("contextual
calibration", Zhao et al. 2021, arXiv 2102.09690; by halves: some feelings are more frequent)."""

# The first two are told apart; a third may lie between them.
_LABELS = (
    SENTIMENT.first,
    SENTIMENT.second,
    *(label for label in SENTIMENT.labels if label not in (SENTIMENT.first, SENTIMENT.second)),
)


class TooFewRows(ValueError):
    """There are not enough rows to fit anything. The message says which are missing."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The calibration of one language, fitted on all its rows.

    `raw` are the rows by the scores as they are, `held_out` each by a fit on the other folds.
    """

    language: str
    calibration: Calibration
    raw: Sequence[Judged]
    held_out: Sequence[Judged]


def usable(rows: Iterable[Row], task: LabelTask, folds: int = FOLDS) -> list[Row]:
    """The rows in a language that the task speaks.

    Raises:
        TooFewRows: there are none, or fewer of a label than folds.
    """
    spoken = [row for row in rows if row.language in task.languages]
    if not spoken:
        raise TooFewRows(f"no row is in a language that {task.name} speaks")
    counts = Counter((row.language, row.label) for row in spoken)
    for language in sorted({row.language for row in spoken}):
        for label in (SENTIMENT.first, SENTIMENT.second):
            if counts[language, label] < folds:
                raise TooFewRows(
                    f"{counts[language, label]} rows in {language} are {label}, and at least "
                    f"{folds} are needed"
                )
    return spoken


def fitted(scored: Iterable[Scored], task: LabelTask, folds: int = FOLDS) -> list[Fitted]:
    """A calibration for each language that there are rows in. The rows are `usable`."""
    by_language: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        # Parts of a file by source or kind have no figures of their own here.
        plain = replace(one.row, source="", kind="")
        by_language[one.row.language].append(replace(one, row=plain))
    return [_fitted(name, rows, task, folds) for name, rows in sorted(by_language.items())]


def tables(found: Sequence[Fitted]) -> Iterator[str]:
    """A Markdown table: each file before, and held out after."""
    raw = [one for part in found for one in part.raw]
    held_out = [one for part in found for one in part.held_out]
    judges = {"the raw scores": raw, "calibrated, held out": held_out}
    yield from table(judges, SENTIMENT, more=[("one threshold, in-sample", _ceiling)])


def said(found: Fitted) -> str:
    """A calibration in a line."""
    biases = ", ".join(f"{label} {bias:+.2f}" for label, bias in found.calibration.biases.items())
    return f"{found.language}: {biases}, temperature {found.calibration.temperature:.2f}"


def _fitted(language: str, rows: Sequence[Scored], task: LabelTask, folds: int) -> Fitted:
    parts = _folds(rows, folds)
    held_out: dict[int, Judged] = {}
    for fold in range(folds):
        seen = _fit([row for row, part in zip(rows, parts, strict=True) if part != fold])
        for place, (row, part) in enumerate(zip(rows, parts, strict=True)):
            if part == fold:
                held_out[place] = judge(row, seen)
    files = Counter(one.row.file for one in rows)
    whole = replace(
        _fit(rows),
        prompt=task.version,
        rows=dict(sorted(files.items())),
        feelings=_feelings(rows),
    )
    raw = [judge(row, UNCALIBRATED) for row in rows]
    return Fitted(language, whole, raw, [held_out[place] for place in range(len(rows))])


def _fit(rows: Iterable[Scored]) -> Calibration:
    points = [Point(one.row.file, one.row.label, one.scores) for one in rows]
    found = fitting.fit(points, _LABELS)
    biases = {label: found.biases[label] for label in SENTIMENT.labels}
    return Calibration(biases, found.temperature)


def _feelings(rows: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """What is added to each feeling, by label; to the one that the model says most, nothing.

    Which feeling a row has is not known and not asked.
    """
    asked: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    for one in rows:
        if one.feelings:
            asked[one.row.label].append(one.feelings)
    return {label: _worth(tables) for label, tables in sorted(asked.items())}


def _worth(tables: Sequence[Mapping[str, float]]) -> dict[str, float]:
    means = {word: sum(t[word] for t in tables) / len(tables) for word in tables[0]}
    most = max(means.values())
    return {word: round(_TAKEN_OFF * (most - mean), 1) for word, mean in means.items()}


def _folds(rows: Sequence[Scored], folds: int) -> list[int]:
    """The fold of each row: of every file and label as many in each, the same every time."""
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, one in enumerate(rows):
        cells[one.row.file, one.row.label].append(place)
    found = [0] * len(rows)
    begun = 0
    for _, places in sorted(cells.items()):
        random.Random(_SEED).shuffle(places)  # noqa: S311 - a draw, not a secret
        for number, place in enumerate(places, start=begun):
            found[place] = number % folds
        begun += len(places)
    return found


def _ceiling(judged: Sequence[Judged]) -> str:
    """The accuracy of the best single threshold, chosen on the very rows it is told of."""
    two = [one for one in judged if one.row.label in (SENTIMENT.first, SENTIMENT.second)]
    positive = [one.row.label == SENTIMENT.first for one in two]
    if len(set(positive)) < 2:
        return "-"
    return percent(metrics.best_accuracy([one.lean for one in two], positive))
