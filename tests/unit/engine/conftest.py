"""What the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.worker import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(2, "test")
    yield worker
    worker.close()
