"""Sentences written to measure the crisis rules: half to tune them on, half to measure once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of NAME.jsonl: text, label (crisis, no_crisis), kind, category, lang."""
    text = Path(__file__).with_name(f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
