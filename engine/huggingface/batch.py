"""Sequences that one model reads and continues side by side.

Knows: rows of tokens, the columns they take, masks and positions. Does not know: whose they are,
text, sampling.

`read` takes new tokens of several prompts in one forward pass, each on what is already held of it.
A `Batch` decodes: every step feeds one token a row. Rows may join and leave between two steps.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import torch
from torch import Tensor

from engine.huggingface.kv import Kv, KvRows
from engine.huggingface.network import Network

_ROOM = 64
"""Columns that a batch has to spare when it is put together: so often a step copies nothing."""


def read(
    network: Network, held: Sequence[Sequence[Kv]], new: Sequence[Sequence[int]]
) -> tuple[Tensor, list[Kv]]:
    """Logits after the last new token of each row, and what is then held of each.

    New tokens are padded behind, so that each of them sees only real ones.
    """
    rows = KvRows(held, max(map(len, new)), network.shape)
    ends = [len(tokens) - 1 for tokens in new]
    kept = sorted(set(ends))
    keep: int | Tensor = 1 if len(kept) == 1 else network.tensor(kept)
    logits = _forward(network, rows, new, keep)
    last = logits[list(range(len(new))), [kept.index(end) for end in ends]]
    return last, [_row(rows, n, len(tokens)) for n, tokens in enumerate(new)]


def score(network: Network, held: Sequence[Kv], continuations: Sequence[Sequence[int]]) -> Tensor:
    """Log-probability of each continuation after its first token: one forward pass for all.

    The first token's own probability is known from the logits in front of it.
    """
    fed = [tokens[:-1] for tokens in continuations]
    rows = KvRows([held] * len(fed), max(map(len, fed)), network.shape)
    logs = torch.log_softmax(_forward(network, rows, fed, keep=0), dim=-1)
    return torch.stack(
        [
            logs[n, list(range(len(tokens) - 1)), list(tokens[1:])].sum()
            for n, tokens in enumerate(continuations)
        ]
    )


class Batch:
    """Rows that are being continued, in the order in which they joined."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._rows = KvRows([], 0, network.shape)

    def __len__(self) -> int:
        return len(self._rows.lengths)

    def join(self, held: Sequence[Sequence[Kv]]) -> None:
        """Take in more rows, each given as parts that follow each other."""
        self._build([*([row] for row in self._all()), *held])

    def leave(self, rows: Container[int]) -> None:
        """Let rows go; those behind them move up."""
        self._build([[kv] for n, kv in enumerate(self._all()) if n not in rows])

    def step(self, tokens: Sequence[int]) -> Tensor:
        """Feed each row one token; logits [rows, vocabulary]. A step that fails leaves no trace."""
        if not self._rows.room:
            self._build([[row] for row in self._all()])
        width = self._rows.width
        try:
            return _forward(self._network, self._rows, [[token] for token in tokens], 1)[:, 0]
        except BaseException:
            self._rows.cut(width)
            raise

    def row(self, row: int) -> Kv:
        """What a row holds, as a view that lasts until the next change."""
        return self._rows.row(row, self._rows.width)

    def clear(self) -> None:
        """Let all rows go."""
        self._build([])

    def _all(self) -> list[Kv]:
        return [self.row(n) for n in range(len(self))]

    def _build(self, rows: Sequence[Sequence[Kv]]) -> None:
        self._rows = KvRows(rows, _ROOM, self._network.shape)


def _forward(
    network: Network, rows: KvRows, new: Sequence[Sequence[int]], keep: int | Tensor
) -> Tensor:
    before, width = rows.width, max(map(len, new))
    tokens, positions, mask = [], [], []
    for n, row in enumerate(new):
        padding = width - len(row)
        first = before - rows.pad(n)
        last = first + len(row) - 1
        tokens.append([*row, *[0] * padding])
        positions.append([min(first + column, last) for column in range(width)])
        mask.append((rows.pad(n), padding))
    return network.forward(
        network.tensor(tokens),
        network.tensor(positions),
        rows.cache,
        _mask(network, mask, before + width),
        keep,
    )


def _mask(network: Network, padding: Sequence[tuple[int, int]], width: int) -> Tensor | None:
    if not any(front or behind for front, behind in padding):
        return None
    columns = network.tensor(range(width))
    fronts, behinds = (network.tensor(side)[:, None] for side in zip(*padding, strict=True))
    return (columns >= fronts) & (columns < width - behinds)


def _row(rows: KvRows, n: int, new: int) -> Kv:
    kv = rows.row(n, rows.aligned + new)
    return kv if len(rows.lengths) == 1 else kv.copied()
