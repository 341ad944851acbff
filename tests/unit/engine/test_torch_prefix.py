"""What is kept is found again by its own conversation alone, and bounded in bytes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.huggingface.kv import Kv
from engine.huggingface.prefix import PrefixCache

PERSONA = tuple(range(10))
TOKEN_BYTES = 2 * 4 * 4
"""Keys and values of one layer, one head, four numbers wide."""


def kv(tokens: Sequence[int]) -> Kv:
    """A state that shows which tokens it is of."""
    column = torch.tensor(tokens, dtype=torch.float32)[None, :, None].expand(1, len(tokens), 4)
    return Kv(((column.contiguous(), column.contiguous()),))


def found(cache: PrefixCache, who: str, tokens: Sequence[int], shared: int = 10) -> list[int]:
    """The tokens whose state was found."""
    parts = cache.find(who, tokens, shared)
    return [int(n) for part in parts for n in part.layers[0][0][0, :, 0]]


def kept(who: str, *own: int, limit: int = 10_000) -> PrefixCache:
    cache = PrefixCache(limit)
    cache.learn(PERSONA, kv(PERSONA))
    cache.keep(who, (*PERSONA, *own), 10, kv((*PERSONA, *own)))
    return cache


def test_a_conversation_finds_what_it_has_read_and_nothing_beyond_the_common_part() -> None:
    cache = kept("ann", 50, 51, 52)
    assert found(cache, "ann", (*PERSONA, 50, 51, 60)) == [*PERSONA, 50, 51]
    assert found(cache, "ann", (*PERSONA, 50, 51, 52, 53)) == [*PERSONA, 50, 51, 52]


def test_the_last_token_is_always_left_to_be_read() -> None:
    cache = kept("ann", 50, 51)
    assert found(cache, "ann", (*PERSONA, 50, 51)) == [*PERSONA, 50]
    assert found(cache, "", PERSONA) == list(PERSONA[:9])


def test_another_conversation_finds_the_shared_prefix_alone() -> None:
    cache = kept("ann", 50, 51, 52)
    assert found(cache, "bob", (*PERSONA, 50, 51, 52)) == list(PERSONA)
    assert found(cache, "", (*PERSONA, 50, 51, 52)) == list(PERSONA)


def test_a_prompt_takes_from_others_only_its_own_shared_part() -> None:
    cache = kept("ann", 50)
    assert found(cache, "bob", (*PERSONA, 50, 51), shared=4) == list(PERSONA[:4])
    assert found(cache, "bob", (*PERSONA, 50, 51), shared=0) == []


def test_what_has_no_key_is_not_kept() -> None:
    cache = kept("", 50, 51)
    assert cache.size_bytes == 10 * TOKEN_BYTES
    assert found(cache, "", (*PERSONA, 50, 51, 52)) == list(PERSONA)


def test_a_conversation_takes_memory_only_for_what_is_its_own() -> None:
    assert kept("ann", 50, 51, 52).size_bytes == 13 * TOKEN_BYTES
    cache = PrefixCache(10_000)
    cache.keep("ann", (*PERSONA, 50), 10, kv((*PERSONA, 50)))
    assert cache.size_bytes == 11 * TOKEN_BYTES
    assert found(cache, "ann", (*PERSONA, 50, 51)) == [*PERSONA, 50]


def test_a_new_prompt_replaces_what_was_kept_of_the_conversation() -> None:
    cache = kept("ann", 50, 51, 52)
    cache.keep("ann", (*PERSONA, 60), 10, kv((*PERSONA, 60)))
    assert cache.size_bytes == 11 * TOKEN_BYTES
    assert found(cache, "ann", (*PERSONA, 50, 51)) == list(PERSONA)


def test_the_conversation_used_least_recently_goes_first_and_shared_prefixes_last() -> None:
    cache = kept("ann", 50, 51, limit=15 * TOKEN_BYTES)
    cache.keep("bob", (*PERSONA, 60, 61), 10, kv((*PERSONA, 60, 61)))
    found(cache, "ann", (*PERSONA, 50, 51, 52))
    cache.keep("eve", (*PERSONA, 70, 71), 10, kv((*PERSONA, 70, 71)))
    assert found(cache, "bob", (*PERSONA, 60, 61, 62)) == list(PERSONA)
    assert found(cache, "ann", (*PERSONA, 50, 51, 52)) == [*PERSONA, 50, 51]
    assert found(cache, "eve", (*PERSONA, 70, 71, 72)) == [*PERSONA, 70, 71]
    assert cache.size_bytes <= 15 * TOKEN_BYTES
    cache.keep("eve", (*PERSONA, *range(70, 90)), 10, kv((*PERSONA, *range(70, 90))))
    assert cache.size_bytes == 10 * TOKEN_BYTES
    assert cache.knows(PERSONA)


def test_what_does_not_fit_at_all_is_not_kept() -> None:
    cache = PrefixCache(5 * TOKEN_BYTES)
    cache.learn(PERSONA, kv(PERSONA))
    assert cache.size_bytes == 0
    assert not cache.knows(PERSONA)


def test_forgetting_drops_one_conversation_and_no_other() -> None:
    cache = kept("ann", 50, 51)
    cache.keep("bob", (*PERSONA, 60, 61), 10, kv((*PERSONA, 60, 61)))
    cache.forget("ann")
    cache.forget("nobody")
    assert found(cache, "ann", (*PERSONA, 50, 51)) == list(PERSONA)
    assert found(cache, "bob", (*PERSONA, 60, 61, 62)) == [*PERSONA, 60, 61]


def test_what_is_kept_keeps_nothing_larger_alive() -> None:
    cache = PrefixCache(10_000)
    large = kv(range(1000))
    cache.learn(PERSONA, large.part(0, 10))
    cache.keep("ann", tuple(range(20)), 10, large.part(0, 20))
    held = cache.find("ann", tuple(range(30)), 10)
    assert [t.untyped_storage().nbytes() for part in held for t in part.layers[0]] == [160] * 4


def test_a_shared_prefix_that_begins_alike_is_used_as_far_as_it_goes() -> None:
    cache = PrefixCache(10_000)
    cache.learn(PERSONA, kv(PERSONA))
    other = (*PERSONA[:6], 90, 91, 92)
    assert found(cache, "", (*other, 93), shared=9) == list(PERSONA[:6])
