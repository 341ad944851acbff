"""The request for a reply, as one server takes it.

Knows: how a prompt and how it is to be drawn go into a request. Does not know: how the reply comes
back, labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import llama_requests
from engine.base import Prompt, PromptTooLong, SamplingParams
from engine.remote import llama
from engine.remote.abilities import Abilities
from engine.remote.chat import chat
from engine.remote.llama import ANY_SLOT, LlamaSlots
from engine.remote.tokens import PromptTokens


@dataclass(frozen=True, slots=True)
class Request:
    """A path and a body. `returned` may come back in front of the reply, and is no part of it."""

    path: str
    body: Mapping[str, Any]
    native: bool = False
    returned: str = ""


class Replies:
    """The requests of one server."""

    def __init__(
        self,
        model: str,
        abilities: Abilities,
        prompts: PromptTokens | None,
        llama: LlamaSlots | None,
    ) -> None:
        """`prompts` where the template is applied here, `llama` where the server is llama.cpp."""
        self._model = model
        self._abilities = abilities
        self._prompts = prompts
        self._llama = llama

    async def reply(self, prompt: Prompt, params: SamplingParams, context: int) -> Request:
        """Write a reply. Where tokens are known, it ends with the context at the latest.

        Raises:
            PromptTooLong, EngineFailed.
        """
        if self._prompts is None:
            asked = chat(prompt, self._abilities)
            fields = {**_sampling(params, params.max_tokens), **asked.fields}
            return self._chat(fields, asked.returned)
        ids, _ = await self._prompts.of(prompt)
        room = context - len(ids)
        if room < 1:
            raise PromptTooLong(len(ids) + 1, context)
        if self._llama is not None:
            body = self._llama.body(llama_requests.reply(ANY_SLOT, ids, params, room))
            return Request(llama.PATH, body, native=True)
        return self._completion(ids, _sampling(params, min(params.max_tokens, room)))

    async def read(self, prompt: Prompt) -> Request:
        """Read the shared part of a prompt, and write next to nothing."""
        if self._prompts is None:
            return self._chat({"max_tokens": 1, **chat(prompt, self._abilities).fields})
        ids, shared = await self._prompts.of(prompt)
        ids = ids[:shared] or ids
        if self._llama is not None:
            body = self._llama.body(llama_requests.read(ANY_SLOT, ids))
            return Request(llama.PATH, body, native=True)
        return self._completion(ids, {"max_tokens": 1})

    def _chat(self, fields: Mapping[str, Any], returned: str = "") -> Request:
        body = {"model": self._model, **fields}
        return Request("/chat/completions", body, returned=returned)

    def _completion(self, ids: list[int], fields: Mapping[str, Any]) -> Request:
        body = {"model": self._model, "prompt": ids, **fields, **self._abilities.extras}
        return Request("/completions", body)


def _sampling(params: SamplingParams, max_tokens: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "max_tokens": max_tokens,
        "temperature": params.temperature,
        "top_p": params.top_p,
    }
    if params.stop:
        fields["stop"] = list(params.stop)
    if params.seed is not None:
        fields["seed"] = params.seed
    return fields
