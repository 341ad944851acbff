"""The one thread that owns the model: requests come by queue, answers go back to the event loop.

Knows: the queue, the net around each turn, the end. Leaves what a turn does to
`engine.huggingface.steps`.

A turn reads once, a limited number of tokens, and then gives every running reply one token. So
nobody waits longer than a short read, and a reply that was stopped ends within a token.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable

import torch

from engine.base import EngineError, EngineFailed, EngineNotReady
from engine.huggingface.jobs import Forget, Job
from engine.huggingface.network import release_memory
from engine.huggingface.steps import Steps

log = logging.getLogger(__name__)


class Worker:
    """Runs jobs until it is closed. `steps` are its thread's alone; None after the end."""

    def __init__(self, steps: Steps) -> None:
        self.steps: Steps | None = steps
        self._inbox: queue.SimpleQueue[Job | Forget | None] = queue.SimpleQueue()
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="torch-model", daemon=True)
        self._thread.start()

    def submit(self, job: Job | Forget) -> None:
        """Ask for something; the answers come to `job.answers`.

        Raises:
            EngineNotReady: it has been closed.
        """
        with self._door:
            self.check_open()
            self._inbox.put(job)

    def check_open(self) -> None:
        """Nothing, while it is open.

        Raises:
            EngineNotReady: it has been closed.
        """
        if self._closed:
            raise _closed()

    def close(self) -> None:
        """End the thread, after the forward pass that runs. Closing twice is harmless."""
        with self._door:
            self._closed = True
            self._inbox.put(None)
        self._thread.join()

    def _run(self) -> None:
        steps = self.steps
        assert steps  # noqa: S101 - `_end` alone takes it away
        device = steps.network.device
        try:
            with torch.inference_mode():
                while (taken := self._received(bool(steps.line))) is not None:
                    _turn(steps, taken)
        finally:
            self._end(steps.line.all())
            del steps
            release_memory(device)

    def _received(self, busy: bool) -> list[Job | Forget] | None:
        """What was asked since the last turn; None: to end. Waits when there is nothing to do."""
        taken: list[Job | Forget] = []
        while True:
            try:
                job = self._inbox.get(block=not (busy or taken))
            except queue.Empty:
                return taken
            if job is None:
                _tell(taken, _closed)
                return None
            taken.append(job)

    def _end(self, left: Iterable[Job]) -> None:
        """Nobody waits for ever: also when the thread ends for a reason of its own."""
        with self._door:
            self._closed = True
        _tell(left, _closed)
        self.steps = None
        while not self._inbox.empty():
            job = self._inbox.get()
            if job is not None:
                job.answers.put(_closed())


def _turn(steps: Steps, taken: list[Job | Forget]) -> None:
    """Begin what was asked, and run one step of everything.

    The net: whatever fails, every waiter hears of it, and the thread goes on.
    """
    try:
        for job in taken:
            steps.take(job)
        steps.run()
    except Exception as error:
        log.error("a step of the model failed", exc_info=error)
        reason = f"torch failed: {type(error).__name__}"
        _tell(dict.fromkeys([*taken, *steps.line.all()]), lambda: EngineFailed(reason))
        steps.reset()


def _tell(jobs: Iterable[Job | Forget], error: Callable[[], EngineError]) -> None:
    for job in jobs:
        job.answers.put(error())


def _closed() -> EngineError:
    return EngineNotReady("the model has been closed")
