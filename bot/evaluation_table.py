"""Figures of labels as one table to read, and as JSON.

Knows: columns, percent, what a terminal must not be sent. Does not know: how a figure comes about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.evaluation import CRISIS, Figures, Judged, Part, Question, figures, parts, truth, worst
from bot.evaluation import said as counted

_SHOWN_CHARACTERS = 90

_Column = tuple[str, Callable[[Figures], str]]
_More = tuple[str, Callable[[Sequence[Judged]], str]]


def table(
    by_judge: Mapping[str, Sequence[Judged]], question: Question, more: Sequence[_More] = ()
) -> Iterator[str]:
    """One Markdown table: a line for each part of the rows and each judge of them.

    `more` are columns behind the usual ones: a name, and what stands there for some rows.
    """
    columns = _CRISIS if question is CRISIS else _SENTIMENT
    names = ["rows of", *(["by"] if len(by_judge) > 1 else [])]
    names += [*(name for name, _ in columns), *(name for name, _ in more)]
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    found = {judge: parts(judged) for judge, judged in by_judge.items()}
    for part in sorted({part for of_judge in found.values() for part in of_judge}):
        for judge, of_judge in found.items():
            if part in of_judge:
                one = figures(of_judge[part], question)
                by = [judge] if len(by_judge) > 1 else []
                cells = [_named(part), *by, *(cell(one) for _, cell in columns)]
                cells += [cell(of_judge[part]) for _, cell in more]
                yield f"| {' | '.join(cells)} |"


def confusion(judged: Sequence[Judged], question: Question) -> Iterator[str]:
    """A Markdown table of what each label was taken for."""
    counts = counted(judged, question)
    yield f"| people say | {' | '.join(f'said {label}' for label in question.labels)} |"
    yield f"|{'---|' * (len(question.labels) + 1)}"
    for label in question.labels:
        row = [str(counts.get((label, other), 0)) for other in question.labels]
        yield f"| {label} | {' | '.join(row)} |"


def mistakes(judged: Sequence[Judged], question: Question) -> Iterator[str]:
    """The worst mistakes, one a line, with where they stand."""
    for one in worst(judged, question):
        chance = f" ({one.probabilities[one.said]:.2f})" if one.probabilities else ""
        verdict = f"{truth(one.row, question)}, said {one.said}{chance}"
        yield f"{one.row.file}, line {one.row.line}: {verdict}: {_shown(one.row.text)}"


def as_json(judged: Sequence[Judged], question: Question) -> dict[str, Any]:
    """The same as plain values; null where there is nothing to count."""
    return {
        "task": question.name,
        "parts": [
            {**asdict(part), **_numbers(figures(rows, question))}
            for part, rows in parts(judged).items()
        ],
        "confusion": [
            {"label": label, "said": other, "rows": n}
            for (label, other), n in sorted(counted(judged, question).items())
        ],
        "worst": [
            {
                "file": one.row.file,
                "line": one.row.line,
                "text": one.row.text,
                "label": truth(one.row, question),
                "said": one.said,
                "probabilities": dict(one.probabilities),
            }
            for one in worst(judged, question)
        ],
    }


def _named(part: Part) -> str:
    finer = part.source or part.kind
    where = part.file or "all files"
    return _shown(f"{where} ({part.language}){f': {finer}' if finer else ''}").replace("|", "/")


def _shown(text: str) -> str:
    """Without what steers a terminal or breaks a line, and cut."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean if len(clean) <= _SHOWN_CHARACTERS else f"{clean[:_SHOWN_CHARACTERS]}…"


def _numbers(found: Figures) -> dict[str, float | None]:
    values = asdict(found).items()
    return {key: None if math.isnan(value) else round(value, 4) for key, value in values}


def percent(value: float) -> str:
    """A share as it stands in a table."""
    return "-" if math.isnan(value) else f"{100 * value:.1f}"


def _decimal(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _band(found: Figures) -> str:
    return f"{percent(found.low)} to {percent(found.high)}" if found.counted else "-"


_SENTIMENT: tuple[_Column, ...] = (
    ("rows", lambda f: str(f.rows)),
    ("accuracy + / -", lambda f: percent(f.accuracy)),
    ("95 %", _band),
    ("recall + / -", lambda f: f"{percent(f.recall_first)} / {percent(f.recall_second)}"),
    ("AUC", lambda f: _decimal(f.auc)),
    ("error + / -", lambda f: _decimal(f.error)),
    ("macro-F1", lambda f: percent(f.macro_f1)),
    ("error of all", lambda f: _decimal(f.error_all)),
)
_CRISIS: tuple[_Column, ...] = (
    ("rows", lambda f: str(f.rows)),
    ("found", lambda f: percent(f.recall_first)),
    ("false alarms", lambda f: percent(1 - f.recall_second)),
    ("right", lambda f: percent(f.accuracy)),
    ("95 %", _band),
)
