"""Text and tokens of one model: its tokenizer, its chat template, the tokens that end a reply.

Knows: transformers tokenizers. Does not know: the network, prompts' order, persons.

What a person wrote is cut inside everything that looks like a control token, so that it reaches the
model as plain text; the outcome is checked, whatever the tokenizer does.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Sequence
from typing import Any

from engine.base import ModelUnusable
from engine.chat_template import ChatTemplate

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""For models that know its tokens and carry no template: bases that were not tuned to chat."""

_TURN_TOKENS = (
    "<|im_end|>",
    "<|im_start|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|end|>",
    "<end_of_turn>",
    "<start_of_turn>",
)
"""Known control tokens at which a turn is over, whatever the model's configuration says."""


class Text:
    """Encodes and decodes. May be used from several threads."""

    def __init__(self, tokenizer: Any, name: str, ends: Collection[int] = ()) -> None:
        """`ends` are further tokens that end a reply.

        Raises:
            ModelUnusable: there is no chat template. TemplateUnusable: it cannot be rendered.
        """
        self._tokenizer = tokenizer
        self._busy = threading.Lock()  # a tokenizer is changed while it is asked
        added = {str(token): number for number, token in tokenizer.added_tokens_decoder.items()}
        source = _template(tokenizer, added, name)
        self.template = ChatTemplate(
            source,
            bos_token=str(tokenizer.bos_token or ""),
            eos_token=str(tokenizer.eos_token or ""),
        )
        known = {added[token] for token in _TURN_TOKENS if token in added}
        own = () if tokenizer.eos_token_id is None else (tokenizer.eos_token_id,)
        self.ends = frozenset({*ends, *known, *own})
        special = {str(t) for t in tokenizer.added_tokens_decoder.values() if t.special}
        control = special | {token for token in added if token.strip() and token in source}
        self._control = frozenset(added[token] for token in control)
        self._cuts = _anywhere(control)

    def encode(self, text: str, *, control: bool) -> list[int]:
        """Token ids. Control tokens in the text count as such only with `control`."""
        text = text.encode("utf-8", "replace").decode()  # lone surrogates have no tokens
        if control:
            return self._encode(text)
        tokens = [token for part in self._parts(text) for token in self._encode(part)]
        if self._control.isdisjoint(tokens):
            return tokens
        tokens = [token for character in text for token in self._encode(character)]
        return [token for token in tokens if token not in self._control]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens. Unfinished characters end as U+FFFD."""
        if not tokens:
            return ""
        with self._busy:
            return str(
                self._tokenizer.decode(
                    list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
                )
            )

    def _encode(self, text: str) -> list[int]:
        if not text:
            return []
        with self._busy:
            return list(self._tokenizer.encode(text, add_special_tokens=False))

    def _parts(self, text: str) -> list[str]:
        """The text, cut after the first character of every control token in it."""
        if self._cuts is None:
            return [text]
        starts = [match.start() + 1 for match in self._cuts.finditer(text)]
        return [text[a:b] for a, b in zip([0, *starts], [*starts, len(text)], strict=True)]


def _template(tokenizer: Any, added: Collection[str], name: str) -> str:
    source = tokenizer.chat_template
    if isinstance(source, dict):
        source = source.get("default")
    if source:
        return str(source)
    if {"<|im_start|>", "<|im_end|>"} <= set(added):
        return CHATML
    raise ModelUnusable(f"{name} carries no chat template: choose a chat model")


def _anywhere(tokens: Collection[str]) -> re.Pattern[str] | None:
    """Matches the beginning of any of them, overlapping ones too."""
    longer = sorted((token for token in tokens if len(token) > 1), key=len, reverse=True)
    return re.compile(f"(?={'|'.join(map(re.escape, longer))})") if longer else None
