"""Fits the calibration that is shipped: `warmline calibrate`, into `engine/calibration.toml`.

    python -m benchmarks.calibrate FILE.jsonl… [--rows N] [--whole FILE.jsonl…] [--model default]
                                   [--engine llamacpp] [--folds 5] [--scores SCORES.jsonl]
                                   [--keep-feelings] [--dry-run]

Prints the Markdown table for docs/accuracy.md. Its figures are of held-out rows: each is labelled
with what was fitted on the other folds. An owner's settings are not read.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.engines import settings_with
from benchmarks.machine import machine
from bot.calibrating import TooFewRows
from bot.cli.calibrate import fit
from bot.evaluation import SENTIMENT
from bot.labelled import BadRows, drawn, read
from bot.score_file import BadScores
from engine.base import EngineError
from engine.calibration import SHIPPED


def main() -> None:
    """Score, fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--engine", default="llamacpp")
    parser.add_argument("--rows", type=int, help="of each file and language; all unless told")
    parser.add_argument("--whole", nargs="+", type=Path, default=[], help="of these files all rows")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--scores", type=Path, help="keeps the raw scores; asked is what it lacks")
    parser.add_argument("--keep-feelings", action="store_true", help="those of before stay")
    parser.add_argument("--dry-run", action="store_true")
    given = parser.parse_args()
    settings = settings_with(kind=given.engine, model=given.model)
    target = None if given.dry_run else SHIPPED
    try:
        rows = read(given.files, SENTIMENT.labels)
        rows = drawn(rows, given.rows) if given.rows else rows
        rows += read(given.whole, SENTIMENT.labels)
        sys.stdout.write(f"{machine()}, {datetime.now(UTC):%Y-%m-%d}\n\n")
        fit(settings, rows, given.folds, given.scores, target, feelings=not given.keep_feelings)
    except (BadRows, BadScores, EngineError, TooFewRows) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
