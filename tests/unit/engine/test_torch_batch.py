"""Cached, padded and batched equals one plain forward pass without any cache."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest
import torch
from transformers import Qwen2ForCausalLM

from engine.huggingface.batch import Batch, read, score
from engine.huggingface.kv import Kv
from engine.huggingface.network import Network, is_out_of_memory
from tests.unit.engine.torch_tiny import kept, logits, net, network, plain, tokenizer

__all__ = ["net", "plain"]

CLOSE = 1e-4
LENGTHS = (50, 7, 120, 33)


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    with torch.inference_mode():
        yield


def some(count: int, seed: int = 0) -> list[int]:
    drawn = random.Random(seed)
    return [drawn.randrange(300) for _ in range(count)]


def rows(lengths: Sequence[int] = LENGTHS) -> list[list[int]]:
    return [some(length, seed) for seed, length in enumerate(lengths)]


def assert_last(plain: Qwen2ForCausalLM, row: Sequence[int], found: torch.Tensor) -> None:
    torch.testing.assert_close(found, logits(plain, row)[-1], atol=CLOSE, rtol=0)


def test_prompts_of_different_lengths_are_read_in_one_pass(net: Network, plain) -> None:
    found, held = read(net, [()] * 4, rows())
    for row, last, kv in zip(rows(), found, held, strict=True):
        assert_last(plain, row, last)
        assert kv.length == len(row)


@pytest.mark.parametrize("heads", [(40, 3, 100, 32), (49, 6, 119, 32), (0, 0, 100, 1)])
def test_what_is_held_of_a_prompt_need_not_be_read_again(net, plain, heads) -> None:
    held = [kept(net, row[:head]) if head else () for row, head in zip(rows(), heads, strict=True)]
    new = [row[head:] for row, head in zip(rows(), heads, strict=True)]
    found, now = read(net, held, new)
    for row, last, kv in zip(rows(), found, now, strict=True):
        assert_last(plain, row, last)
        assert_last(plain, [*row, 9], read(net, [[kv]], [[9]])[0][0])


def test_what_is_held_may_come_in_parts(net, plain) -> None:
    (whole,) = kept(net, some(60))
    parts = (whole.part(0, 25), whole.part(25, 59).copied())
    found, _ = read(net, [parts], [some(60)[59:]])
    assert_last(plain, some(60), found[0])


def test_a_prompt_read_piece_by_piece_ends_the_same(net, plain) -> None:
    row = some(90)
    held: tuple[Kv, ...] = ()
    for start in range(0, 90, 32):
        found, (kv,) = read(net, [held], [row[start : start + 32]])
        held = (kv,)
    assert_last(plain, row, found[0])


def test_a_label_of_several_tokens_is_weighed_as_the_plain_model_does(net, plain) -> None:
    prompt = some(40)
    labels = [[1, 2], [3, 4, 5], [9, 8, 7, 6, 5]]
    found = score(net, kept(net, prompt), labels)
    for value, label in zip(found, labels, strict=True):
        logs = torch.log_softmax(logits(plain, [*prompt, *label]), dim=-1)
        expected = sum(logs[len(prompt) + n - 1][label[n]] for n in range(1, len(label)))
        assert value.item() == pytest.approx(float(expected), abs=CLOSE)


class Decoded:
    """A batch, and the rows that it ought to hold."""

    def __init__(self, net: Network, plain: Qwen2ForCausalLM) -> None:
        self.net, self.plain = net, plain
        self.batch = Batch(net)
        self.rows: list[list[int]] = []
        self.drawn = random.Random(7)

    def join(self, *rows: list[int]) -> None:
        self.batch.join([kept(self.net, row) for row in rows])
        self.rows.extend([*row] for row in rows)

    def leave(self, *gone: int) -> None:
        self.batch.leave(gone)
        self.rows = [row for n, row in enumerate(self.rows) if n not in gone]

    def step(self, *, look: bool = True) -> None:
        for row in self.rows:
            row.append(self.drawn.randrange(300))
        found = self.batch.step([row[-1] for row in self.rows])
        assert len(self.batch) == len(self.rows)
        if not look:
            return
        for row, last in zip(self.rows, found, strict=True):
            assert_last(self.plain, row, last)


@pytest.fixture
def decoded(net: Network, plain: Qwen2ForCausalLM) -> Decoded:
    return Decoded(net, plain)


def test_rows_join_and_leave_between_two_steps(decoded: Decoded) -> None:
    decoded.join(some(20))
    decoded.step()
    decoded.join(some(60, 1), some(3, 2))
    decoded.step()
    decoded.leave(1)
    decoded.step()
    decoded.join(some(10, 3))
    decoded.step()
    decoded.leave(0, 2)
    decoded.step()
    decoded.leave(0)
    assert len(decoded.batch) == 0
    decoded.join(some(5, 4))
    decoded.step()


def test_a_row_grows_for_as_long_as_it_likes(decoded: Decoded) -> None:
    decoded.join(some(20), some(9, 1))
    for n in range(150):
        decoded.step(look=n % 16 == 0 or n == 149)


def test_a_row_is_taken_out_for_later_without_what_stood_before_it(net, plain, decoded) -> None:
    decoded.join(some(50), some(8, 1))
    decoded.step()
    for n, row in enumerate(decoded.rows):
        kv = decoded.batch.row(n)
        assert kv.length == len(row)
        assert_last(plain, [*row, 4], read(net, [[kv]], [[4]])[0][0])


def test_leaving_gives_the_memory_back(decoded: Decoded) -> None:
    decoded.join(some(200), some(8, 1))
    assert decoded.batch._rows.width == 200
    decoded.leave(0)
    assert decoded.batch._rows.width == 8


def test_a_step_that_fails_in_the_middle_leaves_no_trace(decoded, monkeypatch) -> None:
    decoded.join(some(20), some(11, 1))
    last = decoded.plain.model.layers[-1]

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(last, "forward", fails)
        with pytest.raises(RuntimeError) as failure:
            decoded.batch.step([1, 2])
    assert is_out_of_memory(failure.value)
    decoded.step()


def test_a_copy_keeps_nothing_larger_alive(net: Network) -> None:
    (whole,) = kept(net, some(100))
    part = whole.part(10, 20)
    assert part.size_bytes * 10 == whole.size_bytes
    copy = part.copied()
    assert isinstance(copy, Kv)
    assert copy.layers[0][0].untyped_storage().nbytes() * len(copy.layers) * 2 == part.size_bytes


def test_a_window_of_attention_is_kept_to() -> None:
    windowed = network(
        len(tokenizer()), use_sliding_window=True, sliding_window=8, max_window_layers=0
    )
    net = Network(windowed, "windowed")
    assert "sliding_attention" in windowed.config.layer_types
    found, held = read(net, [kept(net, some(30)[:20]), ()], [some(30)[20:], some(12, 1)])
    assert_last(windowed, some(30), found[0])
    batch = Batch(net)
    batch.join([[kv] for kv in held])
    found = batch.step([5, 6])
    assert_last(windowed, [*some(30), 5], found[0])
    assert_last(windowed, [*some(12, 1), 6], found[1])
