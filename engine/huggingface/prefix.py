"""What the model has already read, kept for the next time it is needed.

Knows: tokens and their keys and values, bytes. Does not know: text, persons (a conversation is an
opaque key), the model.

Two kinds. *Shared* prefixes hold persona and examples and nothing a person said: any prompt may
begin with one. What a *conversation* read after its shared prefix is found under its own key alone.
Both together are bounded: the conversation used least recently goes first, shared ones go last.
Lives on the model's thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from engine.huggingface.kv import Kv
from engine.slots import common_prefix


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    tokens: tuple[int, ...]
    kv: Kv


@dataclass(frozen=True, slots=True, eq=False)
class _Own:
    """A conversation's tokens, and what was read of them after `base`."""

    tokens: tuple[int, ...]
    base: _Shared | None
    kv: Kv

    def parts(self, length: int) -> tuple[Kv, ...]:
        """The first `length` tokens of it."""
        if self.base is None:
            return (self.kv.part(0, length),)
        start = len(self.base.tokens)
        if length <= start:
            return (self.base.kv.part(0, length),)
        return self.base.kv, self.kv.part(0, length - start)


class PrefixCache:
    """Finds the longest part of a prompt that need not be read again."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._shared: OrderedDict[tuple[int, ...], _Shared] = OrderedDict()
        self._own: OrderedDict[str, _Own] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """What is kept now."""
        own = sum(kept.kv.size_bytes for kept in self._own.values())
        return own + sum(kept.kv.size_bytes for kept in self._shared.values())

    def find(self, conversation: str, tokens: Sequence[int], shared: int) -> tuple[Kv, ...]:
        """What is held of a prompt, as parts that follow each other.

        Only its first `shared` tokens may come from others, and at least its last token is left to
        be read: the model answers to what it reads.
        """
        most = len(tokens) - 1
        own = self._own.get(conversation)
        own_length = min(common_prefix(own.tokens, tokens), most) if own else 0
        common, best = 0, None
        for kept in self._shared.values():
            length = min(common_prefix(kept.tokens, tokens[:shared]), most)
            if length > common:
                common, best = length, kept
        if own is not None and own_length >= common and own_length:
            self._own.move_to_end(conversation)
            return own.parts(own_length)
        if best is None:
            return ()
        self._shared.move_to_end(best.tokens)
        return (best.kv.part(0, common),)

    def knows(self, prefix: Sequence[int]) -> bool:
        """Whether this very shared prefix is held."""
        return tuple(prefix) in self._shared

    def learn(self, prefix: Sequence[int], kv: Kv) -> None:
        """Keep a shared prefix for everybody."""
        kept = _Shared(tuple(prefix), kv.copied())
        self._shared[kept.tokens] = kept
        self._make_room()

    def keep(self, conversation: str, tokens: Sequence[int], shared: int, kv: Kv) -> None:
        """Keep what a conversation has read, in place of what was kept of it. No key, no trace."""
        if not conversation:
            return
        base = self._base(tokens[:shared])
        start = len(base.tokens) if base else 0
        own = kv.part(start, kv.length).copied()
        self._own[conversation] = _Own(tuple(tokens[: kv.length]), base, own)
        self._own.move_to_end(conversation)
        self._make_room()

    def forget(self, conversation: str) -> None:
        """Drop what is kept under a key."""
        self._own.pop(conversation, None)

    def clear(self) -> None:
        """Drop everything."""
        self._own.clear()
        self._shared.clear()

    def _base(self, prefix: Sequence[int]) -> _Shared | None:
        held = [s for s in self._shared.values() if s.tokens == tuple(prefix[: len(s.tokens)])]
        return max(held, key=lambda s: len(s.tokens), default=None)

    def _make_room(self) -> None:
        size = self.size_bytes
        while size > self._limit and self._own:
            size -= self._own.popitem(last=False)[1].kv.size_bytes
        while size > self._limit and self._shared:
            size -= self._shared.popitem(last=False)[1].kv.size_bytes
