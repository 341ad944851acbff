"""How far an erasure goes back: all of it, or only what is not newer than a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, true


def upto(column: Any, until: datetime | None) -> ColumnElement[bool]:
    """The condition that a row's time is not after `until`; None for whatever time."""
    if until is None:
        return true()
    not_after: ColumnElement[bool] = column <= until
    return not_after
