"""The reference and GPU engine: any causal chat model in this process, by torch and transformers.

Knows: how a prompt becomes tokens, and the questions that the model's thread is asked. Leaves
loading to `engine.huggingface.model`, the thread to `engine.huggingface.worker`. Nothing heavy is
imported before `HuggingFace.open`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.base import EngineFailed, ModelUnusable, Prompt, PromptTooLong, SamplingParams
from engine.scoring import clash, normalise
from engine.tokenized import Tokenized

if TYPE_CHECKING:
    from engine.huggingface.model import Loaded
    from engine.huggingface.worker import Worker

T = TypeVar("T")


class HuggingFace:
    """`engine.base.Engine` on torch and transformers. Open it with `HuggingFace.open`."""

    def __init__(
        self, name: str, context: int, loaded: Loaded, worker: Worker, executor: ThreadPoolExecutor
    ) -> None:
        self.model = name
        self.context_length = min(context, loaded.context)
        self._text = loaded.text
        self._device = loaded.network.device
        self._worker = worker
        self._executor = executor
        self._texts = Tokenized(self._tokenize)

    @classmethod
    async def open(
        cls,
        source: str | Path,
        *,
        name: str,
        device: str = "auto",
        dtype: str = "auto",
        slots: int = 8,
        context: int = 3072,
        cache_mib: int = 512,
    ) -> HuggingFace:
        """Load a model by hub name, local folder or GGUF file. Takes seconds, off the event loop.

        At most `slots` replies are written at once; `cache_mib` bounds what is kept of prompts
        that were read. `device` and `dtype`: see `engine.huggingface.model.load`.

        Raises:
            EngineError: it cannot be loaded; one sentence says what to do.
        """
        executor = ThreadPoolExecutor(1, thread_name_prefix="torch-text")
        loop = asyncio.get_running_loop()
        try:
            loaded = await loop.run_in_executor(executor, _load, source, device, dtype)
            worker = _worker(loaded, slots, cache_mib)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return cls(name, context, loaded, worker, executor)

    @property
    def wide(self) -> bool:
        """See `engine.base.Engine.wide`: one reading tells every first token."""
        return True

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text takes as message content."""
        self._worker.check_open()
        return [len(await self._texts.of(text)) for text in texts]

    async def score(self, prompt: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
        """See `engine.base.Engine.score`."""
        from engine.huggingface.jobs import Score

        tokens, shared = await self._encode(prompt)
        sequences = await self._texts.labels(labels)
        if not all(sequences.values()):
            raise ValueError("a label has no tokens")
        overlap = clash(sequences)
        if overlap:
            raise ValueError(f"the label {overlap[0]!r} begins the label {overlap[1]!r}")
        self._check_room(len(tokens) + max(map(len, sequences.values())))
        job = Score(
            tokens=tokens, shared=shared, conversation=prompt.conversation, labels=sequences
        )
        self._worker.submit(job)
        try:
            return normalise(await job.answers.get())
        finally:
            job.stopped = True

    async def stream(self, prompt: Prompt, params: SamplingParams) -> AsyncGenerator[str, None]:
        """See `engine.base.Engine.stream`."""
        from engine.huggingface.jobs import Reply
        from engine.huggingface.sampling import Sampler
        from engine.huggingface.writing import Writing

        tokens, shared = await self._encode(prompt)
        self._check_room(len(tokens) + 1)
        room = min(params.max_tokens, self.context_length - len(tokens))
        if room < 1:
            return
        job = Reply(
            tokens=tokens,
            shared=shared,
            conversation=prompt.conversation,
            room=room,
            sampler=Sampler(params, self._device),
            writing=Writing(self._text.decode, params.stop),
        )
        self._worker.submit(job)
        try:
            while (text := await job.answers.get()) is not None:
                yield text
        finally:
            job.stopped = True

    async def warm_up(self, prompts: Sequence[Prompt]) -> None:
        """See `engine.base.Engine.warm_up`. What is held already is not read again."""
        from engine.huggingface.jobs import Learn

        for prompt in prompts:
            tokens, shared = await self._encode(prompt)
            if shared:
                job = Learn(tokens=tokens[:shared], shared=shared)
                self._worker.submit(job)
                await job.answers.get()

    async def forget(self, conversation: str) -> None:
        """See `engine.base.Engine.forget`. A running turn leaves nothing behind either."""
        from engine.huggingface.jobs import Forget

        self._texts.forget()
        order = Forget(conversation)
        self._worker.submit(order)
        await order.answers.get()

    async def close(self) -> None:
        """Stop, free the model and its threads. Closing twice is harmless."""
        await asyncio.get_running_loop().run_in_executor(None, self._worker.close)
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._texts.forget()

    async def _encode(self, prompt: Prompt) -> tuple[tuple[int, ...], int]:
        """The prompt's tokens, and how many of them belong to its shared messages."""
        self._worker.check_open()
        pieces = self._text.template.pieces(prompt.messages)
        tokens, shared = await self._texts.prompt(pieces, prompt.shared)
        return tuple(tokens), shared

    async def _tokenize(self, text: str, *, control: bool) -> Sequence[int]:
        return await self._run(partial(self._text.encode, text, control=control))

    async def _run(self, call: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._executor, call)
        except RuntimeError as error:  # perhaps because the executor has been shut down
            self._worker.check_open()
            raise EngineFailed("the tokenizer failed") from error

    def _check_room(self, tokens: int) -> None:
        if tokens > self.context_length:
            raise PromptTooLong(tokens, self.context_length)


def _load(source: str | Path, device: str, dtype: str) -> Loaded:
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise ModelUnusable(
            "this engine needs torch and transformers: pip install 'warmline[torch]'"
        ) from error
    from engine.huggingface.model import load

    return load(source, device, dtype)


def _worker(loaded: Loaded, slots: int, cache_mib: int) -> Worker:
    from engine.huggingface.steps import Steps
    from engine.huggingface.worker import Worker

    cache_bytes = cache_mib * 2**20
    return Worker(Steps(loaded.network, loaded.text.ends, slots=slots, cache_bytes=cache_bytes))
