"""Questions about a next token, as each kind of server takes them, and their answers.

Knows: the fields of completions, chat completions and SGLang's generate. Does not know: HTTP,
prompts, labels. Temperature 1 and no other sampler: the probabilities are the model's own.

Sources.
vLLM, docs.vllm.ai "OpenAI-Compatible Server" and vllm/entrypoints/openai/*/protocol.py: `logprobs`
(an int for completions), `top_logprobs` up to --max-logprobs (20), `return_tokens_as_token_ids`
(tokens are named "token_id:N"), `logprob_token_ids` (newer: those tokens are told in place of the
most probable; older versions ignore it), `logit_bias`, and the engine's --logprobs-mode:
"raw_logprobs", the default, tells the figures from before any bias.
SGLang, docs.sglang.io "Sampling Parameters", POST /generate: `input_ids`, `return_logprob`,
`token_ids_logprob`; what was told is in `meta_info.output_token_ids_logprobs`.
OpenAI and Ollama: `logprobs: true`, `top_logprobs` up to 20; Ollama has no `logit_bias`
(docs/api/openai-compatibility.mdx).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.base import EngineFailed

PLAIN_SAMPLING: Mapping[str, Any] = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
"""Fields of vLLM and SGLang that a model's generation_config would else fill in."""

_BY_ID = "token_id:"


def completion(
    model: str,
    tokens: Sequence[int],
    wanted: Sequence[int],
    bias: Mapping[int, float],
    top: int,
) -> dict[str, Any]:
    """A completions request for one token after a prompt of token ids."""
    return {
        **_one_token(model, bias),
        **PLAIN_SAMPLING,
        "prompt": list(tokens),
        "logprobs": top,
        "logprob_token_ids": list(wanted),
        "return_tokens_as_token_ids": True,
    }


def chat_completion(
    model: str,
    chat: Mapping[str, Any],
    wanted: Sequence[int],
    bias: Mapping[int, float],
    top: int,
) -> dict[str, Any]:
    """A chat completions request for one token. Without `wanted`, only what OpenAI has."""
    ids: dict[str, Any] = {
        "logprob_token_ids": list(wanted),
        "return_tokens_as_token_ids": True,
        **PLAIN_SAMPLING,
    }
    return {
        **_one_token(model, bias),
        **(ids if wanted else {}),
        **chat,
        "logprobs": True,
        "top_logprobs": top,
    }


def generate(tokens: Sequence[int], wanted: Sequence[int]) -> dict[str, Any]:
    """SGLang's own request for one token, with the log-probabilities of the wanted ones."""
    return {
        "input_ids": list(tokens),
        "sampling_params": {"max_new_tokens": 1, "temperature": 1.0},
        "return_logprob": True,
        "logprob_start_len": -1,
        "token_ids_logprob": list(wanted),
    }


def told_by_completion(answer: Any) -> dict[str, float]:
    """Log-probabilities of next tokens by their names; empty where the answer tells none."""
    facts = _logprobs(answer)
    tops, names, values = (_first(facts, k) for k in ("top_logprobs", "tokens", "token_logprobs"))
    told = dict(tops) if isinstance(tops, dict) else {}
    if isinstance(names, str):
        told.setdefault(names, values)
    return {str(name): value for name, value in told.items() if _is_figure(value)}


def told_by_chat(answer: Any) -> dict[str, float]:
    """As `told_by_completion`, for a chat completion."""
    return {name: value for name, _, value in _chat_tokens(answer)}


def told_as_bytes(answer: Any) -> dict[bytes, float]:
    """As `told_by_chat`, by the bytes of the tokens: half a character has no name.

    A vocabulary may spell the same bytes twice: the likelier token counts.
    """
    told: dict[bytes, float] = {}
    for _, spelt, value in _chat_tokens(answer):
        told[spelt] = max(value, told.get(spelt, value))
    return told


def told_by_generate(answer: Any) -> dict[int, float]:
    """As `told_by_completion`, by token id, for SGLang's generate: triples of figure, id, text."""
    answer = answer[0] if isinstance(answer, list) and answer else answer
    facts = answer.get("meta_info") if isinstance(answer, dict) else None
    rows = _first(facts, "output_token_ids_logprobs")
    told = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) > 1 and _is_figure(row[0]):
            told[row[1]] = row[0]
    return told


def by_id(told: Mapping[str, float], names: Mapping[str, int]) -> dict[int, float]:
    """Figures by token id. `names` tells the ids of tokens that a server names by their text."""
    found = {}
    for name, value in told.items():
        number = name.removeprefix(_BY_ID)
        if name.startswith(_BY_ID) and number.isdigit():
            found[int(number)] = value
        elif name in names:
            found[names[name]] = value
    return found


def names_ids(told: Mapping[str, float]) -> bool:
    """Whether a server names tokens by their ids."""
    return bool(told) and all(name.startswith(_BY_ID) for name in told)


def text(answer: Any, url: str) -> str:
    """The words of an answer that came whole.

    Raises:
        EngineFailed: it has none.
    """
    try:
        choice = answer["choices"][0]
        said = choice["message"]["content"] if "message" in choice else choice["text"]
    except (KeyError, IndexError, TypeError) as error:
        raise EngineFailed(f"{url} gave an answer of an unknown form") from error
    return str(said or "")


def _one_token(model: str, bias: Mapping[int, float]) -> dict[str, Any]:
    biased = {"logit_bias": {str(t): b for t, b in bias.items()}} if bias else {}
    return {"model": model, "max_tokens": 1, "temperature": 1.0, "top_p": 1.0, **biased}


def _logprobs(answer: Any) -> dict[str, Any]:
    try:
        facts = answer["choices"][0]["logprobs"]
    except (KeyError, IndexError, TypeError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _chat_tokens(answer: Any) -> list[tuple[str, bytes, float]]:
    drawn = _first(_logprobs(answer), "content")
    tops = drawn.get("top_logprobs") if isinstance(drawn, dict) else None
    return [
        (str(row.get("token")), _spelt(row), row["logprob"])
        for row in [*(tops if isinstance(tops, list) else ()), drawn]
        if isinstance(row, dict) and _is_figure(row.get("logprob"))
    ]


def _first(facts: Any, key: str) -> Any:
    rows = facts.get(key) if isinstance(facts, dict) else None
    return rows[0] if isinstance(rows, list) and rows else None


def _is_figure(value: Any) -> bool:
    return isinstance(value, float | int)


def _spelt(row: Mapping[str, Any]) -> bytes:
    spelt = row.get("bytes")
    if isinstance(spelt, list) and spelt:
        return bytes(byte for byte in spelt if isinstance(byte, int) and 0 <= byte < 256)
    return str(row.get("token")).encode("utf-8", "replace")
