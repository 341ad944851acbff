"""Labels scored on one server, in the way that the probe found.

Knows: which question each way asks, and in which order its answers count. Does not know: which
server is asked, retries, calibration.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from engine import llama_requests
from engine.base import EngineFailed, Prompt, PromptTooLong
from engine.remote import logprobs
from engine.remote.abilities import Abilities, Labels
from engine.remote.chat import chat
from engine.remote.choice import choice_request, chosen
from engine.remote.labels import (
    NOWHERE,
    NextTokens,
    Said,
    Top,
    of_choice,
    over_top,
    score_sequences,
    score_texts,
    together,
)
from engine.remote.llama import ANY_SLOT, LlamaSlots
from engine.remote.server import Server
from engine.remote.tokens import PromptTokens, Tokens
from engine.scoring import clash

T = TypeVar("T")


class Scoring:
    """The scores of labels on one server."""

    def __init__(
        self,
        server: Server,
        model: str,
        abilities: Abilities,
        tokens: Tokens | None,
        prompts: PromptTokens | None,
        llama: LlamaSlots | None,
    ) -> None:
        self._server = server
        self._model = model
        self._abilities = abilities
        self._tokens = tokens
        self._prompts = prompts
        self._llama = llama

    async def of(self, prompt: Prompt, labels: Sequence[str], *, context: int) -> dict[str, float]:
        """Log-probability of each label, up to one common constant. `context` is in tokens.

        Raises:
            PromptTooLong, EngineFailed.
        """
        if self._abilities.labels is Labels.CHOICE:
            return await self._by_choice(prompt, labels)
        if self._abilities.labels is Labels.CHAT_TEXT:
            _tell_apart({label: label.encode() for label in labels})
            return await self._by_text(prompt, labels)
        assert self._tokens is not None  # noqa: S101 - the probe found a tokenizer
        found = await together([self._tokens.texts.label(label) for label in labels])
        sequences = dict(zip(labels, found, strict=True))
        _tell_apart(sequences)
        ask = await self._after(prompt, sequences, context)
        return await score_sequences(ask, sequences)

    async def _after(
        self, prompt: Prompt, sequences: Mapping[str, Sequence[int]], context: int
    ) -> NextTokens:
        """The question about the next token after a prompt."""
        if self._prompts is None:
            return await self._after_chat(prompt, sequences)
        ids, _ = await self._prompts.of(prompt)
        longest = max(len(sequence) for sequence in sequences.values())
        if len(ids) + longest > context:
            raise PromptTooLong(len(ids) + longest, context)
        if self._llama is not None:
            return after_llama(self._llama, ids, prompt.conversation)
        if self._abilities.labels is Labels.GENERATE:
            return after_generate(self._server, ids)
        names = await self._names(sequences)
        top = top_after_tokens(self._server, self._model, self._abilities, ids, names)
        return over_top(top, self._abilities.bias)

    async def _after_chat(
        self, prompt: Prompt, sequences: Mapping[str, Sequence[int]]
    ) -> NextTokens:
        assert self._tokens is not None  # noqa: S101 - as above
        names = await self._names(sequences)
        top = top_after_chat(
            self._server, self._model, self._abilities, prompt, names, self._tokens
        )
        return over_top(top, self._abilities.bias)

    async def _names(self, sequences: Mapping[str, Sequence[int]]) -> dict[str, int]:
        """The texts by which the labels' tokens are told, where they are not told by id."""
        if self._abilities.names_ids or self._tokens is None:
            return {}
        return await names_of(self._tokens, {t for each in sequences.values() for t in each})

    async def _by_text(self, prompt: Prompt, labels: Sequence[str]) -> dict[str, float]:
        async def ask(said: bytes) -> Mapping[bytes, float]:
            fields = chat(prompt, self._abilities, said.decode()).fields
            body = logprobs.chat_completion(self._model, fields, (), {}, self._abilities.top)
            answer = await self._server.ask("/chat/completions", body)
            return _something(self._server, logprobs.told_as_bytes(answer))

        return await score_texts(ask, labels)

    async def _by_choice(self, prompt: Prompt, labels: Sequence[str]) -> dict[str, float]:
        body = choice_request(self._model, prompt, labels, self._abilities)
        answer = await self._server.ask("/chat/completions", body)
        text = logprobs.text(answer, self._server.url)
        said = chosen(text, labels, self._abilities.choice)
        if said is None:
            raise EngineFailed(f"{self._server.url} did not choose one of the labels")
        return of_choice(said, labels)


def after_llama(llama: LlamaSlots, ids: Sequence[int], conversation: str) -> NextTokens:
    """As `engine.llamacpp`: one draw among the first tokens of all labels, under one equal bias,
    then one forced token each for the rest of a label.

    One after the other: at once, they would be read in as many slots, each from the start.
    """
    turn = asyncio.Lock()

    async def forced(prompt: Sequence[int], token: int) -> float:
        request = llama_requests.forced(ANY_SLOT, prompt, token)
        async with turn:
            return await llama.forced(request, conversation)

    async def ask(said: Said, wanted: Sequence[int]) -> Mapping[int, float]:
        prompt = [*ids, *said]
        if said:
            told = await together([forced(prompt, token) for token in wanted])
            return dict(zip(wanted, told, strict=True))
        request = llama_requests.branch(ANY_SLOT, prompt, wanted)
        found = await llama.shares(request, conversation)
        return {t: math.log(found[t]) if found.get(t) else NOWHERE for t in wanted}

    return ask


def after_generate(server: Server, ids: Sequence[int]) -> NextTokens:
    """What SGLang's own endpoint tells of given tokens after a prompt of token ids."""

    async def ask(said: Said, wanted: Sequence[int]) -> Mapping[int, float]:
        body = logprobs.generate([*ids, *said], wanted)
        answer = await server.ask("/generate", body, native=True)
        told = _something(server, logprobs.told_by_generate(answer))
        return {token: told.get(token, NOWHERE) for token in wanted}

    return ask


def top_after_tokens(
    server: Server,
    model: str,
    abilities: Abilities,
    ids: Sequence[int],
    names: Mapping[str, int],
) -> Top:
    """What a completions endpoint tells after a prompt of token ids."""

    async def top(
        said: Said, wanted: Sequence[int], bias: Mapping[int, float]
    ) -> Mapping[int, float]:
        prompt = [*ids, *said]
        body = logprobs.completion(model, prompt, wanted, bias, abilities.top)
        told = logprobs.told_by_completion(await server.ask("/completions", body))
        return logprobs.by_id(_something(server, told), names)

    return top


def top_after_chat(
    server: Server,
    model: str,
    abilities: Abilities,
    prompt: Prompt,
    names: Mapping[str, int],
    tokens: Tokens,
) -> Top:
    """What a chat completions endpoint tells after a begun answer.

    A label's first tokens are said as text: the server is trusted to cut them as before.
    """

    async def top(
        said: Said, wanted: Sequence[int], bias: Mapping[int, float]
    ) -> Mapping[int, float]:
        fields = chat(prompt, abilities, await tokens.text_of(said) if said else "").fields
        body = logprobs.chat_completion(model, fields, wanted, bias, abilities.top)
        told = logprobs.told_by_chat(await server.ask("/chat/completions", body))
        return logprobs.by_id(_something(server, told), names)

    return top


async def names_of(tokens: Tokens, ids: Collection[int]) -> dict[str, int]:
    """Token ids by their texts.

    Raises:
        EngineFailed: two have one text, or half a character.
    """
    texts = await together([tokens.text_of([token]) for token in ids])
    if len(set(texts)) < len(texts) or any("\ufffd" in text for text in texts):
        raise EngineFailed("the labels' tokens cannot be told apart by their texts")
    return dict(zip(texts, ids, strict=True))


def _something(server: Server, told: dict[T, float]) -> dict[T, float]:
    """What was told, unless that is nothing: figures are never made up out of that."""
    if not told:
        raise EngineFailed(f"{server.url} told no probabilities")
    return told


def _tell_apart(sequences: Mapping[str, Sequence[int]]) -> None:
    overlap = clash(sequences)
    if overlap:
        raise ValueError(f"the label {overlap[0]!r} begins the label {overlap[1]!r}")
