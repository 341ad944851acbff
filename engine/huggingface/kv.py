"""Keys and values that torch models keep of what they have read.

Knows: transformers' cache interface, rows of different lengths side by side. Does not know: tokens,
prompts, who a row belongs to.

Rows lie right-aligned in buffers with room behind them: a decoding step writes one column and
copies nothing. What stands in front of a short row is masked out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer


@dataclass(frozen=True, slots=True)
class KvShape:
    """What a model keeps of a token: heads, width of a key and of a value, for each layer."""

    layers: tuple[tuple[int, int, int], ...]
    dtype: torch.dtype
    device: torch.device


@dataclass(frozen=True, slots=True, eq=False)
class Kv:
    """What was read of one stretch of tokens: keys and values [heads, tokens, width] by layer."""

    layers: tuple[tuple[Tensor, Tensor], ...]

    @property
    def length(self) -> int:
        """How many tokens it holds."""
        return self.layers[0][0].shape[1] if self.layers else 0

    @property
    def size_bytes(self) -> int:
        """What its tokens take; the memory of a view's owner may be larger."""
        return sum(t.numel() * t.element_size() for pair in self.layers for t in pair)

    def part(self, start: int, end: int) -> Kv:
        """A stretch of it, without a copy."""
        return Kv(tuple((k[:, start:end], v[:, start:end]) for k, v in self.layers))

    def copied(self) -> Kv:
        """The same in memory of its own, so that nothing larger is kept alive by it."""
        return Kv(tuple((k.clone(), v.clone()) for k, v in self.layers))


class _RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers is not read by mypy
    """A layer of the cache whose new columns are written into room that is already there."""

    keys: Tensor
    values: Tensor

    def __init__(self, keys: Tensor, values: Tensor, used: int) -> None:
        super().__init__()
        self._room = (keys, values)
        self.dtype, self.device = keys.dtype, keys.device
        self.is_initialized = True
        self.show(used)

    def show(self, used: int) -> None:
        """Let the first `used` columns count, and no other."""
        keys, values = self._room
        self.keys, self.values = keys[:, :, :used], values[:, :, :used]

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        start = self.keys.shape[2]
        end = start + key_states.shape[2]
        keys, values = self._room
        keys[:, :, start:end] = key_states
        values[:, :, start:end] = value_states
        self.show(end)
        return self.keys, self.values


class KvRows:
    """Several sequences side by side, and the cache that a model reads and extends.

    `lengths` are the tokens of each row before the model extended them.
    """

    def __init__(self, rows: Sequence[Sequence[Kv]], room: int, shape: KvShape) -> None:
        """Each row is given as parts that follow each other; `room` columns are left behind."""
        self.lengths = [sum(part.length for part in row) for row in rows]
        self.aligned = max(self.lengths, default=0)
        self._capacity = self.aligned + room
        self._layers = [self._layer(rows, n, shape) for n in range(len(shape.layers))]
        self.cache = Cache(layers=list(self._layers))

    @property
    def width(self) -> int:
        """Columns in use, padding included."""
        return self._layers[0].keys.shape[2]

    @property
    def room(self) -> int:
        """Columns that may still be written."""
        return self._capacity - self.width

    def pad(self, row: int) -> int:
        """How many columns stand in front of a row."""
        return self.aligned - self.lengths[row]

    def row(self, row: int, end: int) -> Kv:
        """What a row holds up to the column `end`, as a view."""
        start = self.pad(row)
        return Kv(
            tuple((la.keys[row, :, start:end], la.values[row, :, start:end]) for la in self._layers)
        )

    def cut(self, width: int) -> None:
        """Take columns back that a step which failed has written."""
        for layer in self._layers:
            layer.show(width)

    def _layer(self, rows: Sequence[Sequence[Kv]], n: int, shape: KvShape) -> _RoomyLayer:
        heads, *widths = shape.layers[n]
        buffers = [
            torch.zeros(
                (len(rows), heads, self._capacity, width), dtype=shape.dtype, device=shape.device
            )
            for width in widths
        ]
        for number, row in enumerate(rows):
            start = self.pad(number)
            for part in row:
                end = start + part.length
                for buffer, held in zip(buffers, part.layers[n], strict=True):
                    buffer[number, :, start:end] = held
                start = end
        return _RoomyLayer(buffers[0], buffers[1], self.aligned)
