"""uvicorn as our adapters use it: no hands on the process, no log of its own, no word about itself.

Knows: uvicorn's settings that are the same wherever we listen. Does not know: what is served.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp


def quiet_config(app: ASGIApp, *, grace_seconds: int, **more: Any) -> uvicorn.Config:
    """The settings of a server for `app`; `more` are uvicorn's own."""
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=grace_seconds,
        **more,
    )


class QuietServer(uvicorn.Server):
    """uvicorn without its hands on the process: it takes no signals."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """None are captured: they are the process's own business."""
        yield
