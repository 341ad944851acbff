"""The requests that llama.cpp's completions endpoint is asked, and what its answers hold.

Knows: that endpoint's fields. Does not know: labels, prompts, slots beyond their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.base import SamplingParams

_KEEP_ONLY = 80.0
"""Bias in nats that leaves only the tokens that have it. Far above any gap between logits, and
small enough that float32 still tells ratios to five digits."""


def _request(slot: int, tokens: Sequence[int]) -> dict[str, Any]:
    return {"prompt": list(tokens), "id_slot": slot, "cache_prompt": True}


def read(slot: int, tokens: Sequence[int]) -> dict[str, Any]:
    """Read tokens and write nothing."""
    return {**_request(slot, tokens), "max_tokens": 0, "temperature": 0.0}


def branch(slot: int, tokens: Sequence[int], branches: Sequence[int]) -> dict[str, Any]:
    """Draw among the given next tokens alone; the answer tells the probability of each."""
    return {
        **_request(slot, tokens),
        "max_tokens": 1,
        "temperature": 1.0,
        "samplers": [],
        "logit_bias": [[token, _KEEP_ONLY] for token in branches],
        "n_probs": len(branches),
        "post_sampling_probs": True,
    }


def forced(slot: int, tokens: Sequence[int], token: int) -> dict[str, Any]:
    """Draw one given token; the answer tells its log-probability before any bias."""
    return {
        **_request(slot, tokens),
        "max_tokens": 1,
        "temperature": 1.0,
        "samplers": [],
        "logit_bias": [[token, 2 * _KEEP_ONLY]],
        "n_probs": 1,
    }


def reply(slot: int, tokens: Sequence[int], params: SamplingParams, room: int) -> dict[str, Any]:
    """Write a reply of at most `room` tokens."""
    request = {
        **_request(slot, tokens),
        "max_tokens": min(params.max_tokens, room),
        "temperature": params.temperature,
        "top_p": params.top_p,
        "samplers": ["temperature", "top_p"],
        "stop": list(params.stop),
        "return_progress": True,  # an event for each batch read, so that reading can be stopped too
    }
    return request if params.seed is None else {**request, "seed": params.seed}


def first_token(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the answer tells of the first token it drew."""
    facts: Mapping[str, Any] = answer["choices"][0]["logprobs"]["content"][0]
    return facts
