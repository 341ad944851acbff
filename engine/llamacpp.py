"""The CPU engine: a quantised GGUF model in this process, by llama.cpp.

Knows: how a prompt becomes tokens, how labels are scored, how a reply streams and stops. Leaves the
library itself to `engine.llama_server`, cached prefixes to `engine.prefix_cache`.

A label costs one forward pass over the prompt's new tokens. The first tokens of all labels get one
equal, large bias, so that sampling keeps them alone; their ratios are untouched by it, and are the
exact ratios of their probabilities. A label of several tokens is multiplied on, token by token.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from engine import llama_requests as requests
from engine.base import (
    EngineError,
    EngineFailed,
    EngineNotReady,
    Prompt,
    PromptTooLong,
    SamplingParams,
)
from engine.chat_template import ChatTemplate
from engine.llama_server import LlamaOptions, LlamaServer, library_version, reclaim_signals
from engine.prefix_cache import PrefixCache
from engine.scoring import clash, first_tokens, normalise
from engine.slots import Slot, Slots
from engine.tokenized import Tokenized
from engine.worker import Worker

P = ParamSpec("P")
T = TypeVar("T")

_NEVER = -200.0
"""Log of a probability that float32 gave as zero."""


class LlamaCpp:
    """`engine.base.Engine` on llama.cpp. Open it with `LlamaCpp.open`."""

    def __init__(
        self,
        name: str,
        server: LlamaServer,
        worker: Worker,
        options: LlamaOptions,
        cache: PrefixCache,
    ) -> None:
        self.model = name
        self._server = server
        self._worker = worker
        self._closing = threading.Event()
        self._cache = cache
        self._slots = Slots(options.slots)
        self._texts = Tokenized(self._tokenize)
        self._template = ChatTemplate(
            str(server.properties.get("chat_template", "")),
            bos_token=str(server.properties.get("bos_token", "")),
            eos_token=str(server.properties.get("eos_token", "")),
        )

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        name: str,
        options: LlamaOptions,
        prefix_folder: Path | None = None,
        parked_mib: int = 0,
    ) -> LlamaCpp:
        """Load a model file. Takes seconds, off the event loop.

        Raises:
            ModelUnusable: the file is missing, cut short, or no chat model.
        """
        worker = Worker(options.slots + 2, "llama")
        try:
            server = await worker.run(LlamaServer, path, options)
        except BaseException:
            worker.close()
            raise
        finally:
            if threading.current_thread() is threading.main_thread():
                reclaim_signals()
        try:
            size = await worker.run(lambda: path.stat().st_size)
            cache = PrefixCache(
                server,
                worker,
                fingerprint=f"{library_version()}:{name}:{size}:{options.slots}x{options.context}",
                folder=prefix_folder,
                parked_bytes=parked_mib * 2**20 if server.in_memory else 0,
            )
            return cls(name, server, worker, options, cache)
        except BaseException:
            await worker.run(server.close)
            worker.close()
            raise

    @property
    def context_length(self) -> int:
        """Tokens that a prompt and its reply may take together."""
        return self._server.context_length

    @property
    def wide(self) -> bool:
        """See `engine.base.Engine.wide`: all first tokens are told by one reading."""
        return True

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text takes as message content."""
        return [len(await self._texts.of(text)) for text in texts]

    async def score(self, prompt: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
        """See `engine.base.Engine.score`."""
        tokens, shared = await self._encode(prompt)
        sequences = await self._texts.labels(labels)
        overlap = clash(sequences)
        if overlap:
            raise ValueError(f"the label {overlap[0]!r} begins the label {overlap[1]!r}")
        longest = max(len(s) for s in sequences.values())
        self._check_room(len(tokens) + longest)
        slot = await self._prepared(prompt, tokens, shared)
        scores = self._hold(slot, self._score, slot, tokens, sequences)
        return normalise(await asyncio.wrap_future(scores))

    async def stream(self, prompt: Prompt, params: SamplingParams) -> AsyncGenerator[str, None]:
        """See `engine.base.Engine.stream`."""
        tokens, shared = await self._encode(prompt)
        self._check_room(len(tokens) + 1)
        room = self.context_length - len(tokens)
        slot = await self._prepared(prompt, tokens, shared)
        events: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        stopped = threading.Event()
        request = requests.reply(slot.number, tokens, params, room)
        self._start(request, events, stopped, slot)
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            stopped.set()

    async def warm_up(self, prompts: Sequence[Prompt]) -> None:
        """See `engine.base.Engine.warm_up`. A prefix known from an earlier run is not read."""
        for prompt in prompts:
            tokens, shared = await self._encode(prompt)
            prefix = tokens[:shared]
            if not prefix or await self._cache.knows(prefix):
                continue
            slot = await self._slots.acquire("")
            try:
                await self._cache.prepare(slot, "", prefix, shared)
                await self._worker.run(self._server.complete, requests.read(slot.number, prefix))
                await self._cache.learn(slot, prefix)
            finally:
                self._slots.release(slot)

    async def forget(self, conversation: str) -> None:
        """See `engine.base.Engine.forget`. Waits until a running turn of it has ended."""
        await self._cache.forget(conversation)
        self._texts.forget()
        for slot in self._slots.of(conversation):
            slot.conversation, slot.tokens, slot.shared = "", (), 0
            await self._worker.run(self._server.erase, slot.number)

    async def close(self) -> None:
        """Stop, free the model and its threads. Closing twice is harmless."""
        self._closing.set()
        await asyncio.to_thread(self._server.close)
        self._worker.close()

    async def _prepared(self, prompt: Prompt, tokens: Sequence[int], shared: int) -> Slot:
        """A slot for the prompt, holding as much of it as is known."""
        slot = await self._slots.acquire(prompt.conversation)
        try:
            await self._cache.prepare(slot, prompt.conversation, tokens, shared)
        except BaseException:
            self._slots.release(slot)
            raise
        return slot

    def _hold(
        self, slot: Slot, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Call it on a thread; the slot is given back when the thread is done with it.

        That is so also when nobody waits for it any more, and before anybody hears the result: the
        next request of the conversation finds its slot free.
        """
        loop = asyncio.get_running_loop()

        def release(_: Future[Any]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._slots.release, slot)

        try:
            work = self._worker.start(call, *args, **kwargs)
        except EngineNotReady:
            self._slots.release(slot)
            raise
        work.add_done_callback(release)
        return work

    async def _encode(self, prompt: Prompt) -> tuple[list[int], int]:
        """The prompt's tokens, and how many of them belong to its shared messages."""
        return await self._texts.prompt(self._template.pieces(prompt.messages), prompt.shared)

    async def _tokenize(self, text: str, *, control: bool) -> list[int]:
        return await self._worker.run(self._server.tokenize, text, control=control)

    def _score(
        self, slot: Slot, tokens: Sequence[int], sequences: Mapping[str, Sequence[int]]
    ) -> Mapping[str, float]:
        branches = first_tokens(sequences)
        answer = self._server.complete(requests.branch(slot.number, tokens, list(branches)))
        found = {p["id"]: p["prob"] for p in requests.first_token(answer)["top_probs"]}
        scores = {}
        for token, labels in branches.items():
            first = math.log(found[token]) if found.get(token, 0.0) > 0.0 else _NEVER
            for label in labels:
                scores[label] = first + self._rest(slot, tokens, sequences[label])
        return scores

    def _rest(self, slot: Slot, tokens: Sequence[int], label: Sequence[int]) -> float:
        """Log-probability of a label's later tokens, each given the ones before it."""
        total = 0.0
        for position in range(1, len(label)):
            prompt = [*tokens, *label[:position]]
            answer = self._server.complete(requests.forced(slot.number, prompt, label[position]))
            total += float(requests.first_token(answer)["logprob"])
        return total

    def _start(
        self,
        request: dict[str, Any],
        events: asyncio.Queue[str | BaseException | None],
        stopped: threading.Event,
        slot: Slot,
    ) -> None:
        """Write a reply on a thread; its pieces and then its end, or an error, go to `events`."""
        loop = asyncio.get_running_loop()

        def put(event: str | BaseException | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(events.put_nowait, event)

        def on_event(event: dict[str, Any]) -> bool:
            text = event["choices"][0].get("text")
            if text and not stopped.is_set():
                put(text)
            return stopped.is_set() or self._closing.is_set()

        def write() -> None:
            if not stopped.is_set():
                self._server.stream(request, on_event)
            if self._closing.is_set():
                raise EngineNotReady("the model has been closed")

        def end(work: Future[None]) -> None:
            put(None if work.cancelled() else _told(work.exception()))

        self._hold(slot, write).add_done_callback(end)

    def _check_room(self, tokens: int) -> None:
        if tokens > self.context_length:
            raise PromptTooLong(tokens, self.context_length)


def _told(error: BaseException | None) -> BaseException | None:
    """An error as the waiter hears it: one of ours, whatever it was."""
    if error is None or isinstance(error, EngineError):
        return error
    return EngineFailed(f"llama.cpp failed: {type(error).__name__}")
