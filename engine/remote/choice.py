"""A label by constrained choice: the last way, for a server that tells no probabilities.

Knows: the fields that hold an answer to a closed set. Does not know: HTTP, which field a server
obeys (`engine.remote.probe`).

Sources: docs.vllm.ai "Structured Outputs" (`structured_outputs: {"choice": […]}`, `guided_choice`
before 0.12); platform.openai.com "Structured Outputs" (`response_format` with a JSON schema), which
Ollama (docs/capabilities/structured-outputs.mdx), SGLang and llama.cpp take too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from engine.base import Message, Prompt
from engine.remote.abilities import Abilities, Choice, Opening
from engine.remote.chat import chat

_ANSWER = "label"
_MOST_TOKENS = 48


def choice_request(
    model: str, prompt: Prompt, labels: Sequence[str], abilities: Abilities
) -> dict[str, Any]:
    """A chat completion whose answer can only be one of the labels.

    A JSON object cannot follow the opening of an answer. There, and where an opening can't be
    carried, it is left out and the label is asked for in words.
    """
    request = {
        "model": model,
        "max_tokens": _MOST_TOKENS,
        "temperature": 0.0,
        **_closed_set(labels, abilities.choice),
    }
    if abilities.choice is not Choice.SCHEMA and abilities.opening is not Opening.ASKED:
        return request | dict(chat(prompt, abilities).fields)
    *closed, _ = prompt.messages
    fields = dict(chat(Prompt((*closed, Message("assistant", ""))), abilities).fields)
    form = f' as JSON, {{"{_ANSWER}": …}}' if abilities.choice is Choice.SCHEMA else ""
    ask = f"Say only the label of the last message{form}. The labels are: {', '.join(labels)}."
    fields["messages"] = [*fields["messages"], {"role": "system", "content": ask}]
    return request | fields


def chosen(said: str, labels: Sequence[str], choice: Choice | None) -> str | None:
    """The label that an answer names; None where it names none."""
    if choice is Choice.SCHEMA:
        try:
            said = json.loads(said)[_ANSWER]
        except (ValueError, KeyError, TypeError):
            return None
    return said.strip() if isinstance(said, str) and said.strip() in labels else None


def _closed_set(labels: Sequence[str], choice: Choice | None) -> dict[str, Any]:
    if choice is Choice.STRUCTURED:
        return {"structured_outputs": {"choice": list(labels)}}
    if choice is Choice.GUIDED:
        return {"guided_choice": list(labels)}
    schema = {
        "type": "object",
        "properties": {_ANSWER: {"type": "string", "enum": list(labels)}},
        "required": [_ANSWER],
        "additionalProperties": False,
    }
    form = {"name": _ANSWER, "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": form}}
