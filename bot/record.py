"""Where a turn is written down: in the store, or nowhere.

Knows: both ways behind one shape, so that `bot.chat` reads the same. Does not know: what is said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from adapters.messages import IncomingMessage
from bot.prompt import Exchange
from bot.responder import Responder, tell
from bot.stored import exchange, inbound, label
from bot.trends import Point
from engine.tasks import Scores
from storage.records import Received, State, Turn

if TYPE_CHECKING:
    from storage.store import Store


OVER = (State.ANSWERED, State.DECLINED, State.JOINED)
"""Nothing more will be answered to a turn in one of these."""


class Record(Protocol):
    """What a turn needs of the memory."""

    async def receive(self, message: IncomingMessage, language: str) -> Received: ...
    async def begin(self, turn: Turn) -> Turn: ...
    async def join(self, turn: Turn, lead: Turn) -> bool: ...
    async def words(self, turn: Turn) -> str: ...
    async def history(self, before: int, turn: Turn, limit: int) -> Sequence[Exchange]: ...
    async def moods(self, message: IncomingMessage, turn: Turn, since: datetime) -> list[Point]: ...
    async def complete(self, turn: Turn, reply: str, scores: Scores | None, note: str) -> bool: ...
    async def fail(self, turn: Turn, failure: str) -> None: ...
    async def decline(self, turn: Turn, failure: str) -> None: ...
    async def note_crisis(self, message: IncomingMessage, kind: str) -> None: ...
    async def last_crisis(self, message: IncomingMessage) -> tuple[datetime, str] | None: ...
    async def alert(self, message: IncomingMessage, kind: str) -> bool: ...


class StoredRecord:
    """Everything is written down; `bot.retention` ends it. Moods only while `with_moods` says so.

    It is asked each time: a person may say no while their message waits for its answer.
    """

    def __init__(
        self,
        store: Store,
        with_moods: Callable[[], Awaitable[bool]],
        responder: Responder | None = None,
    ) -> None:
        self._store = store
        self._with_moods = with_moods
        self._responder = responder

    async def receive(self, message: IncomingMessage, language: str) -> Received:
        """Write the message down before anything else; `new` for exactly one caller."""
        return await self._store.receive(inbound(message, language))

    async def begin(self, turn: Turn) -> Turn:
        """The turn is being answered. It comes back as it is now: it may be over already."""
        return await self._store.begin(turn.id)

    async def join(self, turn: Turn, lead: Turn) -> bool:
        """Let `lead` answer for this turn too. False: it is answered on its own."""
        return await self._store.join(turn.id, lead.id)

    async def words(self, turn: Turn) -> str:
        """The turn's words as they are now, with those of what joined it."""
        return await self._store.words(turn.id)

    async def history(self, before: int, turn: Turn, limit: int) -> Sequence[Exchange]:
        """The answered turns of the turn's conversation with an id below `before`, oldest first."""
        turns = await self._store.history(turn.conversation_id, before=before, limit=limit)
        return [exchange(t) for t in turns]

    async def moods(self, message: IncomingMessage, turn: Turn, since: datetime) -> list[Point]:
        """The person's moods in this conversation alone: a scope feeds only itself.

        What they set right they said in private: it counts where nobody else reads the answer.
        """
        if not await self._with_moods():
            return []
        person = message.person
        moods = await self._store.moods(
            person.platform, person.user_id, since, turn.conversation_id, corrected=message.private
        )
        return [(mood.at, mood.valence) for mood in moods]

    async def complete(self, turn: Turn, reply: str, scores: Scores | None, note: str) -> bool:
        """Reply and label, in one transaction. False: the person was forgotten meanwhile."""
        kept = label(scores) if scores and await self._with_moods() else None
        return await self._store.complete(turn.id, reply, kept, note=note)

    async def fail(self, turn: Turn, failure: str) -> None:
        """No answer came."""
        await self._store.fail(turn.id, failure)

    async def decline(self, turn: Turn, failure: str) -> None:
        """No answer will come."""
        await self._store.decline(turn.id, failure)

    async def note_crisis(self, message: IncomingMessage, kind: str) -> None:
        """That the person was given the fixed answer to a danger, and when; never their words."""
        person = message.person
        await self._store.note_crisis(person.platform, person.user_id, kind, datetime.now(UTC))

    async def last_crisis(self, message: IncomingMessage) -> tuple[datetime, str] | None:
        """When the person was last given such an answer, and to which kind of danger."""
        return await self._store.last_crisis(message.person.platform, message.person.user_id)

    async def alert(self, message: IncomingMessage, kind: str) -> bool:
        """Tell the responder, where the person allowed that: whether it is written."""
        return await tell(self._store, self._responder, message, kind)


class RetryRecord(StoredRecord):
    """Another answer for a turn that has one: it takes that one's place, or nothing changes."""

    async def begin(self, turn: Turn) -> Turn:
        """The turn as if it were new."""
        return replace(turn, state=State.ANSWERING, attempts=1, received_at=datetime.now(UTC))

    async def words(self, turn: Turn) -> str:
        """The turn's words: they are final."""
        return turn.text

    async def complete(self, turn: Turn, reply: str, scores: Scores | None, note: str) -> bool:
        """The new answer alone: its mood has been counted."""
        return await self._store.replace_reply(turn.id, reply)

    async def fail(self, turn: Turn, failure: str) -> None:
        """The old answer stays."""

    async def decline(self, turn: Turn, failure: str) -> None:
        """The old answer stays."""

    async def note_crisis(self, message: IncomingMessage, kind: str) -> None:
        """It was noted when it was said."""

    async def alert(self, message: IncomingMessage, kind: str) -> bool:
        """They were told when it was said."""
        return False


class CallerRecord:
    """Nothing is kept: the caller brings the history, and takes the answer."""

    async def receive(self, message: IncomingMessage, language: str) -> Received:
        """Always new: nothing is known of earlier messages."""
        return Received(_unkept(message, language), new=True)

    async def begin(self, turn: Turn) -> Turn:
        """Nothing to write down."""
        return turn

    async def join(self, turn: Turn, lead: Turn) -> bool:
        """Each message is answered on its own."""
        return False

    async def words(self, turn: Turn) -> str:
        """The message's own."""
        return turn.text

    async def history(self, before: int, turn: Turn, limit: int) -> Sequence[Exchange]:
        """None of ours; see `given`."""
        return []

    async def moods(self, message: IncomingMessage, turn: Turn, since: datetime) -> list[Point]:
        """None are kept."""
        return []

    async def complete(self, turn: Turn, reply: str, scores: Scores | None, note: str) -> bool:
        """Nothing to write down."""
        return True

    async def fail(self, turn: Turn, failure: str) -> None:
        """Nothing to write down."""

    async def decline(self, turn: Turn, failure: str) -> None:
        """Nothing to write down."""

    async def note_crisis(self, message: IncomingMessage, kind: str) -> None:
        """Nothing to write down."""

    async def last_crisis(self, message: IncomingMessage) -> tuple[datetime, str] | None:
        """None is kept."""
        return None

    async def alert(self, message: IncomingMessage, kind: str) -> bool:
        """Nobody is told of what is not written down."""
        return False


def given(message: IncomingMessage) -> list[Exchange]:
    """The history that came with the message."""
    return [
        Exchange(id=number, person=person, reply=reply)
        for number, (person, reply) in enumerate(message.history)
    ]


def _unkept(message: IncomingMessage, language: str) -> Turn:
    return Turn(
        id=0,
        conversation_id=0,
        person_id=0,
        message_id=message.message_id,
        text=message.text,
        state=State.RECEIVED,
        language=language,
        note="",
        reply="",
        label="",
        received_at=datetime.now(UTC),
        attempts=0,
        speaker=message.person.name,
    )
