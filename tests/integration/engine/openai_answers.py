"""The answers of model servers, in the forms they have. Pure: a toy model says what is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import exp
from typing import Any

from starlette.responses import JSONResponse, Response

from tests.integration.engine import toy_model as toy
from tests.integration.engine.openai_flavours import CONTEXT, Flavour


def whole(own: Flavour, path: str, body: Mapping[str, Any], ids: Sequence[int]) -> Any:
    """The answer to a request for one token, in the form of its path."""
    raw = toy.after(ids[-1])
    bias = {int(t): float(b) for t, b in _pairs(body.get("logit_bias"))}
    after = toy.biased(raw, bias if own.bias else {})
    drawn = toy.likely(after, 1)[0]
    told = raw if own.bias == "raw" else after
    if path == "/generate":
        wanted = body["token_ids_logprob"]
        rows = [[[raw[token], token, None] for token in wanted]]
        return {"text": "", "meta_info": {"output_token_ids_logprobs": rows}}
    if path == "/completion":
        return {"content": "", "id_slot": 1, "completion_probabilities": [
            _llama_row(body, raw, after, drawn)
        ]}  # fmt: skip
    most = int(body.get("top_logprobs") or body.get("logprobs") or 0)
    tops = toy.likely(told, most)
    if own.told_ids and body.get("logprob_token_ids"):
        tops = body["logprob_token_ids"]
    named = own.by_id and body.get("return_tokens_as_token_ids")
    names = {t: f"token_id:{t}" if named else toy.detokenize([t]) for t in (*tops, drawn)}
    chosen = _chosen(body, own.choices)
    if path == "/v1/completions":
        facts = {
            "tokens": [names[drawn]],
            "token_logprobs": [told[drawn]],
            "top_logprobs": [{names[t]: told[t] for t in tops}],
        }
        return {"choices": [_choice({"text": toy.detokenize([drawn])}, facts, own.logprobs)]}
    row = _chat_row(drawn, names, told) | {
        "top_logprobs": [_chat_row(token, names, told) for token in tops]
    }
    text = chosen or toy.detokenize([drawn])
    if own.echoes and body["messages"][-1]["role"] == "assistant":
        text = body["messages"][-1]["content"] + text
    message = {"message": {"role": "assistant", "content": text}}
    shown = own.logprobs and bool(body.get("logprobs"))
    return {"choices": [_choice(message, {"content": [row]}, shown)]}


def _llama_row(
    body: Mapping[str, Any], raw: Sequence[float], after: Sequence[float], drawn: int
) -> dict[str, Any]:
    tops = toy.likely(after if body.get("post_sampling_probs") else raw, body.get("n_probs", 0))
    if body.get("post_sampling_probs"):
        rows = [{"id": t, "prob": exp(after[t])} for t in tops]
        return {"id": drawn, "prob": exp(after[drawn]), "top_probs": rows}
    rows = [{"id": t, "logprob": raw[t]} for t in tops]
    return {"id": drawn, "logprob": raw[drawn], "top_logprobs": rows}


def _chat_row(token: int, names: Mapping[int, str], told: Sequence[float]) -> dict[str, Any]:
    return {"token": names[token], "logprob": told[token], "bytes": list(toy.spelt(token))}


def _choice(said: dict[str, Any], facts: dict[str, Any], shown: bool) -> dict[str, Any]:
    return {"index": 0, **said, "finish_reason": "length", "logprobs": facts if shown else None}


def _chosen(body: Mapping[str, Any], obeyed: frozenset[str]) -> str | None:
    """The last of the allowed answers, where one of the obeyed fields names them."""
    if "structured_outputs" in obeyed and "structured_outputs" in body:
        return str(body["structured_outputs"]["choice"][-1])
    if "guided_choice" in obeyed and "guided_choice" in body:
        return str(body["guided_choice"][-1])
    if "response_format" in obeyed and "response_format" in body:
        schema = body["response_format"]["json_schema"]["schema"]
        return json.dumps({"label": schema["properties"]["label"]["enum"][-1]})
    return None


def _pairs(bias: Any) -> list[tuple[Any, Any]]:
    return list(bias.items()) if isinstance(bias, dict) else bias or []


def chunk(path: str, text: str, finish: str | None = None) -> dict[str, Any]:
    if path == "/completion":
        return {"content": text, "stop": finish is not None, "id_slot": 1}
    said = {"text": text} if path == "/v1/completions" else {"delta": {"content": text}}
    return {"choices": [{"index": 0, **said, "finish_reason": finish}]}


def line(chunk: Any) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def error(status: int, kind: str = "invalid_request_error") -> Response:
    return JSONResponse({"error": {"message": "no", "type": kind, "code": status}}, status)


def too_long(flavour: Flavour, tokens: int) -> Response:
    if flavour.props:
        error = {"type": "exceed_context_size_error", "n_prompt_tokens": tokens, "n_ctx": CONTEXT}
        return JSONResponse({"error": error}, 400)
    message = (
        f"This model's maximum context length is {CONTEXT} tokens. However, you requested "
        f"{tokens} tokens."
    )
    return JSONResponse({"object": "error", "message": message, "code": 400}, 400)
