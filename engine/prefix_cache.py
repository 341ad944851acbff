"""What the model has already read, kept for the next time it is needed.

Knows: slot states as files; which prefix they belong to. Does not know: text, templates, persons
(a conversation is an opaque key).

Two kinds of state. *Shared* ones hold persona and examples and nothing a person said: they are read
once, stay on disk between runs, and are put into any slot in milliseconds. *Parked* ones hold a
conversation whose slot another one needs: they live in memory only, are bounded in bytes, the least
recently used goes first, and `forget` deletes them.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.base import EngineError
from engine.slots import Slot, common_prefix
from engine.worker import Worker

_WORTH_PARKING_TOKENS = 32
_KEPT_PREFIXES = 8

log = logging.getLogger(__name__)


class SlotStates(Protocol):
    """The part of a model server that moves slot states; see `engine.llama_server`."""

    states: Path

    def save(self, slot: int, name: str) -> None: ...
    def restore(self, slot: int, name: str) -> None: ...
    def erase(self, slot: int) -> None: ...


@dataclass(frozen=True, slots=True)
class _Parked:
    name: str
    tokens: tuple[int, ...]
    size: int


class PrefixCache:
    """Brings a slot as close to a prompt as any state at hand allows."""

    def __init__(
        self,
        server: SlotStates,
        worker: Worker,
        *,
        fingerprint: str,
        folder: Path | None,
        parked_bytes: int,
    ) -> None:
        """`fingerprint` names model and library: a state fits no other. `folder` keeps shared
        states between runs; None keeps none."""
        self._server = server
        self._worker = worker
        self._fingerprint = fingerprint
        self._folder = folder
        self._limit = parked_bytes
        self._shared: dict[tuple[int, ...], str] = {}
        self._parked: OrderedDict[str, _Parked] = OrderedDict()
        self._parking: set[str] = set()

    async def prepare(
        self, slot: Slot, conversation: str, tokens: Sequence[int], shared: int
    ) -> None:
        """Make the slot hold the longest known prefix of `tokens`, parking what it held."""
        if slot.conversation != conversation:
            await self._park(slot)
        held = slot.common_prefix(tokens)
        parked = self._parked.pop(conversation, None)
        if parked is not None:
            if common_prefix(parked.tokens, tokens) > held and await self._restore(
                slot, parked.name
            ):
                held = common_prefix(parked.tokens, tokens)
            await self._worker.run(self._delete, parked.name)
        prefix = tuple(tokens[:shared])
        name = self._shared.get(prefix) if held < shared else None
        if name is not None and not await self._restore(slot, name):
            del self._shared[prefix]
            await self._worker.run(self._drop, name)
        slot.conversation, slot.tokens, slot.shared = conversation, tuple(tokens), shared

    async def knows(self, prefix: Sequence[int]) -> bool:
        """Whether a shared prefix is at hand, from this run or an earlier one."""
        key = tuple(prefix)
        if key in self._shared:
            return True
        name = self._name(prefix)
        if self._folder is None or not await self._worker.run(self._fetch, name):
            return False
        self._shared[key] = name
        return True

    async def learn(self, slot: Slot, prefix: Sequence[int]) -> None:
        """Keep the state of a slot that holds exactly this shared prefix."""
        name = self._name(prefix)
        if await self._save(slot, name):
            self._shared[tuple(prefix)] = name
            await self._worker.run(self._keep, name)

    async def forget(self, conversation: str) -> None:
        """Delete a conversation's parked state."""
        self._parking.discard(conversation)
        parked = self._parked.pop(conversation, None)
        if parked is not None:
            await self._worker.run(self._delete, parked.name)

    async def _park(self, slot: Slot) -> None:
        own_tokens = len(slot.tokens) - slot.shared
        if not slot.conversation or self._limit <= 0 or own_tokens < _WORTH_PARKING_TOKENS:
            return
        conversation, tokens = slot.conversation, slot.tokens
        name = hashlib.sha256(conversation.encode()).hexdigest()[:32]
        self._parking.add(conversation)
        saved = await self._save(slot, name)
        if not saved or conversation not in self._parking:  # forgotten while it was being saved
            await self._worker.run(self._delete, name)
            return
        self._parking.discard(conversation)
        size = await self._worker.run(self._size, name)
        self._parked[conversation] = _Parked(name, tokens, size)
        while sum(p.size for p in self._parked.values()) > self._limit:
            _, oldest = self._parked.popitem(last=False)
            await self._worker.run(self._delete, oldest.name)

    async def _save(self, slot: Slot, name: str) -> bool:
        return await self._attempt(self._server.save, slot.number, name)

    async def _restore(self, slot: Slot, name: str) -> bool:
        return await self._attempt(self._server.restore, slot.number, name)

    async def _attempt(self, move: Callable[[int, str], None], slot: int, name: str) -> bool:
        """A state that cannot be moved costs time, never a reply."""
        try:
            await self._worker.run(move, slot, name)
        except EngineError as error:
            log.warning("a cached prefix could not be moved: %s", error)
            return False
        return True

    def _name(self, prefix: Sequence[int]) -> str:
        identity = f"{self._fingerprint}:{','.join(map(str, prefix))}"
        return hashlib.sha256(identity.encode()).hexdigest()[:32] + ".state"

    def _size(self, name: str) -> int:
        return (self._server.states / name).stat().st_size

    def _delete(self, name: str) -> None:
        (self._server.states / name).unlink(missing_ok=True)

    def _drop(self, name: str) -> None:
        """A state that cannot be read is read anew, now and at the next start."""
        self._delete(name)
        if self._folder is not None:
            (self._folder / name).unlink(missing_ok=True)

    def _fetch(self, name: str) -> bool:
        assert self._folder is not None  # noqa: S101 - `knows` asks only then
        try:
            shutil.copyfile(self._folder / name, self._server.states / name)
        except OSError:
            return False
        return True

    def _keep(self, name: str) -> None:
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{name}.part"
            shutil.copyfile(self._server.states / name, part)
            part.replace(self._folder / name)
            kept = sorted(self._folder.glob("*.state"), key=lambda p: p.stat().st_mtime)
            for old in kept[:-_KEPT_PREFIXES]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the shared prefix is not kept for the next start: %s", error.strerror)
