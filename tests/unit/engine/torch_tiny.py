"""A tiny model with random weights and a real tokenizer, and what tests ask of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from engine.base import Message, Prompt, SamplingParams
from engine.huggingface.engine import HuggingFace
from engine.huggingface.kv import Kv
from engine.huggingface.network import Network
from engine.huggingface.sampling import Sampler
from engine.huggingface.steps import Steps

CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = """\
{%- if tools %}{{ '<tool_call>' }}{%- endif %}
{%- for message in messages %}
{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""
WORDS = (
    "Before you reply, write in brackets how the person feels.",
    "I lost my keys again and the bus was late. Positive Neutral Negative",
    "That is wonderful! Oh no, that is annoying. one two three four five six seven",
    "正面 负面 平静 今天的比赛谁赢了 我不知道",
)
LABELS = ("Positive", "Neutral", "Negative")
PATIENCE_SECONDS = 60
LONG = SamplingParams(max_tokens=400, temperature=0.0)
SHARED = (
    Message("system", "Write how the person feels."),
    Message("user", "I got the job!!"),
    Message("assistant", " That is wonderful!", ("[", "Positive", "]")),
)


def tokenizer(template: str | None = TEMPLATE) -> PreTrainedTokenizerFast:
    """Byte-level pairs, as Qwen has them, with ChatML's control tokens."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(CONTROL),
    )
    backend.train_from_iterator(WORDS, trainer)
    backend.add_tokens([AddedToken("<tool_call>", special=False, normalized=False)])
    made = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|im_end|>")
    if template:
        made.chat_template = template
    return made


def network(words: int = 512, **changes: Any) -> Qwen2ForCausalLM:
    """Two layers with weights large enough that every token matters."""
    torch.manual_seed(5)
    torch.set_num_threads(1)  # more only wait for each other on a model of this size
    config = Qwen2Config(
        vocab_size=words,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        initializer_range=0.2,
        tie_word_embeddings=False,
        eos_token_id=None,
        **changes,
    )
    return Qwen2ForCausalLM(config).eval()


def save(folder: Path, template: str | None = TEMPLATE, **changes: Any) -> Path:
    """A folder as the hub has them."""
    made = tokenizer(template)
    network(len(made), **changes).save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's folder; not to be changed."""
    return save(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def plain() -> Qwen2ForCausalLM:
    """The same weights without anything of ours around them."""
    return network(len(tokenizer()))


@pytest.fixture(scope="session")
def net(plain: Qwen2ForCausalLM) -> Network:
    return Network(plain, "tiny")


@pytest_asyncio.fixture
async def engine(folder: Path) -> AsyncIterator[HuggingFace]:
    async with opened(folder) as engine:
        yield engine


class opened:  # noqa: N801 - reads as the verb it stands for
    """An engine that is closed again."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self._folder = folder
        self._options = {"device": "cpu", "slots": 3, "context": 512, "cache_mib": 8, **options}

    async def __aenter__(self) -> HuggingFace:
        self._engine = await HuggingFace.open(self._folder, name="tiny", **self._options)
        return self._engine

    async def __aexit__(self, *_: object) -> None:
        await self._engine.close()


def said(
    text: str,
    opening: tuple[str, ...] = ("[",),
    *,
    conversation: str = "",
    shared: tuple[Message, ...] = SHARED,
) -> Prompt:
    """A prompt that ends where the label comes next, or after it."""
    last = Message("assistant", "", opening)
    return Prompt((*shared, Message("user", text), last), len(shared), conversation)


async def reply(engine: HuggingFace, prompt: Prompt, params: SamplingParams = LONG) -> list[str]:
    """The pieces of a whole reply."""
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(engine.stream(prompt, params)) as pieces:
        return [piece async for piece in pieces]


def steps(engine: HuggingFace) -> Steps:
    """The inside of an open engine."""
    found = engine._worker.steps
    assert found
    return found


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a state of the engine's inside."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


def logits(plain: Qwen2ForCausalLM, tokens: Sequence[int]) -> torch.Tensor:
    """What a plain forward pass without any cache says after each token."""
    with torch.inference_mode():
        found: torch.Tensor = plain(input_ids=torch.tensor([list(tokens)]), use_cache=False).logits
    return found[0]


def kept(plain: Network, tokens: Sequence[int]) -> tuple[Kv, ...]:
    """What is held of tokens that were read in one go."""
    from engine.huggingface.batch import read

    with torch.inference_mode():
        _, (kv,) = read(plain, [()], [tokens])
    return (kv,)


class Scripted:
    """Samplers that draw given tokens instead, by seed, and then the end."""

    def __init__(self, engine: HuggingFace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: dict[int | None, list[int]] = {}
        self.drawn = 0
        self._engine = engine
        scripted = self

        def draw(sampler: Sampler, logits: torch.Tensor) -> int:
            scripted.drawn += 1
            left = scripted.texts[sampler._params.seed]
            return left.pop(0) if left else min(engine._text.ends)

        monkeypatch.setattr(Sampler, "draw", draw)

    def say(self, text: str | Sequence[int], seed: int | None = None) -> None:
        """The next reply with this seed is that text, or those tokens."""
        tokens = self._engine._text.encode(text, control=False) if isinstance(text, str) else text
        self.texts[seed] = list(tokens)


@pytest.fixture
def script(engine: HuggingFace, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    return Scripted(engine, monkeypatch)


class Reads:
    """Every forward pass that read prompts: how much of each was held, how much was new.

    While `go` is cleared a pass waits, and with it the model's thread.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from engine.huggingface import batch, steps

        self.passes: list[list[tuple[int, int]]] = []
        self.go = threading.Event()
        self.go.set()
        real = batch.read

        def read(
            network: Network, held: Sequence[Sequence[Kv]], new: Sequence[Sequence[int]]
        ) -> Any:
            before = [sum(part.length for part in row) for row in held]
            self.passes.append(list(zip(before, map(len, new), strict=True)))
            self.go.wait(PATIENCE_SECONDS)
            return real(network, held, new)

        monkeypatch.setattr(steps, "read", read)

    @property
    def new(self) -> int:
        """Tokens that were read in all."""
        return sum(count for rows in self.passes for _, count in rows)

    def clear(self) -> None:
        self.passes.clear()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)
