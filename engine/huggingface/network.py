"""A loaded network: tokens in, logits out.

Knows: the keywords of a transformers causal model. Does not know: text, files, batches of persons.
"""

from __future__ import annotations

import gc
import inspect
from typing import Any

import torch
from torch import Tensor

from engine.base import ModelUnusable
from engine.huggingface.kv import KvShape

_READ_WIDTH_CPU, _READ_WIDTH_GPU = 128, 2048
"""Tokens of one prompt read between two looks at the queue: a long prompt delays others by this
much. On two cores more are not faster."""
_ROWS_A_READ = 2
"""So many full widths are read in one forward pass."""

_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python found too little memory; on a CPU torch tells it only in words."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)


def release_memory(device: torch.device) -> None:
    """Give back to the device what nobody holds any more."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


class Network:
    """The weights of one model on one device."""

    def __init__(self, module: Any, name: str) -> None:
        """Take a transformers causal model, and try it on two tokens.

        Raises:
            ModelUnusable: it keeps no keys and values that could be cut and put together.
        """
        self._module = module
        self.device = torch.device(module.device)
        names = inspect.signature(module.forward).parameters
        self._cache_name = "cache" if "cache" in names else "past_key_values"
        self.shape = self._tried(name)
        cpu = self.device.type == "cpu"
        self.read_width = _READ_WIDTH_CPU if cpu else _READ_WIDTH_GPU
        self.read_tokens = _ROWS_A_READ * self.read_width

    def forward(
        self,
        tokens: Tensor,
        positions: Tensor,
        cache: Any,
        mask: Tensor | None = None,
        keep: int | Tensor = 1,
    ) -> Tensor:
        """Logits [rows, kept columns, vocabulary] in float32; `cache` is extended by the tokens.

        `mask` [rows, all columns] is false where a column is no token; None: all are. `keep` is as
        transformers' `logits_to_keep`: the last n columns, 0 for all, or the columns named.
        """
        output = self._module(
            input_ids=tokens,
            position_ids=positions,
            attention_mask=mask,
            use_cache=True,
            logits_to_keep=keep,
            **{self._cache_name: cache},
        )
        logits: Tensor = output.logits
        return logits.float()

    def tensor(self, values: Any) -> Tensor:
        """Whole numbers on the model's device."""
        return torch.tensor(values, dtype=torch.long, device=self.device)

    def _tried(self, name: str) -> KvShape:
        from transformers import DynamicCache

        cache = DynamicCache()
        with torch.inference_mode():
            logits = self.forward(self.tensor([[0, 0]]), self.tensor([[0, 1]]), cache)
        layers: list[Any] = list(cache.layers)
        pairs = [(getattr(la, "keys", None), getattr(la, "values", None)) for la in layers]
        if not torch.isfinite(logits).all():
            raise ModelUnusable(f"{name} gives no numbers: choose dtype float32, or another model")
        if not pairs or not all(isinstance(t, Tensor) and t.dim() == 4 for p in pairs for t in p):
            raise ModelUnusable(f"{name} is no model with attention alone: choose another model")
        return KvShape(
            tuple((la.keys.shape[1], la.keys.shape[3], la.values.shape[3]) for la in layers),
            layers[0].keys.dtype,
            self.device,
        )
