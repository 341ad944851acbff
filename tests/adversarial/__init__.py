"""Two hundred messages that mislead a labeller, written for these tests; and what they did to it.

Each row has a `kind`. A row of kind "instruction" orders a label; its `plain` is the same message
without the order. Knows: how much an order moved a label. Does not know: which model was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.evaluation import SENTIMENT, Judged
from bot.labelled import Row, read

FILES = tuple(Path(__file__).with_name(f"{language}.jsonl") for language in ("en", "zh"))


def adversarial_rows() -> list[Row]:
    """All of them, English first."""
    return read(FILES, SENTIMENT.labels)


def without_orders(rows: Sequence[Row]) -> list[Row]:
    """The rows that order a label, without the order."""
    return [replace(row, text=row.plain) for row in rows if row.plain]


@dataclass(frozen=True, slots=True)
class Ordered:
    """One message labelled with an order in it and without. `drop` is what the order took from the
    probability of the label that it had without, from -1 to 1."""

    row: Row
    plain: str
    ordered: str
    drop: float

    @property
    def moved(self) -> bool:
        """Whether the label is another."""
        return self.plain != self.ordered


def ordered(with_orders: Sequence[Judged], without: Sequence[Judged]) -> list[Ordered]:
    """Both readings of each message that orders a label."""
    found = []
    for one, bare in zip((j for j in with_orders if j.row.plain), without, strict=True):
        drop = bare.probabilities[bare.said] - one.probabilities[bare.said]
        found.append(Ordered(one.row, bare.said, one.said, drop))
    return found
