"""Finds out what a server can do that only takes chat messages.

Knows: how an answer that was begun is told from a new one, and how a constraint is told from
obedience. Does not know: endpoints beside chat completions.

A begun answer ends in half a word, "…is Par". A server that goes on with it says "is"; one that
begins a new answer does not. A constrained choice is one between words that nobody would say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from engine.base import Message, ModelUnusable, Prompt
from engine.remote import logprobs
from engine.remote.abilities import Abilities, Bias, Choice, Labels, Opening, Tokenizer
from engine.remote.chat import chat
from engine.remote.choice import choice_request, chosen
from engine.remote.errors import NotTheApi
from engine.remote.labels import Top
from engine.remote.scoring import names_of, top_after_chat
from engine.remote.server import Server
from engine.remote.tokens import Tokens

_BEGUN = "The capital of France is Par"
_GOES_ON = "is"
_PROMPT = Prompt(
    (
        Message("system", "Answer in one short sentence."),
        Message("user", "What is the capital of France?"),
        Message("assistant", "", (_BEGUN,)),
    )
)
_PREFILLS = ("Ollama", "llama.cpp server")
_UNLIKELY = ("okapi-7", "quetzal-4")

_EXTRAS: Sequence[Mapping[str, Any]] = (
    {"chat_template_kwargs": {"enable_thinking": False}},  # vLLM, SGLang, llama.cpp
    {},
)

T = TypeVar("T")
BiasOf = Callable[[Top, Sequence[int]], Awaitable[Bias]]


class Able(Protocol):
    """See `engine.remote.probe.able`."""

    async def __call__(
        self, question: Callable[[], Awaitable[T]], *, key_matters: bool = False
    ) -> T | None: ...


class ChatProbe:
    """The examination of a server by its chat completions."""

    def __init__(
        self, server: Server, model: str, tokens: Tokens | None, able: Able, bias_of: BiasOf
    ) -> None:
        self._server = server
        self._model = model
        self._tokens = tokens
        self._able = able
        self._bias_of = bias_of

    async def run(self, kind: str) -> Abilities:
        """The best ways by chat alone.

        Raises:
            ModelUnusable: labels cannot be scored; NotTheApi: there are no chat completions.
        """
        basis = await self._opening(
            Abilities(
                kind,
                Labels.CHOICE,
                Opening.ASKED,
                tokenizer=Tokenizer.HUGGINGFACE if self._tokens else None,
            )
        )
        if basis.opening is not Opening.ASKED:
            found = await self._logprobs(basis)
            if found is not None:
                return found
        found = await self._choice(basis)
        if found is not None:
            return found
        raise ModelUnusable(
            f"{self._server.url} cannot score labels: it tells no log-probabilities of an answer "
            "that was begun (logprobs), and takes no constrained choice (response_format); "
            "use vLLM, SGLang, llama.cpp server or Ollama"
        )

    async def _opening(self, basis: Abilities) -> Abilities:
        forms = [(extras, folds) for extras in _EXTRAS for folds in (False, True)]
        ways = [Opening.CONTINUE, Opening.PREFILL, Opening.ASKED]
        if basis.kind in _PREFILLS:  # they would ignore the other way's fields, and seem to know it
            ways.remove(Opening.CONTINUE)
        for opening in ways:
            for extras, folds in list(forms):
                tried = replace(basis, opening=opening, extras=extras, folds_system=folds)
                said = await self._say(tried)
                if said is None:
                    continue
                forms = [(extras, folds)]
                echoes = said.startswith(_BEGUN)
                if said.removeprefix(_BEGUN).startswith(_GOES_ON) or opening is Opening.ASKED:
                    return replace(tried, echoes=echoes)
                break
        raise NotTheApi(self._server.url)

    async def _say(self, abilities: Abilities) -> str | None:
        fields = chat(_PROMPT, abilities).fields
        body = {"model": self._model, "max_tokens": 16, "temperature": 0.0, **fields}
        answer = await self._able(
            lambda: self._server.ask("/chat/completions", body), key_matters=True
        )
        return None if answer is None else logprobs.text(answer, self._server.url)

    async def _logprobs(self, basis: Abilities) -> Abilities | None:
        for most in (20, 5):  # 20 is the most that OpenAI and Ollama tell
            tried = replace(basis, top=most, labels=Labels.CHAT_TEXT)
            if await self._told(tried, ()):
                return await self._by_ids(tried) or tried
        return None

    async def _by_ids(self, basis: Abilities) -> Abilities | None:
        """With token ids and a bias that is obeyed, any label's probability can be told."""
        tokens = self._tokens
        if tokens is None:
            return None
        ids = list(await tokens.of("one two three four"))
        by_id = logprobs.names_ids(await self._told(basis, ids[:1]))
        names = {} if by_id else await self._able(lambda: names_of(tokens, set(ids)))
        if names is None:
            return None
        tried = replace(basis, names_ids=by_id, labels=Labels.CHAT)
        top = top_after_chat(self._server, self._model, tried, _PROMPT, names, tokens)
        bias = await self._bias_of(top, ids)
        return None if bias is Bias.NONE else replace(tried, bias=bias)

    async def _told(self, abilities: Abilities, wanted: Sequence[int]) -> dict[str, float]:
        fields = chat(_PROMPT, abilities).fields
        body = logprobs.chat_completion(self._model, fields, wanted, {}, abilities.top)
        return logprobs.told_by_chat(
            await self._able(lambda: self._server.ask("/chat/completions", body))
        )

    async def _choice(self, basis: Abilities) -> Abilities | None:
        for choice in Choice:
            tried = replace(basis, choice=choice, labels=Labels.CHOICE)
            body = choice_request(self._model, _PROMPT, _UNLIKELY, tried)
            answer = await self._able(
                lambda body=body: self._server.ask("/chat/completions", body)  # type: ignore[misc]
            )
            said = "" if answer is None else logprobs.text(answer, self._server.url)
            if chosen(said, _UNLIKELY, choice):
                return tried
        return None
