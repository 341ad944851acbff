"""The remote engine: one model on one or several OpenAI-compatible servers.

Knows: which server gets a request, and what happens when it fails. Leaves the wire to
`engine.remote.server`, what a server can do to `engine.remote.probe`, how it is asked for it to
`engine.remote.replica`, and the choice among servers to `engine.remote.pool`.

A request is tried again only while nothing of its answer has been passed on. A reply that breaks
off after its first word ends in EngineFailed: the turn then ends honestly with what was said.

What people write leaves this machine with this engine, and what the servers keep of it is theirs
to say: see `Remote.forget`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from engine.base import (
    EngineError,
    EngineFailed,
    EngineNotReady,
    ModelUnusable,
    Prompt,
    SamplingParams,
)
from engine.remote.abilities import Labels
from engine.remote.errors import TooSlow
from engine.remote.labels import together
from engine.remote.pool import Patience, Place, Pool
from engine.remote.replica import Replica
from engine.remote.server import Server, Timeouts
from engine.scoring import normalise

_DEFAULT_CONTEXT = 2048

log = logging.getLogger(__name__)


class Remote:
    """`engine.base.Engine` over HTTP. Open it with `Remote.open`."""

    def __init__(self, model: str, pool: Pool[Replica]) -> None:
        self.model = model
        self._pool = pool
        self._replicas = [place.member for place in pool.places]
        self._closed = False

    @classmethod
    async def open(
        cls,
        base_urls: Sequence[str],
        *,
        model: str,
        key: str | None = None,
        slots: int = 8,
        context: int = 0,
        timeouts: Timeouts | None = None,
        patience: Patience | None = None,
    ) -> Remote:
        """Ask every server what it can do. Takes seconds.

        `base_urls` mostly end in /v1. `key` goes to all of them. `slots` is how many requests a
        server gets at once. `context` is in tokens; 0 takes what the servers tell, or 2048 where
        they do not. A server that cannot be reached now is asked again later, if another one can.

        Raises:
            ModelUnusable: one sentence: no server answers, one refuses the key, has no such model,
                is none, or cannot score labels.
        """
        if not base_urls:
            raise ModelUnusable("no server is named: set base_url, as in http://127.0.0.1:8000/v1")
        servers: list[Server] = []
        try:
            for url in dict.fromkeys(base_urls):
                servers.append(Server(url, key=key, slots=slots, timeouts=timeouts or Timeouts()))
            replicas = [
                Replica(server, model, context=context, default_context=_DEFAULT_CONTEXT)
                for server in servers
            ]
            pool = Pool(replicas, patience)
            await _probe(pool)
        except BaseException:
            for server in servers:
                await server.close()
            raise
        return cls(model, pool)

    @property
    def context_length(self) -> int:
        """Tokens that a prompt and its reply may take together, on any of the servers."""
        known = [r.context_length for r in self._replicas if r.abilities is not None]
        return min(known, default=_DEFAULT_CONTEXT)

    @property
    def exact(self) -> bool:
        """Whether the labels' probabilities are the model's own; see `Abilities.exact`."""
        return all(r.abilities.exact for r in self._replicas if r.abilities is not None)

    @property
    def wide(self) -> bool:
        """See `engine.base.Engine.wide`: so is a llama.cpp server."""
        known = [r.abilities for r in self._replicas if r.abilities is not None]
        return bool(known) and all(found.labels is Labels.LLAMA for found in known)

    def describe(self) -> str:
        """One line a server: what it is, how labels are scored, how the opening goes."""
        return "\n".join(replica.describe() for replica in self._replicas)

    async def score(self, prompt: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
        """See `engine.base.Engine.score`. Where `exact` is false, the figures are rough."""
        self._check_open()
        async for lease in self._pool.attempts(prompt.conversation):
            with lease:
                return normalise(await lease.member.score(prompt, labels))
        raise AssertionError("attempts end with an answer or an error")

    async def stream(self, prompt: Prompt, params: SamplingParams) -> AsyncGenerator[str, None]:
        """See `engine.base.Engine.stream`. Another server is tried before the first text only."""
        self._check_open()
        async for lease in self._pool.attempts(prompt.conversation):
            with lease:
                async with aclosing(lease.member.stream(prompt, params)) as texts:
                    async for text in texts:
                        lease.begin()
                        yield text
                return

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `engine.base.Engine.count_tokens`.

        By the server's tokenizer, each text once; where there is none to ask, more than an
        ordinary text takes (`engine.remote.tokens.estimate`).
        """
        self._check_open()
        async for lease in self._pool.attempts():
            with lease:
                return [await lease.member.count(text) for text in texts]
        raise AssertionError("attempts end with an answer or an error")

    async def warm_up(self, prompts: Sequence[Prompt]) -> None:
        """See `engine.base.Engine.warm_up`: every server reads the shared part of each prompt.

        Raises:
            EngineFailed: no server could.
        """
        self._check_open()
        failures: list[EngineError] = []
        for replica in self._replicas:
            try:
                for prompt in prompts:
                    await replica.warm_up(prompt)
            except EngineNotReady:
                raise
            except EngineError as error:
                log.warning("a model server was not warmed up: %s", error)
                failures.append(error)
        if len(failures) == len(self._replicas):
            raise EngineFailed(f"no server answers: {failures[0]}") from failures[0]

    async def forget(self, conversation: str) -> None:
        """See `engine.base.Engine.forget`.

        Here nothing is left. On the server: llama.cpp's slot is erased where it runs with
        --slot-save-path. All else stays until others need its place: a slot that may not be
        erased, llama.cpp's copies in memory (--cache-ram), the prefix caches of vLLM and SGLang,
        Ollama's slots. So do a server's own logs. None of them can be read over these servers'
        APIs.
        """
        self._pool.forget(conversation)
        for replica in self._replicas:
            await replica.forget(conversation)

    async def close(self) -> None:
        """Close all connections; what is under way ends with an error. Twice is harmless."""
        self._closed = True
        for replica in self._replicas:
            await replica.close()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineNotReady("the remote engine has been closed")


async def _probe(pool: Pool[Replica]) -> None:
    """Probe all. One that answers and cannot be used is an error; one that is away may come."""
    away = await together([_away(pool, place) for place in pool.places])
    if all(away):
        raise ModelUnusable(str(away[0])) from away[0]


async def _away(pool: Pool[Replica], place: Place[Replica]) -> EngineFailed | None:
    """Why a server cannot be reached now, or None when it was probed."""
    try:
        async for lease in pool.attempts(only=place):
            with lease:
                await lease.member.ready()
                return None
    except ModelUnusable:
        raise
    except EngineError as error:
        # What is no try's fault has a type of its own: a refused key, something that is no API.
        if type(error) is EngineFailed or isinstance(error, TooSlow):
            return EngineFailed(str(error))
        raise ModelUnusable(str(error)) from error
    raise AssertionError("attempts end with an answer or an error")
