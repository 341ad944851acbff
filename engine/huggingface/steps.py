"""The steps of the model: one reads prompts, one gives each running reply a token.

Knows: jobs, the batch, what is kept of what was read, memory that runs out. Leaves the order to
`engine.huggingface.line`, the arithmetic to `engine.huggingface.batch`. On the model's thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from engine.base import EngineError, EngineFailed
from engine.huggingface.batch import Batch, read, score
from engine.huggingface.jobs import Forget, Job, Learn, Reply, Score
from engine.huggingface.kv import Kv
from engine.huggingface.line import Line
from engine.huggingface.network import Network, is_out_of_memory, release_memory
from engine.huggingface.prefix import PrefixCache

T = TypeVar("T")

log = logging.getLogger(__name__)


class Steps:
    """Everything that is in progress on one network."""

    def __init__(
        self, network: Network, ends: Iterable[int], *, slots: int, cache_bytes: int
    ) -> None:
        """`ends` are the tokens that end a reply; at most `slots` replies are written at once."""
        self.network = network
        self._ends = frozenset(ends)
        self.line = Line(slots, network.read_width, network.read_tokens)
        self.batch = Batch(network)
        self.cache = PrefixCache(cache_bytes)

    def take(self, job: Job | Forget) -> None:
        """Begin a job, or queue it."""
        if isinstance(job, Forget):
            self._forget(job)
        elif isinstance(job, Reply):
            self.line.waiting.append(job)
        elif isinstance(job, Learn) and self.cache.knows(job.tokens):
            job.answers.put(None)
        else:
            self._begin(job)

    def run(self) -> None:
        """Read once and write once."""
        self._sweep()
        for reply in self.line.admitted():
            self._begin(reply)
        if self.line.reading:
            self._read()
        if self.line.writing:
            self._write()

    def fail(self, jobs: Collection[Job], error: Callable[[], EngineError]) -> None:
        """Tell waiters that their job has come to nothing."""
        for job in jobs:
            job.answers.put(error())
        self._drop(jobs)

    def reset(self) -> None:
        """Begin anew with nothing kept and nobody waiting: after a failure no state is trusted."""
        self.line.drop(self.line.all())
        self.batch = Batch(self.network)
        self.cache.clear()

    def _begin(self, job: Job) -> None:
        job.held = self.cache.find(job.conversation, job.tokens, job.shared)
        self.line.reading.append(job)

    def _forget(self, order: Forget) -> None:
        self.cache.forget(order.conversation)
        for job in self.line.all():
            job.forgotten = job.forgotten or job.conversation == order.conversation
        order.answers.put(None)

    def _sweep(self) -> None:
        """Let go of what nobody waits for any more."""
        self._keep_written([job for job in self.line.writing if job.stopped])
        self._drop([job for job in self.line.all() if job.stopped])

    def _drop(self, gone: Collection[Job]) -> None:
        rows = [row for row, job in enumerate(self.line.writing) if job in gone]
        if rows:
            self.batch.leave(rows)
        self.line.drop(gone)

    def _read(self) -> None:
        """One forward pass over the next tokens of some prompts."""
        jobs, new = zip(*self.line.group(), strict=True)
        step = partial(read, self.network, [job.held for job in jobs], new)
        result = self._attempt(step, jobs[-1:], again=True)
        if result is None:
            return
        logits, held = result
        for job, kv in zip(jobs, held, strict=True):
            job.held = (kv,)
        self._has_read([(j, row) for j, row in zip(jobs, logits, strict=True) if not j.unread])

    def _has_read(self, whole: Sequence[tuple[Job, Tensor]]) -> None:
        """Go on with prompts that are read to their end."""
        begun: list[Reply] = []
        for job, logits in whole:
            if isinstance(job, Learn):
                self._attempt(partial(self._learn, job), [job])
                continue
            self._keep(job, job.tokens, job.held[0])
            if isinstance(job, Score):
                self._attempt(partial(self._weigh, job, logits), [job])
            elif isinstance(job, Reply) and self._goes_on(job, logits):
                begun.append(job)
        self.line.drop([job for job, _ in whole if job not in begun])
        if begun:
            self._attempt(partial(self._join, begun), begun)

    def _learn(self, job: Learn) -> None:
        self.cache.learn(job.tokens, job.held[0])
        job.answers.put(None)

    def _weigh(self, job: Score, logits: Tensor) -> None:
        logs = torch.log_softmax(logits, dim=-1)
        first = logs[[tokens[0] for tokens in job.labels.values()]].tolist()
        scores = dict(zip(job.labels, first, strict=True))
        longer = {label: tokens for label, tokens in job.labels.items() if len(tokens) > 1}
        if longer:
            rest = score(self.network, job.held, list(longer.values())).tolist()
            for label, value in zip(longer, rest, strict=True):
                scores[label] += value
        job.answers.put(scores)

    def _join(self, replies: Sequence[Reply]) -> None:
        self.batch.join([job.held for job in replies])
        for job in replies:
            job.held = ()
        self.line.begin_writing(replies)

    def _write(self) -> None:
        """One token for every running reply."""
        step = partial(self.batch.step, [job.written[-1] for job in self.line.writing])
        logits = self._attempt(step, self.line.writing[-1:], again=True)
        if logits is None:
            return
        rows = zip(self.line.writing, logits, strict=True)
        ended = [job for job, row in rows if not self._goes_on(job, row)]
        self._keep_written(ended)
        self._drop(ended)

    def _goes_on(self, job: Reply, logits: Tensor) -> bool:
        """Draw a reply's next token and tell its text; false at its end."""
        token = job.sampler.draw(logits)
        if token not in self._ends:
            job.written.append(token)
            if text := job.writing.add(token):
                job.answers.put(text)
            if not job.writing.ended and len(job.written) < job.room:
                return True
        if text := job.writing.rest():
            job.answers.put(text)
        job.answers.put(None)
        return False

    def _keep_written(self, replies: Sequence[Reply]) -> None:
        for job in replies:
            kv = self.batch.row(self.line.writing.index(job))
            self._keep(job, (*job.tokens, *job.written), kv)

    def _keep(self, job: Job, tokens: Sequence[int], kv: Kv) -> None:
        """Keep what was read for the conversation's next prompt, if memory allows."""
        if not job.forgotten:
            keep = partial(self.cache.keep, job.conversation, tokens, job.shared, kv)
            self._attempt(keep, ())

    def _attempt(
        self, call: Callable[[], T], jobs: Collection[Job], *, again: bool = False
    ) -> T | None:
        """What the call gives; None where memory ran out.

        Then all that is kept is dropped, and the jobs have failed: unless something was dropped,
        and the call is tried `again` in the next step.
        """
        try:
            return call()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        freed = self.cache.size_bytes
        log.error("memory ran out; %d bytes of what was read before are dropped", freed)
        self.cache.clear()
        release_memory(self.network.device)
        if not (again and freed):
            self.fail(jobs, _too_little_memory)
        return None


def _too_little_memory() -> EngineError:
    return EngineFailed("there is not enough memory for this prompt: lower slots or context")
