"""A memory that keeps the contract of `storage.store.Store`, in lists.

Knows: the questions that `bot` asks, and how to write them down (`log`). The real store has tests
of its own, and `tests/integration/bot` puts the two together.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from storage.errors import TurnGone
from storage.receipts import Part, Receipt
from storage.records import (
    COMMAND,
    Inbound,
    Label,
    Place,
    Received,
    State,
    Turn,
)
from tests.fake_moods import MemoryMoods
from tests.fake_reaching import MemoryReaching

FINAL = (State.ANSWERED, State.DECLINED, State.JOINED)
OPEN = (State.RECEIVED, State.ANSWERING)


class MemoryStore(MemoryMoods, MemoryReaching):
    """What `bot` asks of a Store, in lists. `broken` names questions that raise, and what; `slow`
    those that wait, and for what. `received` is released at each message, `waiting` at each wait.
    """

    def __init__(self, log: list[str] | None = None) -> None:
        super().__init__([] if log is None else log)
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.slow: dict[str, asyncio.Event] = {}
        self.received = asyncio.Semaphore(0)
        self.waiting = asyncio.Semaphore(0)
        self._conversations: dict[tuple[str, str, str], int] = {}
        self._ids = itertools.count(1)

    def state(self, turn_id: int = 1) -> State:
        return cast(State, self.turns[turn_id]["state"])

    def ending(self, turn_id: int = 1) -> tuple[State, str]:
        """How a turn ended: its state and the code of its failure."""
        return self.state(turn_id), self.turns[turn_id]["failure"]

    async def receive(self, inbound: Inbound) -> Received:
        self._asked("receive", inbound.message_id)
        await self._slowly("receive")
        self.received.release()
        key = (inbound.platform, inbound.chat_id, inbound.thread_id)
        place = self._conversations.setdefault(key, len(self._conversations) + 100)
        number = self._number(inbound.place)
        if number:
            return Received(self._turn(number), new=False)
        number = next(self._ids)
        row = {"in": inbound, "place": place, "state": State.RECEIVED, "at": self.now(), "tries": 0}
        row |= {"text": inbound.text, "joined": None, "reply": "", "label": None}
        self.turns[number] = row | {"note": "", "failure": ""}
        return Received(self._turn(number), new=True)

    async def begin(self, turn_id: int) -> Turn:
        self._asked("begin", turn_id)
        await self._slowly("begin")
        if turn_id not in self.turns:
            raise TurnGone(turn_id)
        if self._move(turn_id, State.ANSWERING):
            self.turns[turn_id]["tries"] += 1
        return replace(self._turn(turn_id), text=self._composed(turn_id))

    async def join(self, turn_id: int, into: int) -> bool:
        self._asked("join", f"{turn_id} {into}")
        await self._slowly("join")
        this, lead = self.turns.get(turn_id), self.turns.get(into)
        if this is None or lead is None or this is lead:
            return False
        if this["joined"] == into:
            return True
        if this["state"] in FINAL or lead["state"] not in OPEN:
            return False
        if (this["place"], self._who(this)) != (lead["place"], self._who(lead)):
            return False
        for row in self.turns.values():
            if row["joined"] == turn_id:
                row["joined"] = into
        return self._move(turn_id, State.JOINED, joined=into)

    async def edit(self, place: Place, text: str) -> Turn | None:
        self._asked("edit", place.message_id)
        await self._slowly("edit")
        number = self._number(place)
        lead = number and (self.turns[number]["joined"] or number)
        if not number or not lead or self.state(lead) in FINAL:
            return None
        if self.turns[number]["text"] == text:
            return None
        self.turns[number]["text"] = text
        return replace(self._turn(lead), text=self._composed(lead))

    async def words(self, turn_id: int) -> str:
        self._asked("words", turn_id)
        await self._slowly("words")
        if turn_id not in self.turns:
            raise TurnGone(turn_id)
        return self._composed(turn_id)

    async def complete(self, turn_id: int, reply: str, label: Label | None, note: str = "") -> bool:
        self._asked("complete", turn_id)
        await self._slowly("complete")
        text = self._composed(turn_id) if turn_id in self.turns else ""
        done = self._move(turn_id, State.ANSWERED, reply=reply, label=label, note=note)
        if done:
            self.turns[turn_id]["text"] = text
        return done

    async def replace_reply(self, turn_id: int, reply: str) -> bool:
        self._asked("replace_reply", turn_id)
        row = self.turns.get(turn_id)
        if row is None or row["state"] is not State.ANSWERED:
            return False
        row["reply"] = reply
        return True

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

    async def last_answered(
        self, platform: str, chat_id: str, thread_id: str, user_id: str
    ) -> Turn | None:
        self._asked("last_answered", user_id)
        place = self._conversations.get((platform, chat_id, thread_id))
        for number, row in reversed(self.turns.items()):
            open_ = row["state"] in (*OPEN, State.JOINED)
            command = (row["state"], row["failure"]) == (State.DECLINED, COMMAND)
            if row["place"] == place and not open_ and not command:
                theirs = row["in"].user_id == user_id and row["state"] is State.ANSWERED
                return self._turn(number) if theirs else None
        return None

    async def conversations_of(self, platform: str, user_id: str) -> list[int]:
        return sorted({self.turns[number]["place"] for number in self._of(platform, user_id)})

    async def forget(self, platform: str, user_id: str, part: Part = Part.EVERYTHING) -> Receipt:
        self._asked("forget", user_id)
        numbers = self._of(platform, user_id)
        gone = [] if part is Part.MOOD else [self.turns[number] for number in numbers]
        labels = sum(self.turns[number]["label"] is not None for number in numbers)
        messages = sum(not row["text"].lstrip().startswith("/") for row in gone)
        for number in numbers:
            self.turns[number].update(label=None, note="")
            if part is not Part.MOOD:
                del self.turns[number]
        if part is Part.EVERYTHING:
            self._forget_choices((platform, user_id))
        return Receipt(f"{platform}:{user_id}", messages, labels, 0, self.now(), "beef", part)

    def _of(self, platform: str, user_id: str) -> list[int]:
        return [n for n, row in self.turns.items() if self._who(row) == (platform, user_id)]

    def _number(self, place: Place) -> int | None:
        return next((n for n, row in self.turns.items() if row["in"].place == place), None)

    def _composed(self, turn_id: int) -> str:
        """The words of an open turn, with those of what joined it; of a final one, its own."""
        rows = [self.turns[turn_id]]
        if self.state(turn_id) not in FINAL:
            rows += [row for row in self.turns.values() if row["joined"] == turn_id]
        return "\n".join(row["text"] for row in rows if row["text"])

    async def _slowly(self, question: str) -> None:
        if question in self.slow:
            self.waiting.release()
            await self.slow[question].wait()

    def _move(self, turn_id: int, state: State, **values: object) -> bool:
        row = self.turns.get(turn_id)
        if row is None or row["state"] in FINAL:
            return False
        row.update(values, state=state)
        return True

    def _turn(self, number: int) -> Turn:
        row = self.turns[number]
        said: Inbound = row["in"]
        return Turn(
            number, row["place"], 1, said.message_id, row["text"], row["state"], said.language,
            row["note"], row["reply"], self._label(row), row["at"], row["tries"], row["joined"],
            said.user_name,
        )  # fmt: skip
