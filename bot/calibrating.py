"""Calibrations fitted to labelled rows, with figures of rows that each fit had not seen.

Knows: languages, folds, which figures are told. Does not know: how a fit is found
(`bot.row_fits`), how rows are scored, where a calibration is kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.evaluation import SENTIMENT, Judged, judge
from bot.evaluation_table import percent, table
from bot.labelled import Row
from bot.row_fits import FOLDS, feelings, fit, folds_of
from bot.row_scores import Scored
from engine import metrics
from engine.calibration import UNCALIBRATED, Calibration
from engine.tasks import LabelTask


class TooFewRows(ValueError):
    """There are not enough rows to fit anything. The message says which are missing."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The calibration of one language, fitted on all its rows.

    `raw` are the rows by the scores as they are, `held_out` each by a fit on the other folds,
    `labels_alone` the same without the verbalizer and the kinds.
    """

    language: str
    calibration: Calibration
    raw: Sequence[Judged]
    labels_alone: Sequence[Judged]
    held_out: Sequence[Judged]


def usable(rows: Iterable[Row], task: LabelTask, folds: int = FOLDS) -> list[Row]:
    """The rows in a language that the task speaks.

    Raises:
        TooFewRows: there are none, or fewer of a label than folds.
    """
    spoken = [row for row in rows if row.language in task.languages]
    if not spoken:
        raise TooFewRows(f"no row is in a language that {task.name} speaks")
    telling = (row for row in spoken if row.kind not in task.turns)
    counts = Counter((row.language, row.label) for row in telling)
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
        by_language[one.row.language].append(one)
    return [_fitted(name, rows, task, folds) for name, rows in sorted(by_language.items())]


def tables(found: Sequence[Fitted]) -> Iterator[str]:
    """A Markdown table: each file before, and held out after."""
    raw = [one for part in found for one in part.raw]
    held_out = [one for part in found for one in part.held_out]
    judges = {"the raw scores": raw}
    if any(part.calibration.verbalizer for part in found):
        alone = [one for part in found for one in part.labels_alone]
        judges["the labels alone, held out"] = alone
        judges["with the words near them, held out"] = held_out
    else:
        judges["calibrated, held out"] = held_out
    yield from table(judges, SENTIMENT, more=[("one threshold, in-sample", _ceiling)])


def said(found: Fitted) -> str:
    """A calibration in a line."""
    biases = ", ".join(f"{label} {bias:+.2f}" for label, bias in found.calibration.biases.items())
    return f"{found.language}: {biases}, temperature {found.calibration.temperature:.2f}"


def _fitted(language: str, rows: Sequence[Scored], task: LabelTask, folds: int) -> Fitted:
    parts = folds_of(rows, folds)
    # Parts of a file by source or kind have no figures of their own here.
    plain = [replace(one, row=replace(one.row, source="", kind="")) for one in rows]
    held_out: dict[int, Judged] = {}
    alone: dict[int, Judged] = {}
    for fold in range(folds):
        seen = fit([row for row, part in zip(rows, parts, strict=True) if part != fold], task)
        by_labels = replace(seen, verbalizer=None, kinds=None)
        for place, (row, part) in enumerate(zip(plain, parts, strict=True)):
            if part == fold:
                held_out[place] = judge(row, task, seen)
                alone[place] = judge(row, task, by_labels)
    files = Counter(one.row.file for one in rows)
    whole = replace(
        fit(rows, task),
        prompt=task.version,
        rows=dict(sorted(files.items())),
        feelings=feelings(rows),
    )
    raw = [judge(row, task, UNCALIBRATED) for row in plain]
    places = range(len(rows))
    return Fitted(
        language, whole, raw, [alone[place] for place in places], [held_out[p] for p in places]
    )


def _ceiling(judged: Sequence[Judged]) -> str:
    """The accuracy of the best single threshold, chosen on the very rows it is told of."""
    two = [one for one in judged if one.row.label in (SENTIMENT.first, SENTIMENT.second)]
    positive = [one.row.label == SENTIMENT.first for one in two]
    if len(set(positive)) < 2:
        return "-"
    return percent(metrics.best_accuracy([one.lean for one in two], positive))
