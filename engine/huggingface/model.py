"""Loads a model with torch and transformers: its network on a device, and its text side.

Knows: transformers' loading and its errors, devices, number formats. Does not know: prompts,
requests, threads. Code out of a repository is never run, pickled weights are never opened.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from engine.base import EngineError, ModelUnusable
from engine.huggingface import source as places
from engine.huggingface.network import Network, is_out_of_memory
from engine.huggingface.source import Place
from engine.huggingface.text import Text

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready. `context` is the most tokens it was made for."""

    network: Network
    text: Text
    context: int


def load(source: str | Path, device: str, dtype: str) -> Loaded:
    """Load a model by hub name, folder or GGUF file: blocks for seconds to minutes.

    `device` is "auto" (a GPU if there is one), "cpu", "cuda", "cuda:1" …; `dtype` is "auto"
    (bfloat16 on a GPU, else float32), "float32", "bfloat16" or "float16".

    Raises:
        EngineError: it cannot be loaded; one sentence says why.
    """
    where = choose_device(device)
    number = choose_dtype(dtype, where)
    place = places.find(source)
    _quiet()
    tokenizer = _attempt(place, lambda: _tokenizer(place))
    module, ends, context = _attempt(place, lambda: _module(place, number, where))
    return Loaded(
        _attempt(place, lambda: Network(module, place.name)),
        Text(tokenizer, place.name, ends),
        context,
    )


def choose_device(wanted: str) -> torch.device:
    """The device that is meant.

    Raises:
        ModelUnusable: there is no such device.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise ModelUnusable(f"there is no device {wanted!r}: use auto, cpu or cuda") from error
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device.type == "cuda" and (device.index or 0) >= there:
        raise ModelUnusable(
            f"torch sees no GPU for device {wanted!r}: use cpu, or install torch's CUDA build"
        )
    return device


def choose_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """The number format that is meant.

    Raises:
        ModelUnusable: there is no such format.
    """
    if wanted == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if wanted not in _DTYPES:
        raise ModelUnusable(f"there is no dtype {wanted!r}: use auto, {', '.join(_DTYPES)}")
    return _DTYPES[wanted]


def _tokenizer(place: Place) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(place.folder), **_options(place))


def _module(place: Place, dtype: torch.dtype, device: torch.device) -> tuple[Any, set[int], int]:
    """The network, the tokens that its configuration ends replies with, and its longest context."""
    try:
        module, facts = _pretrained(place, dtype, "sdpa")
    except ValueError as error:
        if "scaled_dot_product_attention" not in str(error):
            raise
        module, facts = _pretrained(place, dtype, "eager")
    missing = [*facts.get("missing_keys", ()), *facts.get("mismatched_keys", ())]
    if missing:
        raise ModelUnusable(f"{place.name} lacks {len(missing)} of its weights: fetch it again")
    module.requires_grad_(False)
    module = module.to(device).eval()
    ends: set[int] = set()
    for config in (module.config.get_text_config(), module.generation_config):
        found = getattr(config, "eos_token_id", None)
        ends.update(found if isinstance(found, list) else [] if found is None else [found])
    longest = getattr(module.config.get_text_config(), "max_position_embeddings", None)
    return module, ends, int(longest or 2**31)


def _pretrained(place: Place, dtype: torch.dtype, attention: str) -> tuple[Any, dict[str, Any]]:
    """The module and what was not as it should be. Only weights that cannot hold code are read.

    The way of attention is named, lest a configuration names one out of a repository.
    """
    from transformers import AutoModelForCausalLM

    found: tuple[Any, dict[str, Any]] = AutoModelForCausalLM.from_pretrained(
        str(place.folder),
        dtype=dtype,
        attn_implementation=attention,
        use_safetensors=True,
        output_loading_info=True,
        **_options(place),
        **_gguf_options(place),
    )
    return found


def _options(place: Place) -> dict[str, Any]:
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    return options if place.gguf is None else {**options, "gguf_file": place.gguf}


def _gguf_options(place: Place) -> dict[str, Any]:
    """Have a GGUF unpacked: what computes on its packed blocks is code out of a repository."""
    import transformers

    config = getattr(transformers, "GgufConfig", None)
    if place.gguf is None or config is None:  # older ones always unpack
        return {}
    return {"quantization_config": config(dequantize=True)}


def _quiet() -> None:
    """No progress bars and no advice on the console; what matters comes as an error."""
    from transformers.utils import logging as chatter

    chatter.set_verbosity(logging.CRITICAL)
    chatter.disable_progress_bar()
    from transformers import modeling_gguf_pytorch_utils as unpacking

    unpacking.tqdm = _without_bar  # it asks no setting whether to show one


def _without_bar(items: Iterable[T], **_: object) -> Iterable[T]:
    return items


def _attempt(place: Place, call: Callable[[], T]) -> T:
    """What the call gives, or its failure in one sentence."""
    try:
        return call()
    except EngineError:
        raise
    except Exception as error:
        raise _translated(error, place.name) from error


def _translated(error: Exception, name: str) -> ModelUnusable:
    """A library's error in our words, most specific first."""
    from safetensors import SafetensorError

    words = str(error)
    if is_out_of_memory(error):
        return ModelUnusable(f"there is not enough memory to load {name}: choose a smaller model")
    if isinstance(error, (SafetensorError, json.JSONDecodeError)) or "valid JSON" in words:
        return ModelUnusable(f"{name} is damaged or cut short: fetch it again")
    if "trust_remote_code" in words:
        return ModelUnusable(
            f"{name} needs code out of its repository, which is never run: choose another model"
        )
    if "does not recognize this architecture" in words:
        return ModelUnusable(f"{name} is of a kind that this transformers does not know: update it")
    if "Unrecognized configuration class" in words:
        return ModelUnusable(f"{name} is no model that writes text: choose a chat model")
    advice = re.search(r"pip install [\w.\[\]>=<-]+", words)
    if isinstance(error, ImportError) or advice:
        how = advice.group() if advice else "pip install 'warmline[torch]'"
        return ModelUnusable(f"{name} needs a package that is not installed: {how}")
    return ModelUnusable(
        f"transformers cannot load {name}: it is damaged or of an unknown kind "
        f"({type(error).__name__})"
    )
