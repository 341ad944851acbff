"""Sentences of people, one a line, written for these tests."""

from __future__ import annotations

from pathlib import Path


def phrases(name: str) -> list[str]:
    """The lines of NAME.txt beside this module."""
    return Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
