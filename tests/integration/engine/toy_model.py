"""A language model that fits on a page: the next token depends on the last one alone.

Its vocabulary is words, characters and bytes, longest match first; its logits are a hash. So any
probability can be told exactly, and labels are far from the most probable tokens.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache

SPECIAL = ("<|im_start|>", "<|im_end|>")
WORDS = (
    *("Pos", "itive", "Neg", "ative", "Neutral", "Par", "is", "正面", "负", "面", "system", "user"),
    *("assistant", "one", "two", "three", "four", " ", "\n", "[", "]", "okapi-7", "quetzal-4"),
)
CHARACTERS = tuple(chr(code) for code in range(33, 127) if chr(code) not in "[]")
BYTES = 256
NAMES = (*SPECIAL, *WORDS, *CHARACTERS)
SIZE = len(NAMES) + BYTES
START, END = 0, 1

_IDS = {name: number for number, name in enumerate(NAMES)}
_SPECIAL = re.compile("|".join(re.escape(name) for name in SPECIAL))
_LONGEST = sorted((*WORDS, *CHARACTERS), key=len, reverse=True)


def tokenize(text: str, *, special: bool) -> list[int]:
    """Token ids; `special` reads control tokens as such."""
    if not special:
        return _plain(text)
    ids: list[int] = []
    place = 0
    for found in _SPECIAL.finditer(text):
        ids += [*_plain(text[place : found.start()]), _IDS[found.group()]]
        place = found.end()
    return [*ids, *_plain(text[place:])]


def detokenize(ids: Sequence[int]) -> str:
    return b"".join(spelt(token) for token in ids).decode("utf-8", "replace")


def spelt(token: int) -> bytes:
    if token < len(NAMES):
        return NAMES[token].encode()
    byte = token - len(NAMES)
    return bytes([byte]) if byte > 127 else f"<{byte}>".encode()


@cache
def after(token: int) -> tuple[float, ...]:
    """Log-probability of each token after a token."""
    logits = [_logit(token, following) for following in range(SIZE)]
    if token == _IDS["Par"]:
        logits[_IDS["is"]] += 30.0
    logits[START] = -30.0
    return _normal(logits)


def biased(values: Sequence[float], bias: Mapping[int, float]) -> tuple[float, ...]:
    """The same after biases are added to some logits."""
    return _normal([value + bias.get(token, 0.0) for token, value in enumerate(values)])


def likely(values: Sequence[float], count: int) -> list[int]:
    """The most probable tokens, most probable first."""
    return sorted(range(SIZE), key=lambda token: -values[token])[:count]


def probability(prompt: Sequence[int], said: Sequence[int]) -> float:
    """Log-probability that exactly these tokens follow."""
    return math.fsum(after(a)[b] for a, b in zip([prompt[-1], *said], said, strict=False))


def _plain(text: str) -> list[int]:
    ids: list[int] = []
    while text:
        word = next((name for name in _LONGEST if text.startswith(name)), "")
        if word:
            ids.append(_IDS[word])
        else:
            ids += [len(NAMES) + byte for byte in text[0].encode()]
        text = text[len(word) or 1 :]
    return ids


def _logit(token: int, following: int) -> float:
    digest = hashlib.blake2b(f"{token}/{following}".encode(), digest_size=4).digest()
    return 8.0 * int.from_bytes(digest, "big") / 2**32


def _normal(logits: Sequence[float]) -> tuple[float, ...]:
    top = max(logits)
    total = top + math.log(math.fsum(math.exp(value - top) for value in logits))
    return tuple(value - total for value in logits)
