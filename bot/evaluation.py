"""How true labels are: rows labelled again, counted against what people said.

Knows: the two questions that can be measured, what a model's scores or the rules say of a row,
which rows belong together. Does not know: how a row is put to the model (`bot.row_scores`), the
formulas (`engine.metrics`), how a table is printed (`bot.evaluation_table`), the command line.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from bot import safety
from bot.labelled import Row
from bot.row_scores import Scored, scored
from engine import metrics
from engine.base import Engine
from engine.calibration import Calibration
from engine.tasks import LabelTask, Said, told

WORST = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What is measured. `first` and `second` are told apart; `labels` are all there are.

    A row whose label is among `others` counts as one of `second`.
    """

    name: str
    first: str
    second: str
    labels: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def readable(self) -> tuple[str, ...]:
        """The labels that a row of a file may have."""
        return self.labels + self.others


SENTIMENT = Question("sentiment", "positive", "negative", ("positive", "neutral", "negative"))
CRISIS = Question(
    "crisis", "crisis", "no_crisis", ("crisis", "no_crisis"), ("positive", "neutral", "negative")
)
QUESTIONS = {question.name: question for question in (SENTIMENT, CRISIS)}


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and what was said of it.

    `lean` is how far it is rather `first` than `second`, on any scale, 0 in the middle.
    `probabilities` are by label, and none where the judge gives none.
    """

    row: Row
    said: str
    lean: float
    probabilities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """How well some rows were judged. Shares are from 0 to 1; NaN where there is nothing to count.

    `accuracy`, the recalls, `auc` and `error` are over rows of `first` and `second` alone; `low`
    and `high` are the accuracy's 95 % interval. `macro_f1` and `error_all` are over all labels,
    where there is a third one. Both errors are of calibration.
    """

    rows: int
    counted: int
    accuracy: float
    low: float
    high: float
    recall_first: float
    recall_second: float
    auc: float
    error: float
    macro_f1: float
    error_all: float


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """Rows that belong together. `file` "" is all files; `source` and `kind` "" are all of them."""

    language: str
    file: str = ""
    source: str = ""
    kind: str = ""


async def by_model(
    engine: Engine, task: LabelTask, rows: Sequence[Row], *, context: bool = True, width: int = 1
) -> AsyncGenerator[Judged, None]:
    """The sentiment of each row as a person's message would be labelled: see `scored`.

    Raises:
        EngineError.
    """
    answers = scored(engine, task, rows, context=context, width=width)
    async with aclosing(answers):
        async for one in answers:
            yield judge(one, task, task.words(one.row.language).calibration(engine.model))


def judge(one: Scored, task: LabelTask, calibration: Calibration) -> Judged:
    """What a model's scores say of a row's sentiment, calibrated."""
    chances, _ = told(task, calibration, Said(one.scores, one.words))
    first, second = (chances.get(label, 0.0) for label in (SENTIMENT.first, SENTIMENT.second))
    lean = math.log(max(first, 1e-30)) - math.log(max(second, 1e-30))
    return Judged(one.row, max(chances, key=chances.__getitem__), lean, chances)


def by_rules(rows: Iterable[Row]) -> Iterator[Judged]:
    """Whether each row is a crisis, as the rules say that stand before every reply."""
    for row in rows:
        fires = safety.is_crisis(row.text)
        yield Judged(row, CRISIS.first if fires else CRISIS.second, 1.0 if fires else -1.0)


def figures(judged: Sequence[Judged], question: Question) -> Figures:
    """What came out of these rows."""
    two = [one for one in judged if truth(one.row, question) in (question.first, question.second)]
    right = [_rather(one, question) == truth(one.row, question) for one in two]
    counts = metrics.confusion((truth(one.row, question), _rather(one, question)) for one in two)
    firsts = [truth(one.row, question) == question.first for one in two]
    three = len(judged) > len(two)
    low, high = metrics.wilson(sum(right), len(right))
    return Figures(
        rows=len(judged),
        counted=len(two),
        accuracy=metrics.share(right),
        low=low,
        high=high,
        recall_first=metrics.recall(counts, question.first),
        recall_second=metrics.recall(counts, question.second),
        auc=metrics.auc([one.lean for one in two], firsts),
        error=_error(two, right, (question.first, question.second)),
        macro_f1=metrics.macro_f1(said(judged, question), question.labels) if three else math.nan,
        error_all=_error(judged, _said_right(judged, question), question.labels)
        if three
        else math.nan,
    )


def said(judged: Iterable[Judged], question: Question) -> metrics.Confusion:
    """How often a truth was given a label, over all labels."""
    return metrics.confusion((truth(one.row, question), one.said) for one in judged)


def truth(row: Row, question: Question) -> str:
    """The row's label as the question counts it."""
    return question.second if row.label in question.others else row.label


def parts(judged: Iterable[Judged]) -> dict[Part, list[Judged]]:
    """Rows by language, by file, and within a file by source and by kind where it has several."""
    whole: dict[Part, list[Judged]] = defaultdict(list)
    finer: dict[tuple[Part, str], dict[Part, list[Judged]]] = defaultdict(lambda: defaultdict(list))
    for one in judged:
        row = one.row
        file = Part(row.language, row.file)
        whole[Part(row.language)].append(one)
        whole[file].append(one)
        if row.source:
            finer[file, "source"][Part(row.language, row.file, source=row.source)].append(one)
        if row.kind:
            finer[file, "kind"][Part(row.language, row.file, kind=row.kind)].append(one)
    several = [found for found in finer.values() if len(found) > 1]
    everything = whole | {part: rows for found in several for part, rows in found.items()}
    return dict(sorted(everything.items()))


def worst(judged: Iterable[Judged], question: Question, most: int = WORST) -> list[Judged]:
    """The mistakes made with the greatest confidence; a missed `first` before a false one."""
    wrong = [one for one in judged if one.said != truth(one.row, question)]

    def gravity(one: Judged) -> tuple[float, bool, float, bool]:
        true = truth(one.row, question)
        chance = one.probabilities.get
        opposite = {true, one.said} == {question.first, question.second}
        surer = chance(one.said, 0.0) - chance(true, 0.0)
        return surer, opposite, abs(one.lean) if opposite else 0.0, true == question.first

    return sorted(wrong, key=gravity, reverse=True)[:most]


def _rather(one: Judged, question: Question) -> str:
    return question.first if one.lean >= 0 else question.second


def _said_right(judged: Iterable[Judged], question: Question) -> list[bool]:
    return [one.said == truth(one.row, question) for one in judged]


def _error(judged: Sequence[Judged], right: Sequence[bool], labels: Sequence[str]) -> float:
    """The calibration error of the greatest probability among some labels."""
    if not judged or not all(one.probabilities for one in judged):
        return math.nan
    among = [[one.probabilities.get(label, 0.0) for label in labels] for one in judged]
    return metrics.calibration_error([max(some) / (sum(some) or 1.0) for some in among], right)
