"""Who is read and who is written next.

Knows: jobs, how much of each is unread, how many replies may run. Does not know: tensors, the
model, threads.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.huggingface.jobs import Job, Reply

_FEW_TOKENS = 32
"""Prompts with no more than this left are read together, however much their lengths differ."""


class Line:
    """Jobs in the order in which they came: waiting for a place, being read, being written."""

    def __init__(self, slots: int, read_width: int, read_tokens: int) -> None:
        """At most `slots` replies run, and so many prompts are read together. One pass reads at
        most `read_width` tokens of one prompt and about `read_tokens` of all."""
        self._slots = max(slots, 1)
        self._read_width = read_width
        self._read_tokens = read_tokens
        self.waiting: list[Reply] = []
        self.reading: list[Job] = []
        self.writing: list[Reply] = []  # row by row as in the batch

    def __bool__(self) -> bool:
        return bool(self.waiting or self.reading or self.writing)

    def all(self) -> list[Job]:
        """Every job that somebody may wait for."""
        return [*self.waiting, *self.reading, *self.writing]

    def admitted(self) -> list[Reply]:
        """Waiting replies that get the free places; they leave the queue."""
        taken = len(self.writing) + sum(isinstance(job, Reply) for job in self.reading)
        free = max(self._slots - taken, 0)
        admitted, self.waiting = self.waiting[:free], self.waiting[free:]
        return admitted

    def begin_writing(self, replies: Sequence[Reply]) -> None:
        """These are read; their rows stand behind those of the others."""
        self.reading = [job for job in self.reading if job not in replies]
        self.writing.extend(replies)

    def drop(self, gone: Collection[Job]) -> None:
        """These are done, or nobody waits for them any more."""
        self.waiting = [job for job in self.waiting if job not in gone]
        self.reading = [job for job in self.reading if job not in gone]
        self.writing = [job for job in self.writing if job not in gone]

    def group(self) -> list[tuple[Job, Sequence[int]]]:
        """What the next pass reads: tokens of the oldest prompt, and of others of its length."""
        if not self.reading:
            return []
        width = self._width(self.reading[0])
        most = max(min(self._read_tokens // width, self._slots), 1)
        fits = [job for job in self.reading if _alike(width, self._width(job))][:most]
        return [(job, job.tokens[job.length : job.length + width]) for job in fits]

    def _width(self, job: Job) -> int:
        return min(job.unread, self._read_width)


def _alike(one: int, other: int) -> bool:
    """Whether little is wasted when the one is padded to the other."""
    return max(one, other) <= max(2 * min(one, other), _FEW_TOKENS)
