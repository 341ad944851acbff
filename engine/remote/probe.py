"""Finds out what a server can do, once, before anybody waits for it.

Knows: which questions tell the ways apart, best way first. Does not know: retries, other servers.
An ability counts when it was seen to work, not when a name or a version promises it. What a server
refuses, it cannot do; what it fails at twice (5xx), it cannot do either. A server that cannot be
reached stays unknown: that error goes to the caller.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, TypeVar

from engine import llama_requests
from engine.base import EngineFailed, ModelUnusable, Role
from engine.chat_template import TemplateUnusable, holds_all, placeholders
from engine.remote import logprobs
from engine.remote.abilities import Abilities, Bias, Labels, Opening, Tokenizer
from engine.remote.errors import KeyRefused, Refused, Unanswered
from engine.remote.labels import FORCE, Top
from engine.remote.llama import ANY_SLOT, LlamaSlots, erases
from engine.remote.probe_chat import ChatProbe
from engine.remote.scoring import names_of, top_after_tokens
from engine.remote.server import Server
from engine.remote.tokens import Tokens

_SAMPLE = "one two three four"
_MOST_NAMED = 5
_KINDS = {
    "vllm": "vLLM",
    "sglang": "SGLang",
    "llamacpp": "llama.cpp server",
    "library": "Ollama",
}

T = TypeVar("T")


class Probe:
    """The examination of one server."""

    def __init__(self, server: Server, model: str) -> None:
        self._server = server
        self._model = model

    async def run(self) -> Abilities:
        """The best ways this server knows.

        Raises:
            ModelUnusable: it has no such model, or no way to score labels.
            Unanswered, NotTheApi: see `engine.remote.errors`.
        """
        card = await self._card()
        kind = _KINDS.get(str(card.get("owned_by")), "OpenAI-compatible server")
        found = await self._llama()
        tokens = None if found else await self._tokenizer()
        if found is None and tokens is not None:
            found = await self._completions(tokens, kind)
        if found is None:
            found = await ChatProbe(self._server, self._model, tokens, able, bias_of).run(kind)
        context = found.context or _int(card.get("max_model_len")) or await self._ollama_context()
        return replace(found, context=context)

    async def _card(self) -> Mapping[str, Any]:
        """What the list of models says about ours; nothing where there is no list."""
        try:
            answer = await self._server.get("/models")
        except Refused:
            return {}
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            return {}
        cards = {str(row.get("id")): row for row in rows if isinstance(row, dict)}
        for name in (self._model, f"{self._model}:latest"):
            if name in cards:
                return cards[name]
        if len(cards) == 1:
            (card,) = cards.values()
            if card.get("owned_by") == "llamacpp":  # it serves one model, under any name
                return card
        raise ModelUnusable(_no_such_model(self._server.url, self._model, list(cards)))

    async def _llama(self) -> Abilities | None:
        """llama.cpp: it shows its template, and tells what a bias leaves (tools/server/README)."""
        props = await able(lambda: self._server.get("/props", native=True))
        props = props if isinstance(props, dict) else {}
        settings = props.get("default_generation_settings")
        if not isinstance(settings, dict):
            return None
        tokens = Tokens(self._server, self._model, Tokenizer.LLAMA)
        ids = await able(lambda: tokens.of(_SAMPLE))
        if not ids:
            return None
        branch = llama_requests.branch(ANY_SLOT, ids, sorted(set(ids)))
        llama = LlamaSlots(self._server, self._model)
        if not await able(lambda: llama.shares(branch, "")):
            return None
        return Abilities(
            "llama.cpp server",
            Labels.LLAMA,
            Opening.TOKENS,
            context=_int(settings.get("n_ctx")),
            tokenizer=Tokenizer.LLAMA,
            template=str(props.get("chat_template") or ""),
            bos=str(props.get("bos_token") or ""),
            eos=str(props.get("eos_token") or ""),
            erases=await erases(self._server),
        )

    async def _tokenizer(self) -> Tokens | None:
        tokens = Tokens(self._server, self._model, Tokenizer.HUGGINGFACE)
        return tokens if await able(lambda: tokens.of(_SAMPLE)) else None

    async def _completions(self, tokens: Tokens, kind: str) -> Abilities | None:
        """vLLM and SGLang: the prompt goes as token ids, rendered by them and cut by us."""
        folds = await self._folds_system(tokens)
        if folds is None:
            return None
        ids = list(await tokens.of(_SAMPLE))
        basis = Abilities(
            kind,
            Labels.TOKENS,
            Opening.TOKENS,
            tokenizer=Tokenizer.HUGGINGFACE,
            folds_system=folds,
            extras=logprobs.PLAIN_SAMPLING,
        )
        if kind == "SGLang":
            body = logprobs.generate(ids, ids[:2])
            answer = await able(lambda: self._server.ask("/generate", body, native=True))
            if set(ids[:2]) <= set(logprobs.told_by_generate(answer)):
                return replace(basis, labels=Labels.GENERATE)
        for most in (20, 5):  # vLLM's --max-logprobs is 20 unless it was set
            body = logprobs.completion(self._model, ids, ids[:1], {}, most)
            answer = await able(lambda body=body: self._server.ask("/completions", body))  # type: ignore[misc]
            told = logprobs.told_by_completion(answer)
            if told:
                by_id = logprobs.names_ids(told)
                basis = replace(basis, top=most, names_ids=by_id)
                names = {} if by_id else await able(lambda: names_of(tokens, set(ids)))
                top = top_after_tokens(self._server, self._model, basis, ids, names or {})
                return replace(basis, bias=await bias_of(top, ids))
        return None

    async def _folds_system(self, tokens: Tokens) -> bool | None:
        """Whether the template lacks a system role; None where it can't be rendered at all."""
        for folds in (False, True):
            roles: tuple[Role, ...] = ("user", "assistant", "user")
            roles = roles if folds else ("system", *roles)
            chat = placeholders(roles)
            rendered = await able(lambda chat=chat: tokens.render(chat))  # type: ignore[misc]
            if rendered and holds_all(rendered, len(roles)):
                return folds
        return None

    async def _ollama_context(self) -> int:
        """Ollama tells the context of a model that it has loaded (docs/api.md, GET /api/ps)."""
        answer = await able(lambda: self._server.get("/api/ps", native=True))
        rows = answer.get("models") if isinstance(answer, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("name") in (self._model, f"{self._model}:latest"):
                return _int(row.get("context_length"))
        return 0


async def able(question: Callable[[], Awaitable[T]], *, key_matters: bool = False) -> T | None:
    """The answer, or None where the server cannot answer such a question.

    A refused key says nothing about an ability unless `key_matters`: beside /v1 a gateway may let
    nobody in.

    Raises:
        Unanswered: the server cannot be reached, or has too much to do.
    """
    for last in (False, True):
        try:
            return await question()
        except KeyRefused:
            if key_matters:
                raise
            return None
        except Unanswered as error:
            if error.status < 500:
                raise
            if last:
                return None
        except (EngineFailed, TemplateUnusable):  # refused, or answered with something else
            return None
    return None


async def bias_of(top: Top, ids: Sequence[int]) -> Bias:
    """What a bias does: it is put on tokens that would not come by themselves.

    Raises:
        Unanswered: as `able`.
    """
    if len(set(ids)) < 2:
        return Bias.NONE
    told = await able(lambda: top((), ids[:1], {})) or {}
    rare, other = sorted(set(ids), key=lambda token: told.get(token, -FORCE))[:2]
    forced = await able(lambda: top((), [rare], {rare: FORCE})) or {}
    missed = await able(lambda: top((), [other], {other: FORCE})) or {}
    if rare not in forced or other not in missed:
        return Bias.NONE
    return Bias.COUNTED if forced[rare] > -0.1 else Bias.RAW


def _no_such_model(url: str, model: str, names: Sequence[str]) -> str:
    if not names:
        return f"{url} serves no model: start it with one"
    near = sorted(
        names, key=lambda n: SequenceMatcher(None, n.lower(), model.lower()).ratio(), reverse=True
    )
    more = f" and {len(near) - _MOST_NAMED} more" if len(near) > _MOST_NAMED else ""
    return f"{url} has no model {model!r}; it has {', '.join(near[:_MOST_NAMED])}{more}"


def _int(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
