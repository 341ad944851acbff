"""Prompts and texts as token ids, made by the server's own tokenizer.

Knows: the endpoints for tokens of llama.cpp, vLLM and SGLang. Does not know: labels, replies.

A person's words must stay words. llama.cpp is told so (`parse_special: false`). A Hugging Face
tokenizer reads `<|im_end|>` as the end of a turn wherever it stands, so what looks like a control
token is cut behind its first bracket and both parts are tokenised alone: the model then sees the
same characters, and no control token.

Sources: github.com/ggml-org/llama.cpp tools/server/README.md (POST /tokenize, /apply-template);
docs.vllm.ai "OpenAI-Compatible Server" (Tokenizer API: /tokenize, /detokenize);
docs.sglang.io "SGLang Native APIs" (/tokenize, /detokenize).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.base import Message, Prompt
from engine.chat_template import ChatTemplate, TemplateUnusable
from engine.remote.abilities import Abilities, Tokenizer
from engine.remote.errors import NotTheApi
from engine.remote.server import Server
from engine.remote.template import ServedTemplate
from engine.tokenized import Tokenized, whole

_LIKE_CONTROL = re.compile(r"([<\[])(?=[^\s<>\[\]]{1,64}[>\]])")
"""`<|im_end|>`, `</s>`, `<start_of_turn>`, `[INST]`: the bracket that would open one."""

_DENSE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]"  # CJK, kana, hangul
)


class Tokens:
    """A server's tokenizer, and what else it makes of tokens and messages."""

    def __init__(self, server: Server, model: str, kind: Tokenizer) -> None:
        self._server = server
        self._model = model
        self._kind = kind
        self.texts = Tokenized(self._tokenize)

    async def of(self, text: str, *, control: bool = False) -> tuple[int, ...]:
        """A text's token ids. Control tokens in it count as such only with `control`.

        Raises:
            EngineError: as `Server.post`.
        """
        return await self.texts.of(text, control=control)

    async def text_of(self, ids: Sequence[int]) -> str:
        """The text of token ids, control tokens included."""
        body = {"model": self._model, "tokens": list(ids), "skip_special_tokens": False}
        answer = await self._server.post("/detokenize", body, native=True)
        # llama.cpp calls it content, vLLM prompt, SGLang text.
        for key in ("content", "prompt", "text"):
            if isinstance(answer, dict) and isinstance(answer.get(key), str):
                return str(answer[key])
        raise NotTheApi(self._server.url)

    async def render(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Chat messages as the server's template writes them, the next answer begun.

        Raises:
            TemplateUnusable: where a server drops control tokens on the way back to text, say.
        """
        body: dict[str, Any] = {
            "model": self._model,
            "messages": list(messages),
            "chat_template_kwargs": {"enable_thinking": False},
        }
        if self._kind is Tokenizer.LLAMA:
            answer = await self._server.post("/apply-template", body, native=True)
            if isinstance(answer, dict) and isinstance(answer.get("prompt"), str):
                return str(answer["prompt"])
            raise NotTheApi(self._server.url)
        body |= {"add_generation_prompt": True, "add_special_tokens": False}
        ids = await self._ids("/tokenize", body)
        rendered = await self.text_of(ids)
        if await self.of(rendered, control=True) != tuple(ids):
            raise TemplateUnusable("the server's tokens do not come back as they went")
        return rendered

    async def _tokenize(self, text: str, *, control: bool) -> list[int]:
        parts = [text] if control or self._kind is Tokenizer.LLAMA else plain_parts(text)
        return [token for part in parts for token in await self._ask(part, control)]

    async def _ask(self, text: str, control: bool) -> list[int]:
        if not text:
            return []
        if self._kind is Tokenizer.LLAMA:
            special = {"parse_special": control, "add_special": False}
            body: dict[str, Any] = {"model": self._model, "content": text, **special}
        else:
            body = {"model": self._model, "prompt": text, "add_special_tokens": False}
        return await self._ids("/tokenize", body)

    async def _ids(self, path: str, body: Mapping[str, Any]) -> list[int]:
        answer = await self._server.post(path, body, native=True)
        ids = answer.get("tokens") if isinstance(answer, dict) else None
        if not isinstance(ids, list) or not all(isinstance(token, int) for token in ids):
            raise NotTheApi(self._server.url)
        return ids


class PromptTokens:
    """Prompts as token ids: the template's pieces, each tokenised alone, as `engine.llamacpp`."""

    def __init__(self, tokens: Tokens, abilities: Abilities) -> None:
        self._tokens = tokens
        self._template: ChatTemplate | ServedTemplate
        try:
            self._template = ChatTemplate(
                abilities.template, bos_token=abilities.bos, eos_token=abilities.eos
            )
        except TemplateUnusable:  # not shown, or with constructs that only the server knows
            self._template = ServedTemplate(tokens.render, folds_system=abilities.folds_system)

    async def of(self, prompt: Prompt) -> tuple[list[int], int]:
        """The prompt's tokens, and how many of them belong to its shared messages."""
        messages = tuple(_whole_message(message) for message in prompt.messages)
        pieces = (
            self._template.pieces(messages)
            if isinstance(self._template, ChatTemplate)
            else await self._template.pieces(messages)
        )
        return await self._tokens.texts.prompt(pieces, prompt.shared)


def plain_parts(text: str) -> list[str]:
    """The text, cut so that no part of it holds a whole control token."""
    pieces = _LIKE_CONTROL.split(text)
    # split() gives text, bracket, text, bracket, text: a bracket ends the part in front of it.
    parts = [a + b for a, b in zip(pieces[::2], [*pieces[1::2], ""], strict=True)]
    return [part for part in parts if part]


def estimate(text: str) -> int:
    """More tokens than an ordinary text takes, where no tokenizer can be asked.

    A third of a token for an ASCII letter or a blank, one for any other ASCII character and for
    one of CJK, and one a byte for the rest, as a byte-level vocabulary takes at worst. English
    and Chinese take about 0.25 and 0.6 a character with Qwen2.5's vocabulary.
    """
    thirds = 0
    for character in whole(text):
        if character.isascii():
            thirds += 1 if character.isalpha() or character == " " else 3
        elif _DENSE.match(character):
            thirds += 3
        else:
            thirds += 3 * len(character.encode())
    return -(-thirds // 3)


def _whole_message(message: Message) -> Message:
    return Message(
        message.role, whole(message.content), tuple(whole(piece) for piece in message.opening)
    )
