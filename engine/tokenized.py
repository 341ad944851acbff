"""Texts as token ids, the last ones remembered, and the prompts that are made of them.

Knows: that each piece of a prompt becomes tokens alone, so that one prompt's tokens begin
another's. Does not know: any tokenizer; an engine gives its own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol

from engine.chat_template import Piece

_KEPT_TEXTS = 4096


class Tokenize(Protocol):
    """An engine's tokenizer. May raise an EngineError."""

    def __call__(self, text: str, *, control: bool) -> Awaitable[Sequence[int]]:
        """Token ids of a text. Control tokens in it count as such only with `control`."""


class Tokenized:
    """A tokenizer, asked once for each text. Labels are kept for good: they are nobody's words."""

    def __init__(self, tokenize: Tokenize) -> None:
        self._tokenize = tokenize
        self._known: OrderedDict[tuple[str, bool], tuple[int, ...]] = OrderedDict()
        self._labels: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """How many texts are remembered, labels aside."""
        return len(self._known)

    async def of(self, text: str, *, control: bool = False) -> tuple[int, ...]:
        """A text's token ids. Control tokens in it count as such only with `control`."""
        key = (whole(text), control)
        if key not in self._known:
            self._known[key] = tuple(await self._tokenize(key[0], control=control))
            if len(self._known) > _KEPT_TEXTS:
                self._known.popitem(last=False)
            return self._known[key]
        self._known.move_to_end(key)
        return self._known[key]

    async def label(self, label: str) -> tuple[int, ...]:
        """The token ids of a label."""
        if label not in self._labels:
            self._labels[label] = tuple(await self._tokenize(whole(label), control=False))
        return self._labels[label]

    async def labels(self, labels: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """The token ids of labels, which may be hundreds."""
        return {label: await self.label(label) for label in labels}

    async def prompt(self, pieces: Iterable[Piece], shared: int) -> tuple[list[int], int]:
        """A prompt's token ids, and how many of them are of its first `shared` messages."""
        ids: list[int] = []
        ends = 0
        for piece in pieces:
            ids.extend(await self.of(piece.text, control=piece.control))
            if piece.message < shared:
                ends = len(ids)
        return ids, ends

    def forget(self) -> None:
        """Forget all texts but the labels."""
        self._known.clear()


def whole(text: str) -> str:
    """The text without lone surrogates: they have no tokens, and no JSON that a server reads."""
    return text.encode("utf-8", "replace").decode()
