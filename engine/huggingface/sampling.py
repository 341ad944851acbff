"""Drawing one token from logits.

Knows: temperature, top-p, seeds. Does not know: text, rows, the model.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.base import SamplingParams

_LIKELIEST = 256
"""Tokens that are looked at before the whole vocabulary is sorted, which costs ten times as much.
The result is the same."""


class Sampler:
    """One reply's way of drawing, with a random generator of its own."""

    def __init__(self, params: SamplingParams, device: torch.device) -> None:
        self._params = params
        self._generator = torch.Generator(device)
        if params.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(params.seed)

    def draw(self, logits: Tensor) -> int:
        """The next token, from float32 logits [vocabulary]. Temperature 0 takes the likeliest."""
        if self._params.temperature <= 0:
            return int(logits.argmax())
        logs = torch.log_softmax(logits / self._params.temperature, dim=-1)
        tokens, likely = _nucleus(logs, self._params.top_p)
        return int(tokens[torch.multinomial(likely, 1, generator=self._generator)])


def _nucleus(logs: Tensor, top_p: float) -> tuple[Tensor, Tensor]:
    """The fewest likeliest tokens that together reach `top_p`, and their probabilities."""
    if top_p >= 1:
        return torch.arange(logs.shape[0], device=logs.device), logs.exp()
    for count in (min(_LIKELIEST, logs.shape[0]), logs.shape[0]):
        values, tokens = logs.topk(count)
        likely = values.exp()
        before = likely.cumsum(0) - likely
        if count == logs.shape[0] or before[-1] + likely[-1] >= top_p:
            break
    inside = before < top_p
    inside[0] = True
    return tokens[inside], likely[inside]
