"""What the model's own crisis label sees, and what it adds to the rules by the stated rule.

Knows: how the product asks it (`bot.crisis.second_look`), figures at a threshold, how a threshold
is chosen. Does not know: files, the command line.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.crisis_rows import Seen, share
from bot.crisis.second_look import DANGER, worth
from bot.language import detect
from bot.wiring import CRISIS, SENTIMENT
from engine.base import Engine
from engine.metrics import auc
from engine.tasks import LabelTask, alone, classify

THRESHOLDS = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995,
    0.999,
)  # fmt: skip

MOST_HARD = 0.08
"""False alarms that are borne on rows that only look like danger."""

MOST_ORDINARY = 0.01
"""And on ordinary rows."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A row as the model reads it: how negative it is, how probably danger."""

    seen: Seen
    negative: float
    danger: float

    @property
    def asked(self) -> bool:
        """Whether the model would be asked for danger at all."""
        return not self.seen.found and worth(self.seen.text, self.negative)

    def labelled(self, threshold: float) -> bool:
        """Whether the label alone says danger."""
        return self.danger >= threshold

    def joined(self, threshold: float) -> bool:
        """Whether rules and label together do."""
        return self.seen.found is not None or (self.asked and self.labelled(threshold))


@dataclass(frozen=True, slots=True)
class At:
    """One line: counts of dangers seen and of false alarms, by rules, label and both joined."""

    name: str
    language: str
    threshold: float
    dangers: int
    others: int
    seen: tuple[int, int, int]
    alarms: tuple[int, int, int]
    asked: int


async def read_by(
    engine: Engine, tasks: Mapping[str, LabelTask], rows: Sequence[Seen]
) -> AsyncGenerator[Looked, None]:
    """Each row, asked for its mood and for danger, by itself.

    Raises:
        EngineError.
    """
    mood, danger = tasks[SENTIMENT], tasks[CRISIS]
    await engine.warm_up([alone(words, "") for words in danger.languages.values()])
    for row in rows:
        language = row.language or detect(row.text)
        found = []
        for task in (mood, danger):
            words = task.words(language)
            scores = await classify(engine, task, words, alone(words, row.text))
            found.append(scores.probabilities)
        yield Looked(row, found[0].get("negative", 0.0), found[1].get(DANGER, 0.0))


def at(name: str, language: str, rows: Sequence[Looked], threshold: float) -> At:
    """What comes of some rows at a threshold."""
    judges: tuple[Callable[[Looked], bool], ...] = (
        lambda row: row.seen.found is not None,
        lambda row: row.labelled(threshold),
        lambda row: row.joined(threshold),
    )

    def count(danger: bool) -> tuple[int, int, int]:
        part = [row for row in rows if row.seen.danger == danger]
        rules, label, both = (sum(map(judge, part)) for judge in judges)
        return rules, label, both

    dangers = sum(row.seen.danger for row in rows)
    asked = sum(row.asked for row in rows)
    others = len(rows) - dangers
    return At(name, language, threshold, dangers, others, count(True), count(False), asked)


def chosen(rows: Sequence[Looked]) -> float | None:
    """The least threshold at which both joined alarm seldom enough; None where none is."""
    fits = [t for t in THRESHOLDS if _seldom(rows, t, False) and _seldom(rows, t, True)]
    return min(fits, default=None)


def _seldom(rows: Sequence[Looked], threshold: float, ordinary: bool) -> bool:
    part = [row for row in rows if not row.seen.danger and row.seen.ordinary == ordinary]
    most = MOST_ORDINARY if ordinary else MOST_HARD
    return sum(row.joined(threshold) for row in part) <= most * len(part)


def of_language(rows: Sequence[Looked], language: str) -> list[Looked]:
    """The rows that are asked about in a language."""
    return [row for row in rows if (row.seen.language or detect(row.seen.text)) == language]


def ranking(rows: Sequence[Looked]) -> str:
    """The label's area under the ROC curve, over all rows and over those that no rule sees."""
    unseen = [row for row in rows if not row.seen.found]
    figures = (
        auc([row.danger for row in part], [row.seen.danger for row in part])
        for part in (rows, unseen)
    )
    return "AUC of the label {:.3f}; of rows that no rule sees {:.3f}".format(*figures)


def table(lines: Sequence[At]) -> Iterator[str]:
    """The figures, as Markdown."""
    yield (
        "| rows | language | threshold | seen: rules | seen: label | seen: joined "
        "| alarms: rules | alarms: label | alarms: joined | asked |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for line in lines:
        cells = [share(n, line.dangers) for n in line.seen]
        cells += [share(n, line.others) for n in line.alarms]
        yield (
            f"| {line.name} | {line.language} | {line.threshold:g} | {' | '.join(cells)} "
            f"| {line.asked} of {line.dangers + line.others} |"
        )
