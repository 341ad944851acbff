"""The habits of model servers, and what may go wrong with one request. Values only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
MODEL = "toy"
CONTEXT = 512


@dataclass(frozen=True)
class Flavour:
    """The habits of a server. `tokens`: the form of /tokenize; `renders`: it takes messages too.

    `opens`: how it goes on with an answer that was begun. `bias`: "raw", "counted" or "" (ignored).
    `choices`: the fields for a constrained choice that it obeys. `refuses`: fields it answers 400
    to.
    """

    owner: str = "somebody"
    props: bool = False
    tokens: str = ""
    renders: bool = False
    drops_special: bool = False
    shows_template: bool = True
    completions: bool = False
    generate: bool = False
    chat: bool = True
    opens: str = ""
    echoes: bool = False
    logprobs: bool = True
    most: int = 20
    by_id: bool = False
    told_ids: bool = False
    bias: str = ""
    choices: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()
    system: bool = True
    max_model_len: int = 0
    slots: bool = False
    running: bool = False


VLLM = Flavour(
    owner="vllm",
    tokens="huggingface",
    renders=True,
    completions=True,
    opens="continue",
    by_id=True,
    bias="raw",
    choices=frozenset({"guided_choice", "structured_outputs"}),
    max_model_len=CONTEXT,
)
SGLANG = replace(VLLM, owner="sglang", generate=True, by_id=False, bias="counted")
LLAMA = Flavour(owner="llamacpp", props=True, tokens="llama", opens="prefill", bias="raw")
OLLAMA = Flavour(owner="library", opens="prefill", running=True)
CHAT_ONLY = Flavour(logprobs=False, choices=frozenset({"response_format"}))
NOTHING = Flavour(logprobs=False)


@dataclass
class Fault:
    """What goes wrong with one request for words.

    `status` with `headers` and `body`; or `drop`: before the "headers", after them in a "stream" or
    in the "body" of a whole answer, after the first "token", or "within" a character; or `html`; or
    a stream's own `error`, or `error_later`, after the first token; or `stall`: nothing comes until
    the event is set, or `stall_later`, after the first token.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    drop: str = ""
    html: bool = False
    error: Any = None
    error_later: Any = None
    stall: asyncio.Event | None = None
    stall_later: asyncio.Event | None = None
