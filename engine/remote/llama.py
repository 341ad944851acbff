"""llama.cpp's own completions endpoint, and which of its slots holds whose conversation.

Knows: POST /completion, the fields that answer it, slots. Does not know: labels, retries, text.

The server chooses the slot, by the longest common prefix; its answers tell which. A slot can be
erased where the server runs with --slot-save-path. Copies of it that the server keeps in memory
(--cache-ram) cannot: they go when others need their place.

Source: github.com/ggml-org/llama.cpp tools/server/README.md (POST /completion, /slots).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from engine.base import EngineError, EngineFailed
from engine.remote.errors import Refused
from engine.remote.server import Server

PATH = "/completion"
ANY_SLOT = -1


class LlamaSlots:
    """Asks llama.cpp, and remembers whose prompt each slot has read last."""

    def __init__(self, server: Server, model: str) -> None:
        self._server = server
        self._model = model
        self._holds: dict[int, str] = {}

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request of `engine.llama_requests` as this endpoint takes it."""
        return {**request, "model": self._model, "n_predict": request["max_tokens"]}

    async def shares(self, request: Mapping[str, Any], conversation: str) -> dict[int, float]:
        """The probabilities that a `branch` request leaves to its tokens.

        Raises:
            EngineFailed: the answer tells none.
        """
        answer = await self._ask(request, conversation)
        try:
            rows = answer["completion_probabilities"][0]["top_probs"]
            return {int(row["id"]): float(row["prob"]) for row in rows}
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise EngineFailed(f"{self._server.url} told no probabilities") from error

    async def forced(self, request: Mapping[str, Any], conversation: str) -> float:
        """The log-probability that a `forced` request's token has by itself. Errors as `shares`."""
        answer = await self._ask(request, conversation)
        try:
            return float(answer["completion_probabilities"][0]["logprob"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise EngineFailed(f"{self._server.url} told no probabilities") from error

    async def _ask(self, request: Mapping[str, Any], conversation: str) -> Any:
        answer = await self._server.ask(PATH, self.body(request), native=True)
        self.learn(answer, conversation)
        return answer

    def learn(self, answer: Any, conversation: str) -> None:
        """Remember the slot that an answer, or a part of one, came from."""
        slot = answer.get("id_slot") if isinstance(answer, Mapping) else None
        if isinstance(slot, int) and slot >= 0:
            self._holds[slot] = conversation

    async def erase(self, conversation: str) -> None:
        """Empty the slots that hold a conversation. Not being allowed to is no error."""
        for slot in [s for s, held in self._holds.items() if held == conversation]:
            del self._holds[slot]
            with suppress(EngineError):
                await self._server.post(f"/slots/{slot}?action=erase", {}, native=True)


async def erases(server: Server) -> bool:
    """Whether slots may be erased: else llama.cpp answers 501 to any action, known or not."""
    try:
        await server.post("/slots/0?action=none", {}, native=True)
    except Refused as error:
        return error.status == 400
    except EngineFailed:
        return False
    return False
