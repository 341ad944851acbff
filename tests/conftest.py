"""What every test may count on: no test leaves the log louder or quieter than it was."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

LOGGERS = ("", "warmline", "bot", "adapters", "engine", "storage")


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    """A command line that is tested in this process sets levels, as it does in its own."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
