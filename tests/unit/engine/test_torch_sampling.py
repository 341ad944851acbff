"""A token is drawn as the parameters say, the same for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from engine.base import SamplingParams
from engine.huggingface.sampling import Sampler

CPU = torch.device("cpu")
LOGITS = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()


def drawn(params: SamplingParams, logits: torch.Tensor = LOGITS, count: int = 400) -> Counter[int]:
    sampler = Sampler(params, CPU)
    return Counter(sampler.draw(logits) for _ in range(count))


def test_temperature_zero_takes_the_likeliest() -> None:
    assert drawn(SamplingParams(temperature=0.0)) == {0: 400}


def test_a_seed_gives_the_same_tokens_and_another_seed_others() -> None:
    def tokens(seed: int | None) -> list[int]:
        sampler = Sampler(SamplingParams(temperature=1.0, top_p=1.0, seed=seed), CPU)
        return [sampler.draw(LOGITS) for _ in range(50)]

    assert tokens(3) == tokens(3)
    assert tokens(3) != tokens(4)
    assert tokens(None) != tokens(None)


def test_frequencies_follow_the_probabilities() -> None:
    found = drawn(SamplingParams(temperature=1.0, top_p=1.0, seed=1), count=4000)
    assert [found[n] / 4000 for n in range(4)] == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


@pytest.mark.parametrize(
    ("top_p", "expected"), [(0.4, {0}), (0.6, {0, 1}), (0.9, {0, 1, 2}), (0.0, {0})]
)
def test_top_p_keeps_the_fewest_tokens_that_reach_it(top_p: float, expected: set[int]) -> None:
    params = SamplingParams(temperature=1.0, top_p=top_p, seed=1)
    assert set(drawn(params)) == expected


def test_temperature_comes_before_top_p() -> None:
    cold = SamplingParams(temperature=0.2, top_p=0.9, seed=1)
    assert set(drawn(cold)) == {0}


def test_a_flat_distribution_is_cut_where_it_should_be_though_its_head_is_small() -> None:
    flat = torch.zeros(2000)
    flat[::2] -= 1e-3
    found = drawn(SamplingParams(temperature=1.0, top_p=0.5, seed=1), flat, 1500)
    assert all(token % 2 for token in found)
    assert len(found) > 500


def test_without_a_seed_the_global_generator_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    drawn(SamplingParams(temperature=1.0))
    assert torch.equal(torch.random.get_rng_state(), before)
