"""One server as a model: it scores labels, streams replies and counts tokens in its own way.

Knows: which parts a server's abilities call for. Does not know: other servers, retries, what a
conversation is beyond its key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from engine.base import EngineError, Prompt, SamplingParams
from engine.remote.abilities import Abilities, Labels, Opening
from engine.remote.errors import Unanswered
from engine.remote.llama import LlamaSlots
from engine.remote.probe import Probe
from engine.remote.replies import Replies
from engine.remote.scoring import Scoring
from engine.remote.server import Server
from engine.remote.stream import stream_text
from engine.remote.tokens import PromptTokens, Tokens, estimate


@dataclass(frozen=True, slots=True)
class _Parts:
    """What serves one server, once its abilities are known."""

    abilities: Abilities
    tokens: Tokens | None
    llama: LlamaSlots | None
    scoring: Scoring
    replies: Replies


class Replica:
    """A server that has been probed, or will be before its first request."""

    def __init__(self, server: Server, model: str, *, context: int, default_context: int) -> None:
        """`context` is the owner's limit in tokens, 0 for none; `default_context` counts where
        the server does not tell its own either."""
        self.server = server
        self._model = model
        self._limit = context
        self._default = default_context
        self._probing = asyncio.Lock()
        self._parts: _Parts | None = None

    @property
    def url(self) -> str:
        """The server's address, without credentials."""
        return self.server.url

    @property
    def abilities(self) -> Abilities | None:
        """What the server can do; None before it was reached."""
        return self._parts.abilities if self._parts else None

    @property
    def context_length(self) -> int:
        """Tokens that a prompt and its reply may take together."""
        told = self._parts.abilities.context if self._parts else 0
        return min([size for size in (told, self._limit) if size] or [self._default])

    async def ready(self) -> None:
        """Probe the server, once.

        Raises:
            EngineError: see `Probe.run`.
        """
        async with self._probing:
            if self._parts is None:
                abilities = await Probe(self.server, self._model).run()
                self._parts = _parts(self.server, self._model, abilities)

    async def score(self, prompt: Prompt, labels: Sequence[str]) -> dict[str, float]:
        """Log-probability of each label, up to one common constant."""
        parts = await self._usable()
        return await parts.scoring.of(prompt, labels, context=self.context_length)

    async def stream(self, prompt: Prompt, params: SamplingParams) -> AsyncGenerator[str, None]:
        """The reply's text. Closing the iterator closes the request."""
        parts = await self._usable()
        request = await parts.replies.reply(prompt, params, self.context_length)
        llama = parts.llama
        texts = stream_text(
            self.server,
            request.path,
            request.body,
            native=request.native,
            returned=request.returned,
            watch=(lambda event: llama.learn(event, prompt.conversation)) if llama else None,
        )
        async with aclosing(texts):
            async for text in texts:
                yield text

    async def count(self, text: str) -> int:
        """How many tokens a text takes; an over-estimate where no tokenizer can be asked."""
        tokens = (await self._usable()).tokens
        return estimate(text) if tokens is None else len(await tokens.of(text))

    async def warm_up(self, prompt: Prompt) -> None:
        """Let the server read the prompt's shared part once."""
        request = await (await self._usable()).replies.read(prompt)
        await self.server.ask(request.path, request.body, native=request.native)

    async def forget(self, conversation: str) -> None:
        """Forget all texts here, and on the server what it lets us erase."""
        if self._parts is not None and self._parts.tokens is not None:
            self._parts.tokens.texts.forget()
        if self._parts is not None and self._parts.llama is not None and conversation:
            await self._parts.llama.erase(conversation)

    async def close(self) -> None:
        """Close all connections. Closing twice is harmless."""
        await self.server.close()

    def describe(self) -> str:
        """One line for the owner: what the server is, and how it is asked."""
        found = self.abilities
        if found is None:
            return f"{self.url}: has not answered yet"
        return (
            f"{self.url}: {found.kind}; labels {'exactly' if found.exact else 'roughly'}, "
            f"{found.labels.value}; the opening {found.opening.value}; "
            f"context {self.context_length} tokens"
        )

    async def _usable(self) -> _Parts:
        """A server that came late may turn out not to be usable: others may still be."""
        if self._parts is None:
            try:
                await self.ready()
            except Unanswered:
                raise
            except EngineError as error:
                raise Unanswered(str(error), again=False) from error
        assert self._parts is not None  # noqa: S101 - `ready` made it or raised
        return self._parts


def _parts(server: Server, model: str, abilities: Abilities) -> _Parts:
    tokens = Tokens(server, model, abilities.tokenizer) if abilities.tokenizer else None
    prompts = None
    if tokens is not None and abilities.opening is Opening.TOKENS:
        prompts = PromptTokens(tokens, abilities)
    llama = LlamaSlots(server, model) if abilities.labels is Labels.LLAMA else None
    return _Parts(
        abilities,
        tokens,
        llama,
        Scoring(server, model, abilities, tokens, prompts, llama),
        Replies(model, abilities, prompts, llama),
    )
