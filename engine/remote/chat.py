"""Prompts as chat messages, for servers that apply the template themselves.

Knows: the chat completions form, and the ways to carry the opening of an answer. Does not know:
tokens, HTTP. What a person typed goes to the server as it is: that `<|im_end|>` in it cannot end a
turn is the server's duty here, and Hugging Face tokenizers do not keep it.

Sources: docs.vllm.ai "OpenAI-Compatible Server" (extra parameters of the Chat API:
continue_final_message, add_generation_prompt); docs.sglang.io "OpenAI APIs - Completions" and its
protocol.py (continue_final_message); llama.cpp tools/server/README.md ("Prefilling of assistant
messages"); ollama model/renderers (an assistant message at the end is left open).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.base import Message, Prompt
from engine.chat_template import folded
from engine.remote.abilities import Abilities, Opening
from engine.tokenized import whole

CONTINUED: Mapping[str, Any] = {"continue_final_message": True, "add_generation_prompt": False}

_ASK = "Begin your next message with exactly these characters, then go on with the reply: {opening}"


@dataclass(frozen=True, slots=True)
class Chat:
    """The fields of a request that carry the prompt. `returned`: what may come back in front."""

    fields: Mapping[str, Any]
    returned: str = ""


def chat(prompt: Prompt, abilities: Abilities, said: str = "") -> Chat:
    """A prompt, and after it what has been `said` of the answer, as chat messages."""
    *closed, last = prompt.messages
    opening = whole(_text(last) + said)
    messages = [
        {"role": message.role, "content": whole(_text(message))}
        for message in (folded(closed) if abilities.folds_system else closed)
    ]
    fields: dict[str, Any] = {"messages": messages, **abilities.extras}
    if not opening:
        return Chat(fields)
    if abilities.opening is Opening.ASKED:
        messages.append({"role": "system", "content": _ASK.format(opening=opening)})
        return Chat(fields, returned=opening)
    messages.append({"role": "assistant", "content": opening})
    if abilities.opening is Opening.CONTINUE:
        fields |= CONTINUED
    return Chat(fields, returned=opening if abilities.echoes else "")


def _text(message: Message) -> str:
    return "".join(message.opening) + message.content
