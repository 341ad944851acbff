"""A memory that keeps the contract of `storage.store.Store`, in lists.

Knows: the questions that `bot` asks, and how to write them down (`log`). The real store has tests
of its own, and `tests/integration/bot` puts the two together.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from storage.errors import TurnGone
from storage.records import Inbound, Label, Mood, Receipt, Received, State, Turn


class MemoryStore:
    """What `bot` asks of a Store, in lists. `broken` names questions that raise, and what;
    `received` is released at each message."""

    def __init__(self, log: list[str] | None = None) -> None:
        self.log = [] if log is None else log
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.turns: dict[int, dict[str, Any]] = {}
        self.languages: dict[tuple[str, str], str] = {}
        self.broken: dict[str, Exception] = {}
        self.received = asyncio.Semaphore(0)
        self._conversations: dict[tuple[str, str, str], int] = {}
        self._ids = itertools.count(1)

    def state(self, turn_id: int = 1) -> State:
        return cast(State, self.turns[turn_id]["state"])

    async def receive(self, inbound: Inbound) -> Received:
        self._asked("receive", inbound.message_id)
        self.received.release()
        key = (inbound.platform, inbound.chat_id, inbound.thread_id)
        place = self._conversations.setdefault(key, len(self._conversations) + 100)
        for number, row in self.turns.items():
            if (row["place"], row["in"].message_id) == (place, inbound.message_id):
                return Received(self._turn(number), new=False)
        number = next(self._ids)
        row = {"in": inbound, "place": place, "state": State.RECEIVED, "at": self.now(), "tries": 0}
        self.turns[number] = row | {"reply": "", "label": None, "note": "", "failure": ""}
        return Received(self._turn(number), new=True)

    async def begin(self, turn_id: int) -> Turn:
        self._asked("begin", turn_id)
        if turn_id not in self.turns:
            raise TurnGone(turn_id)
        if self._move(turn_id, State.ANSWERING):
            self.turns[turn_id]["tries"] += 1
        return self._turn(turn_id)

    async def complete(self, turn_id: int, reply: str, label: Label | None, note: str = "") -> bool:
        self._asked("complete", turn_id)
        return self._move(turn_id, State.ANSWERED, reply=reply, label=label, note=note)

    async def fail(self, turn_id: int, failure: str) -> bool:
        self._asked("fail", turn_id)
        return self._move(turn_id, State.FAILED, failure=failure)

    async def decline(self, turn_id: int, failure: str, reply: str = "") -> bool:
        self._asked("decline", turn_id)
        return self._move(turn_id, State.DECLINED, failure=failure, reply=reply)

    async def history(self, conversation_id: int, before: int, limit: int) -> list[Turn]:
        self._asked("history", before)
        found = [self._turn(n) for n, row in self.turns.items() if row["place"] == conversation_id]
        answered = [t for t in found if t.id < before and t.state is State.ANSWERED and t.reply]
        return answered[-limit:] if limit > 0 else []

    async def moods(
        self, platform: str, user_id: str, since: datetime, conversation_id: int | None = None
    ) -> list[Mood]:
        self._asked("moods", conversation_id or "all")
        return [
            Mood(row["in"].sent_at, row["label"].valence, row["label"].confidence, "")
            for row in self.turns.values()
            if (row["in"].platform, row["in"].user_id) == (platform, user_id)
            and conversation_id in (None, row["place"])
            and row["label"]
            and row["in"].sent_at >= since
        ]

    async def language(self, platform: str, user_id: str) -> str:
        return self.languages.get((platform, user_id), "")

    async def conversations_of(self, platform: str, user_id: str) -> list[int]:
        return sorted({self.turns[number]["place"] for number in self._of(platform, user_id)})

    async def forget(self, platform: str, user_id: str) -> Receipt:
        self._asked("forget", user_id)
        gone = [self.turns.pop(number) for number in self._of(platform, user_id)]
        labels = sum(row["label"] is not None for row in gone)
        return Receipt(f"{platform}:{user_id}", len(gone), labels, 0, self.now(), "beef")

    def _of(self, platform: str, user_id: str) -> list[int]:
        who = (platform, user_id)
        return [n for n, r in self.turns.items() if (r["in"].platform, r["in"].user_id) == who]

    def _asked(self, question: str, about: object) -> None:
        self.log.append(f"{question} {about}")
        if question in self.broken:
            raise self.broken[question]

    def _move(self, turn_id: int, state: State, **values: object) -> bool:
        row = self.turns.get(turn_id)
        if row is None or row["state"] in (State.ANSWERED, State.DECLINED):
            return False
        row.update(values, state=state)
        return True

    def _turn(self, number: int) -> Turn:
        row = self.turns[number]
        said: Inbound = row["in"]
        label = row["label"].label if row["label"] else ""
        return Turn(
            number, row["place"], 1, said.message_id, said.text, row["state"], said.language,
            row["note"], row["reply"], label, row["at"], row["tries"],
        )  # fmt: skip
